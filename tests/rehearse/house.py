"""The portal as a deployment runs it: two web nodes, two workers, the shipped proxy, a real provider."""

import json
import re
import secrets
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal.demo import processes
from tests.rehearse.authority import Authority
from tests.rehearse.machine import (
    NAME,
    PROVIDER_NAME,
    Broken,
    Processes,
    connected,
    free_port,
    listens,
    program,
    speaks_tls,
)
from tests.rehearse.pair import Pair
from tests.structure.source import ROOT

PROXY = ROOT / "docs" / "deploy" / "nginx.conf"
CLIENT = "cre-portal"
ACR = "https://refeds.org/profile/mfa"
_RELOAD_SECONDS, _DRAIN_SECONDS = 1, 40
WEB, WORKERS = ("web-1", "web-2"), ("worker-1", "worker-2")
#: What the run sets itself; whatever else a shell holds for the portal is left behind.
_OURS = re.compile(
    r"^(DATABASE_|SEARCH_|SMTP_|MAIL_|RETURN_|OIDC_|PORTAL_|SECRET_|WEB_|AUDIT_|SESSION_|CLAMAV_)"
)


@dataclass
class House:
    """Everything but the database and its content."""

    folder: Path
    authority: Authority
    pair: Pair
    processes: Processes
    ports: dict[str, int] = field(default_factory=dict)
    secret: str = field(default_factory=lambda: secrets.token_hex(32))

    def __post_init__(self) -> None:
        for name in ("https", "http", "provider", *WEB):
            self.ports[name] = free_port()

    @property
    def address(self) -> str:
        """What people open."""
        return f"https://{NAME}:{self.ports['https']}"

    @property
    def issuer(self) -> str:
        """The provider, by which the portal knows it."""
        return f"https://{PROVIDER_NAME}:{self.ports['provider']}"

    def settings(self) -> dict[str, str]:
        """As `docs/deploy.md` lists them; without a mail server messages wait."""
        return {
            "SECRET_KEY": self.secret,
            "SEARCH_HASH_KEY": self.secret[::2] + self.secret[1::2],
            "AUDIT_CHECKPOINTS": str(self.folder / "checkpoints"),
            "AUDIT_CHECKPOINT_KEY": self.secret[1::2] + self.secret[::2],
            "PORTAL_ADDRESS": self.address,
            "TRUSTED_PROXIES": "1",
            "DATABASE_URL": self.pair.url("portal_app"),
            "DATABASE_SIGN_IN_URL": self.pair.url("portal_sign_in"),
            "DATABASE_WORKER_URL": self.pair.url("portal_worker"),
            "OIDC_SECRET_PARTNERSHIP": self.secret[::-1],
            "REQUESTS_CA_BUNDLE": str(self.authority.certificate),
            "SSL_CERT_FILE": str(self.authority.certificate),
        }

    def upgrade(self) -> None:
        """Make the tables and their rules."""
        self._flask("upgrade", "db", "upgrade", DATABASE_OWNER_URL=self.pair.url("portal_owner"))

    def serve_sign_in(self, codes: list[str], people: list[dict[str, str]]) -> None:
        """Start the provider, which knows `people`; the portal calls it by one code for each agency."""
        certificate, key = self.authority.prove(PROVIDER_NAME)
        facts: dict[str, Any] = {
            "issuer": self.issuer,
            "port": self.ports["provider"],
            "certificate": str(certificate),
            "key": str(key),
            "client_id": CLIENT,
            "client_secret": self.secret[::-1],
            "redirect_uris": [f"{self.address}/sign-in/return/{code}" for code in codes],
            "post_logout_redirect_uris": [f"{self.address}/signed-out"],
            "acr": ACR,
            "people": people,
        }
        written = self.folder / "provider.json"
        written.touch(mode=0o600)
        written.write_text(json.dumps(facts), encoding="utf-8")
        node = program("node") or "node"
        self.processes.start("provider", [node, ROOT / "tests" / "rehearse" / "provider.mjs", written])
        self.processes.wait_for("provider", lambda: listens(self.ports["provider"]))

    def start_workers(self) -> None:
        """Start what does things by the clock."""
        for name in WORKERS:
            self.processes.start(name, [*_FLASK, "worker"], **self.settings())

    def serve(self) -> None:
        """Start web nodes and the proxy."""
        for name in WEB:
            self.start_web(name)
        pages = self.folder / "proxy" / "error-pages"
        self._flask("error-pages", "error-pages", str(pages))
        self._start_proxy(pages.parent)
        for name in WEB:
            self.wait_for_web(name)

    def start_web(self, name: str) -> None:
        """Start one web node."""
        command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "wsgi:app"]
        bind = f"127.0.0.1:{self.ports[name]}"
        self.processes.start(name, command, **self.settings(), BIND=bind, WEB_WORKERS="2")

    def drain(self, name: str, *, on: bool = True) -> None:
        """Let the proxy send a node nothing more, and wait until it has answered what it took; or undo it.

        Raises:
            Broken: it goes on for longer than a request may take.
        """
        written, line = self.folder / "nginx.conf", f"server 127.0.0.1:{self.ports[name]} "
        text = written.read_text("utf-8").replace(f"{line}down ", line)
        written.write_text(text.replace(line, f"{line}down ") if on else text, encoding="utf-8")
        self.processes.signal("proxy", signal.SIGHUP)
        time.sleep(_RELOAD_SECONDS)
        if on and not processes.wait_until(
            lambda: not connected(self.ports[name]), seconds=_DRAIN_SECONDS, every=0.1
        ):
            raise Broken(f"{name} still has connections though the proxy sends it nothing")

    def stop_web(self, name: str, sign: signal.Signals = signal.SIGTERM) -> None:
        """Stop one in good order, or kill it."""
        self.processes.stop(name, sign)

    def wait_for_web(self, name: str) -> None:
        """Wait until a node that was started takes requests."""
        self.processes.wait_for(name, lambda: listens(self.ports[name]))

    def _start_proxy(self, root: Path) -> None:
        certificate, key = self.authority.prove(NAME)
        for path in (self.folder, root, *root.rglob("*")):  # its workers are somebody else
            path.chmod(0o755 if path.is_dir() else 0o644)
        written = self.folder / "nginx.conf"
        written.write_text(
            f"daemon off;\nmaster_process on;\npid {self.folder}/nginx.pid;\nerror_log stderr;\n"
            "worker_processes 1;\nevents {}\nhttp {\n"
            + "".join(
                f"{what}_temp_path {self.folder}/nginx-{what};\n"
                for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
            )
            + "types { text/html html; text/css css; image/svg+xml svg; }\n"
            + adapted(
                PROXY.read_text("utf-8"),
                https=self.ports["https"],
                http=self.ports["http"],
                web=[self.ports[name] for name in WEB],
                certificate=certificate,
                key=key,
                root=root,
                log=self.processes.log("proxy-requests"),
            )
            + "}\n",
            encoding="utf-8",
        )
        nginx = program("nginx") or "nginx"
        arguments: list[str | Path] = ["-c", written, "-p", self.folder, "-e", "stderr"]
        self.processes.run("proxy-check", [nginx, "-t", *arguments])
        self.processes.start("proxy", [nginx, *arguments])
        self.processes.wait_for("proxy", lambda: speaks_tls(self.ports["https"], self.authority.certificate))

    def _flask(self, name: str, *arguments: str, **more: str) -> None:
        self.processes.run(name, [*_FLASK, *arguments], **{**self.settings(), **more})


_FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")


def clean(environment: dict[str, str]) -> dict[str, str]:
    """What a shell holds, without what it holds for some portal or proxy."""
    kept = {name: value for name, value in environment.items() if not _OURS.match(name)}
    return {
        **{name: value for name, value in kept.items() if not name.lower().endswith("_proxy")},
        "NO_PROXY": "*",
        "no_proxy": "*",
        "PYTHONUNBUFFERED": "1",
    }


def adapted(
    text: str, *, https: int, http: int, web: list[int], certificate: Path, key: Path, root: Path, log: Path
) -> str:
    """The shipped example with this machine's ports, paths and name, and nothing else changed.

    Raises:
        Broken: the example no longer has a line that stands for one of them.
    """
    usual = iter((5000, 5001))
    changes = [
        (r" *listen \[::\]:\d+[^;]*;\n", ""),  # there may be no IPv6 here
        (r"listen 443 ", f"listen 127.0.0.1:{https} "),
        (r"listen 80 ", f"listen 127.0.0.1:{http} "),
        (r"https://portal\.example\.org\$", f"https://{NAME}:{https}$"),
        (r"server_name portal\.example\.org;", f"server_name {NAME};"),
        (r"/etc/ssl/portal/fullchain\.pem", str(certificate)),
        (r"/etc/ssl/portal/private\.pem", str(key)),
        (r"/var/log/nginx/portal\.log", str(log)),
        (r"root /var/lib/cre-portal;", f"root {root};"),
        *((rf"127\.0\.0\.1:{next(usual)} ", f"127.0.0.1:{port} ") for port in web),
    ]
    for pattern, replacement in changes:
        text, times = re.subn(pattern, replacement.replace("\\", r"\\"), text)
        if not times:
            raise Broken(f"docs/deploy/nginx.conf has nothing like {pattern}: adapt tests/rehearse/house.py.")
    return text


def host_of(address: str) -> tuple[str, int]:
    """Name and port of an address."""
    parts = urlsplit(address)
    return str(parts.hostname), int(parts.port or 0)
