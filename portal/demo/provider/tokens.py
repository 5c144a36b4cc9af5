"""What a demonstration provider signs, right or, for a test, wrong: its keys, codes, tokens and sessions;
and what it knows while it runs.
"""

import base64
import hmac
import json
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import abort, current_app
from itsdangerous import URLSafeTimedSerializer
from joserfc import jwt
from joserfc.jwk import ECKey, KeyParameters, KeySet, RSAKey

from portal import clock
from portal.demo.provider.directory import Directory, Organisation, Person

SigningKey = RSAKey | ECKey


def generate(algorithm: str) -> SigningKey:
    """Make a fresh signing key for RS256 or ES256."""
    parameters: KeyParameters = {"use": "sig", "alg": algorithm}
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", parameters, auto_kid=True)
    return RSAKey.generate_key(2048, parameters, auto_kid=True)


class KeyRing:
    """The current key of each organisation, made when first asked for and kept in a folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._keys: dict[str, SigningKey] = {}

    def key(self, code: str, algorithm: str) -> SigningKey:
        """The key with which the organisation signs now."""
        if code not in self._keys:
            self._keys[code] = self._read(code) or self.rotate(code, algorithm)
        return self._keys[code]

    def rotate(self, code: str, algorithm: str) -> SigningKey:
        """Replace the organisation's key; tokens signed with the former one stop verifying."""
        self._keys[code] = generate(algorithm)
        self._write(code, self._keys[code])
        return self._keys[code]

    def public(self, code: str, algorithm: str) -> dict[str, Any]:
        """The organisation's key set as it publishes it."""
        return dict(KeySet([self.key(code, algorithm)]).as_dict(private=False))

    def _path(self, code: str) -> Path | None:
        return self._folder / f"{code}.jwk.json" if self._folder else None

    def _read(self, code: str) -> SigningKey | None:
        path = self._path(code)
        if path is None or not path.exists():
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
        return ECKey.import_key(content) if content["kty"] == "EC" else RSAKey.import_key(content)

    def _write(self, code: str, key: SigningKey) -> None:
        path = self._path(code)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Faults:
    """What one organisation's provider does wrong. With no argument it behaves.

    ``claims`` replaces claims of the ID token, and a value of None leaves the claim out.
    """

    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    algorithm: str | None = None  # "none", or "HS256" keyed with the public key
    response_issuer: str | None = None  # the iss parameter of the redirect; "" leaves it out
    age: int = 0  # seconds for which the ID token has existed already
    signs_with_stranger_key: bool = False  # a key that is in nobody's key set, under the published key id
    omits_id_token: bool = False
    redirects_discovery_to: str | None = None
    down: bool = False
    slow: float = 0.0  # seconds before each answer to the portal


BEHAVES = Faults()


BACKCHANNEL_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFETIME = 300  # seconds


def seconds_now() -> int:
    """The present moment in whole seconds since 1970, as tokens count it."""
    return int(clock.now().timestamp())


def half_hash(access_token: str) -> str:
    """The at_hash of an access token for the algorithms that use SHA-256."""
    return _encoded(sha256(access_token.encode()).digest()[:16])


def id_token_claims(
    *,
    issuer: str,
    audience: str,
    organisation: Organisation,
    person: Person,
    nonce: str | None,
    auth_time: int,
    session: str,
    access_token: str,
    faults: Faults,
) -> dict[str, Any]:
    """The claims of an ID token, with the faults that were asked for."""
    issued = seconds_now() - faults.age
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": person.subject,
        "aud": audience,
        "exp": issued + LIFETIME,
        "iat": issued,
        "auth_time": auth_time,
        "acr": organisation.acr,
        "amr": list(organisation.amr),
        "sid": session,
        "name": person.name,
        "email": person.email,
        "at_hash": half_hash(access_token),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    claims.update(faults.claims)
    return {name: value for name, value in claims.items() if value is not None}


def logout_claims(*, issuer: str, audience: str, subject: str | None, session: str | None) -> dict[str, Any]:
    """The claims of a back-channel logout token."""
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": audience,
        "iat": seconds_now(),
        "exp": seconds_now() + 120,
        "jti": secrets.token_urlsafe(16),
        "events": {BACKCHANNEL_EVENT: {}},
        "sub": subject,
        "sid": session,
    }
    return {name: value for name, value in claims.items() if value is not None}


def sign(
    claims: dict[str, Any], *, key: SigningKey, organisation: Organisation, faults: Faults, typ: str = "JWT"
) -> str:
    """Sign claims with the organisation's key, or in the wrong way that the faults name."""
    header = {"alg": organisation.algorithm, "kid": key.kid, "typ": typ}
    if faults.algorithm == "none":
        return f"{_part({'alg': 'none', 'typ': typ})}.{_part(claims)}."
    if faults.algorithm == "HS256":
        signed = f"{_part(header | {'alg': 'HS256'})}.{_part(claims)}"
        public = key.as_pem(private=False)
        return f"{signed}.{_encoded(hmac.digest(public, signed.encode(), 'sha256'))}"
    signing = generate(organisation.algorithm) if faults.signs_with_stranger_key else key
    return jwt.encode(header, claims, signing, algorithms=[organisation.algorithm])


def _part(content: dict[str, Any]) -> str:
    return _encoded(json.dumps(content).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


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


@dataclass(kw_only=True)
class State:
    """Directory, keys, what was granted, and what the tests told a provider to do wrong."""

    directory: Directory
    keys: KeyRing
    requests: URLSafeTimedSerializer
    grants: Grants = field(default_factory=Grants)
    faults: dict[str, Faults] = field(default_factory=dict)

    def key(self, organisation: Organisation) -> SigningKey:
        """The key with which an organisation signs now."""
        return self.keys.key(organisation.code, organisation.algorithm)

    def misbehaves(self, code: str) -> Faults:
        """What the organisation's provider does wrong at present."""
        return self.faults.get(code, BEHAVES)


def state() -> State:
    """What the application that answers the present request knows."""
    known: State = current_app.extensions["provider"]
    return known


def organisation_or_404(code: str) -> Organisation:
    """The organisation whose provider is addressed."""
    organisation = state().directory.organisations.get(code)
    if organisation is None:
        abort(404)
    return organisation


def answering(code: str) -> Faults:
    """The faults of a provider that the portal calls, after acting out the coarse ones."""
    faults = state().misbehaves(code)
    time.sleep(faults.slow)
    if faults.down:
        abort(503)
    return faults
