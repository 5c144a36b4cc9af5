"""What a demonstration provider signs: ID tokens and logout tokens, right or, for a test, wrong."""

import base64
import hmac
import json
import secrets
from hashlib import sha256
from typing import Any

from joserfc import jwt

from portal import clock
from portal.demo.provider.directory import Organisation, Person
from portal.demo.provider.faults import Faults
from portal.demo.provider.keys import SigningKey, generate

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
