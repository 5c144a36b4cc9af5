"""What a deployment decides, read from the environment. Imports nothing of the portal.

Every name below is documented in docs/deploy.md. A setting that is missing or wrong stops the start
with a sentence that names it.
"""

import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from config import metrics
from config.audit import audit
from config.database import engine_options
from config.errors import SettingError
from config.files import files
from config.mail import mail, whole

ROOT = Path(__file__).parents[1]
MODES = ("production", "demo", "test")
SHORTEST_SECRET = 32
#: Seconds: what the database makes of anything longer, see portal/access/rows/sign_in.sql.
LONGEST_IDLE, LONGEST_SESSION = 3600, 43_200
#: What processes that serve need and most commands do not; one that does says so (`portal.commands.needed`).
_OF_SERVING = {
    "DATABASE_URL": "postgresql+psycopg:///not-set",
    "PORTAL_ADDRESS": "https://not-set.invalid",
}


def for_process() -> dict[str, Any]:
    """Flask's configuration for this process: one that serves, or a command of Flask's, which needs less.

    Raises:
        SettingError: names the setting and what it should be.
    """
    # Flask says so to its commands before it loads the application.
    is_command = os.getenv("FLASK_RUN_FROM_CLI") == "true"
    return for_command() if is_command else from_environment()


def for_command(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Flask's configuration for a command, which may run where little is set.

    `NOT_SET` names what is missing of that which a process that serves needs.

    Raises:
        SettingError: a setting is there and wrong.
    """
    env = dict(os.environ if environment is None else environment)
    keys = {name: secrets.token_urlsafe(SHORTEST_SECRET) for name in ("SECRET_KEY", "SEARCH_HASH_KEY")}
    stand_ins = {**_OF_SERVING, **keys}
    missing = frozenset(name for name in stand_ins if not env.get(name))
    return from_environment(env | {name: stand_ins[name] for name in missing}) | {"NOT_SET": missing}


def from_environment(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Flask's configuration, from `environment` (by default the process's own).

    Raises:
        SettingError: names the setting and what it should be.
    """
    env = os.environ if environment is None else environment
    mode = env.get("PORTAL_MODE", "production")
    if mode not in MODES:
        raise SettingError(f"PORTAL_MODE is {mode!r}: use one of {', '.join(MODES)}")
    secret, before = env.get("SECRET_KEY", ""), env.get("SECRET_KEY_BEFORE", "")
    if len(secret) < SHORTEST_SECRET:
        raise SettingError(f"SECRET_KEY needs at least {SHORTEST_SECRET} characters")
    if before and len(before) < SHORTEST_SECRET:
        raise SettingError(f"SECRET_KEY_BEFORE needs at least {SHORTEST_SECRET} characters, or none")
    secure = mode == "production" or env.get("PORTAL_HTTPS") == "1"
    return {
        "PORTAL_MODE": mode,
        "SECRET_KEY": secret,
        "SECRET_KEY_FALLBACKS": [before] if before else [],
        "SQLALCHEMY_DATABASE_URI": _database(env, "DATABASE_URL", "portal_app"),
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(int(env.get("DATABASE_POOL", "5"))),
        "DATABASE_OWNER_URL": env.get("DATABASE_OWNER_URL"),
        "DATABASE_SIGN_IN_URL": env.get("DATABASE_SIGN_IN_URL"),
        "DATABASE_WORKER_URL": env.get("DATABASE_WORKER_URL"),
        "DATABASE_DOCUMENTS_URL": env.get("DATABASE_DOCUMENTS_URL"),
        **audit(env, mode),
        "SERVICE_NAME": env.get("SERVICE_NAME", "Derby and Derbyshire CRE portal"),
        "POLICY_DIRECTORY": Path(env.get("POLICY_DIRECTORY", str(ROOT / "config" / "policy"))),
        "PORTAL_ADDRESS": _address(env, mode),
        "ALLOW_HTTP_PROVIDERS": mode != "production",
        "OIDC_SECRETS": {name: value for name, value in env.items() if name.startswith("OIDC_SECRET_")},
        "PORTAL_SESSION_COOKIE": "__Host-portal" if secure else "portal",
        "PORTAL_COOKIES_SECURE": secure,
        "SESSION_IDLE_SECONDS": _lasts(
            "SESSION_IDLE_SECONDS", env.get("SESSION_IDLE_SECONDS", "1800"), LONGEST_IDLE
        ),
        "SESSION_ABSOLUTE_SECONDS": _lasts(
            "SESSION_ABSOLUTE_SECONDS", env.get("SESSION_ABSOLUTE_SECONDS", "43200"), LONGEST_SESSION
        ),
        "SESSION_COOKIE_NAME": "__Host-form" if secure else "form",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "PREFERRED_URL_SCHEME": "https" if secure else "http",
        "MAX_CONTENT_LENGTH": 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "WTF_CSRF_TIME_LIMIT": None,  # lasts as long as the session that it belongs to
        "WTF_CSRF_SSL_STRICT": False,  # the Referer says too little: portal/access/form_tokens.py
        "WORKER_SILENCE": timedelta(
            minutes=whole("WORKER_SILENCE_MINUTES", env.get("WORKER_SILENCE_MINUTES", "5"))
        ),
        "METRICS_BIND": metrics.address(env, metrics.WORKER_PORT),
        "TRUSTED_PROXIES": int(env.get("TRUSTED_PROXIES", "0")),
        "TEMPLATES_AUTO_RELOAD": False,
        **files(env),
        **mail(env, mode),
    }


def _database(env: Mapping[str, str], name: str, role: str) -> str:
    url = env.get(name, "")
    if not url.startswith("postgresql+psycopg://"):
        raise SettingError(f"{name} is missing or not postgresql+psycopg://…: the address for role {role}")
    return url


def _lasts(name: str, value: str, longest: int) -> int:
    """How long a session lasts."""
    seconds = whole(name, value)
    if seconds > longest:
        raise SettingError(f"{name} is {seconds}: a session lasts at most {longest}")
    return seconds


def _address(env: Mapping[str, str], mode: str) -> str:
    """Where people find the portal: what identity providers and invitations lead back to."""
    address = env.get("PORTAL_ADDRESS", "" if mode == "production" else "http://localhost").rstrip("/")
    if not address.startswith("https://") and mode == "production":
        raise SettingError("PORTAL_ADDRESS is missing or not https://…: the address that people open")
    return address
