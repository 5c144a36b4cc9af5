"""Authorization codes, access tokens and sessions of the demonstration providers, kept in memory."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from portal.demo.provider.tokens import seconds_now

CODE_LIFETIME = 60  # seconds


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a person allowed the portal to know when they signed in."""

    organisation: str
    subject: str
    redirect_uri: str
    challenge: str
    nonce: str | None
    auth_time: int
    session: str


class Grants:
    """The codes that were given out and not yet exchanged, and the access tokens."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[int, Grant]] = {}
        self._tokens: dict[str, Grant] = {}

    def issue_code(self, grant: Grant) -> str:
        """Give out a code that can be exchanged once within a minute."""
        code = secrets.token_urlsafe(32)
        self._codes[code] = (seconds_now() + CODE_LIFETIME, grant)
        return code

    def exchange(
        self, code: str, *, organisation: str, redirect_uri: str, verifier: str
    ) -> tuple[str, Grant] | None:
        """Exchange a code for an access token; None if anything about it is wrong. A code works once."""
        until, grant = self._codes.pop(code, (0, None))
        if grant is None or until < seconds_now():
            return None
        if grant.organisation != organisation or grant.redirect_uri != redirect_uri:
            return None
        if not hmac.compare_digest(grant.challenge, s256(verifier)):
            return None
        token = secrets.token_urlsafe(32)
        self._tokens[token] = grant
        return token, grant

    def by_token(self, token: str, organisation: str) -> Grant | None:
        """The grant behind an access token of this organisation."""
        grant = self._tokens.get(token)
        return grant if grant and grant.organisation == organisation else None

    def of_session(self, session: str, organisation: str) -> list[Grant]:
        """The grants that were made in one session of a browser at an organisation."""
        return [g for g in self._tokens.values() if g.session == session and g.organisation == organisation]


def s256(verifier: str) -> str:
    """The PKCE challenge of a verifier (RFC 7636, S256)."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii", "replace")).digest()).rstrip(b"=").decode()
