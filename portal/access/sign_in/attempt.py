"""One sign-in under way: good for ten minutes and one use, where it leads, and why it failed.

It goes by a connection of its own, as a role that calls a few functions of the database and reads nothing.
What serves pages cannot open a session, whatever statement is run as it. What signs people in commits by
itself, before the request does: a session and its row on the audit trail stand or fall together.
"""

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy import Connection, Engine, create_engine

from portal.vocabulary import Labelled

_EXTENSION = "sign_in_engine"


@contextmanager
def signing_in() -> Iterator[Connection]:
    """One transaction as portal_sign_in, committed at the end.

    Raises:
        RuntimeError: DATABASE_SIGN_IN_URL is missing.
    """
    with _engine(current_app.extensions, current_app.config).begin() as connection:
        yield connection


def dispose(app: Flask) -> None:
    """Close the connection, if there is one."""
    if engine := app.extensions.pop(_EXTENSION, None):
        engine.dispose()


def _engine(extensions: dict[str, Any], config: dict[str, Any]) -> Engine:
    """Made when somebody first signs in, in the process in which they do: processes that fork share none."""
    if _EXTENSION not in extensions:
        if not config["DATABASE_SIGN_IN_URL"]:
            raise RuntimeError("DATABASE_SIGN_IN_URL is missing: people sign in as portal_sign_in")
        options = config["SQLALCHEMY_ENGINE_OPTIONS"] | {"pool_size": 1}
        extensions[_EXTENSION] = create_engine(config["DATABASE_SIGN_IN_URL"], **options)
    engine: Engine = extensions[_EXTENSION]
    return engine


class Refusal(Labelled):
    """What was wrong; the value goes into the audit row, the label is for whoever reads it there."""

    ATTEMPT = "attempt", "The sign-in was not started in this browser, or too long ago"
    REPLAYED = "replayed", "The sign-in had been finished before"
    DECLINED = "declined", "The organisation did not sign the person in"
    EXCHANGE = "exchange", "The organisation did not accept the portal’s request"
    ISSUER = "issuer", "The answer came from another organisation than the one asked"
    NO_ID_TOKEN = "no_id_token", "The answer held no ID token"
    SIGNATURE = "signature", "The ID token was not signed as agreed with the organisation"
    AUDIENCE = "audience", "The ID token was made for somebody else"
    NONCE = "nonce", "The ID token belonged to another sign-in"
    EXPIRED = "expired", "The ID token was too old, or not valid yet"
    SUBJECT = "subject", "The ID token did not say who it is about"
    STALE = "stale", "The person had proved who they are too long ago"
    WEAK = "weak", "The person had not proved who they are strongly enough"
    MALFORMED = "malformed", "The ID token was not as the standard says"
    INVITATION = "invitation", "The invitation cannot be followed, or not by this account"
    UNKNOWN = "unknown", "Nobody with this identity has access"


class SignInRefused(Exception):
    """A sign-in that failed a check. Says nothing to the person beyond what they can act on."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.label)
        self.reason = reason


class ProviderUnreachable(Exception):
    """An organisation's provider that does not answer, or answers with what nobody can use.

    ``detail`` is for the log and never for a page.
    """

    def __init__(self, issuer: str, detail: str) -> None:
        super().__init__(f"{issuer}: {detail}")
        self.issuer = issuer
        self.detail = detail


#: Seconds. Long enough to find a phone for the second step.
LIFETIME = 600


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What the portal has to remember between sending a person away and their return."""

    state: str
    nonce: str
    verifier: str
    provider: str
    agency: str
    return_to: str | None
    invitation: str | None
    again: bool = False  # somebody who is signed in proves once more who they are


def begin(
    *,
    provider: str,
    agency: str,
    return_to: str | None = None,
    invitation: str | None = None,
    again: bool = False,
) -> Attempt:
    """A fresh attempt with unguessable values."""
    return Attempt(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(64),
        provider=provider,
        agency=agency,
        return_to=return_to,
        invitation=invitation,
        again=again,
    )


def cookie_suffix(state: str) -> str:
    """Part of the cookie's name, so that sign-ins in two tabs do not disturb one another."""
    return state[:8] if state[:8].replace("-", "").replace("_", "").isalnum() else "unknown"


class AttemptKeeper:
    """Turns attempts into the content of a cookie, and back."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="sign-in attempt")

    def write(self, attempt: Attempt) -> str:
        """The content of the cookie."""
        return str(self._serializer.dumps(asdict(attempt)))

    def read(self, content: str | None, *, state: str, provider: str) -> Attempt:
        """The attempt that the browser started, if state and provider are the ones that came back.

        Raises :class:`SignInRefused`.
        """
        try:
            attempt = Attempt(**self._serializer.loads(content or "", max_age=LIFETIME))
        except (BadSignature, TypeError) as error:
            raise SignInRefused(Refusal.ATTEMPT) from error
        if not hmac.compare_digest(attempt.state.encode(), state.encode()):
            raise SignInRefused(Refusal.ATTEMPT)
        if attempt.provider != provider:
            raise SignInRefused(Refusal.ISSUER)
        return attempt


LONGEST = 500


def own_path(address: str | None) -> str | None:
    """The address as a path of this portal, or None if it could lead anywhere else."""
    if not address or len(address) > LONGEST or not address.isprintable() or " " in address:
        return None
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or parts.path.startswith(("/sign-in", "/sign-out")):
        return None
    return address


class ReturnAddresses:
    """Signs such a path, so that an address from elsewhere cannot carry one of its own making."""

    def __init__(self, secret: str | bytes | None) -> None:
        if not secret:
            raise RuntimeError("SECRET_KEY is missing")
        self._serializer = URLSafeSerializer(secret, salt="return to")

    def sign(self, address: str | None) -> str | None:
        """The signed form of a path of this portal; None if it is not one."""
        path = own_path(address)
        return str(self._serializer.dumps(path)) if path else None

    def read(self, signed: str | None) -> str | None:
        """The path, if it was signed here and still leads nowhere else."""
        if not signed:
            return None
        try:
            return own_path(self._serializer.loads(signed))
        except BadSignature:
            return None


def signed(address: str | None) -> str | None:
    """A path of the present portal, signed by it; None for an address that could lead elsewhere."""
    return ReturnAddresses(current_app.secret_key).sign(address)


def read(value: str | None) -> str | None:
    """The path that the present portal signed, or None."""
    return ReturnAddresses(current_app.secret_key).read(value)
