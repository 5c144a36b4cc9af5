"""Is this ID token what the organisation says about the person who is signing in now?

Authlib checks the form of the claims. What it leaves to its caller is set here: the issuer comes from our
configuration and not from the provider, the algorithm from a list of three, and the strength and the age of
the proof from what the agencies agreed for the provider (OpenID Connect Core 1.0, section 3.1.3.7).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import (
    ExpiredTokenError,
    InvalidClaimError,
    InvalidKeyIdError,
    JoseError,
    MissingClaimError,
)
from joserfc.jwk import KeySet

from portal import clock
from portal.access.sign_in.attempt import Refusal, SignInRefused
from portal.access.sign_in.discovery import ALGORITHMS, ProviderSettings

#: Seconds by which the clocks of the portal and of a provider may differ.
LEEWAY = 60

#: Seconds after which a token is old even if it claims to be valid for longer. It is used at once.
OLDEST = 600

#: OpenID Connect Core 1.0, section 2.
LONGEST_SUBJECT = 255

Keys = Callable[[bool], KeySet]

REFUSAL_BY_CLAIM = {
    "iss": Refusal.ISSUER,
    "aud": Refusal.AUDIENCE,
    "azp": Refusal.AUDIENCE,
    "nonce": Refusal.NONCE,
    "exp": Refusal.EXPIRED,
    "iat": Refusal.EXPIRED,
    "nbf": Refusal.EXPIRED,
    "sub": Refusal.SUBJECT,
    "auth_time": Refusal.STALE,
    "acr": Refusal.WEAK,
    "amr": Refusal.WEAK,
}


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who signed in. Only ``issuer`` and ``subject`` identify; the rest describes this sign-in."""

    issuer: str
    subject: str
    provider_session: str | None
    acr: str | None
    amr: tuple[str, ...]


def verify(token: dict[str, Any], *, provider: ProviderSettings, keys: Keys, nonce: str) -> Identity:
    """Check the ID token of a token response.

    ``keys`` gives the provider's keys, afresh if called with True. Raises :class:`SignInRefused`.
    """
    raw = token.get("id_token")
    if not isinstance(raw, str):
        raise SignInRefused(Refusal.NO_ID_TOKEN)
    header, claims = decode(raw, keys)
    _check_claims(claims, header, provider=provider, nonce=nonce, access_token=token.get("access_token"))
    _check_age(claims, provider)
    _check_strength(claims, provider)
    session = claims.get("sid")
    return Identity(
        issuer=provider.issuer,
        subject=checked_subject(claims["sub"]),
        provider_session=session if isinstance(session, str) else None,
        acr=next(iter(_texts([claims.get("acr")])), None),
        amr=_texts(claims.get("amr")),
    )


def decode(raw: str, keys: Keys) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token whose signature is right; a key not yet known is asked for once."""
    try:
        try:
            decoded = jwt.decode(raw, keys(False), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            decoded = jwt.decode(raw, keys(True), algorithms=ALGORITHMS)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise SignInRefused(Refusal.SIGNATURE) from error
    return dict(decoded.header), dict(decoded.claims)


def checked_subject(subject: object) -> str:
    """The subject, if it can be one: printable ASCII of at most 255 characters."""
    if (
        not isinstance(subject, str)
        or not 0 < len(subject) <= LONGEST_SUBJECT
        or not (subject.isascii() and subject.isprintable())
    ):
        raise SignInRefused(Refusal.SUBJECT)
    return subject


def _check_claims(
    claims: dict[str, Any],
    header: dict[str, Any],
    *,
    provider: ProviderSettings,
    nonce: str,
    access_token: object,
) -> None:
    options: dict[str, Any] = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }
    params = {"nonce": nonce, "client_id": provider.client_id}
    if isinstance(access_token, str):
        params["access_token"] = access_token
    from authlib.oidc.core import CodeIDToken  # noqa: PLC0415 - who signs nobody in does without it

    try:
        CodeIDToken(claims, header, options, params).validate(now=seconds_now(), leeway=LEEWAY)
    except ExpiredTokenError as error:
        raise SignInRefused(Refusal.EXPIRED) from error
    except (InvalidClaimError, MissingClaimError) as error:
        raise SignInRefused(REFUSAL_BY_CLAIM.get(error.claim, Refusal.MALFORMED)) from error
    except (JoseError, ValueError, TypeError) as error:
        raise SignInRefused(Refusal.MALFORMED) from error


def _check_age(claims: dict[str, Any], provider: ProviderSettings) -> None:
    now = seconds_now()
    if claims["iat"] < now - OLDEST:
        raise SignInRefused(Refusal.EXPIRED)
    if provider.max_age is None:
        return
    proved = claims.get("auth_time")
    if proved is None or proved < now - provider.max_age - LEEWAY or proved > now + LEEWAY:
        raise SignInRefused(Refusal.STALE)


def _check_strength(claims: dict[str, Any], provider: ProviderSettings) -> None:
    if provider.required_acr and claims.get("acr") not in provider.required_acr:
        raise SignInRefused(Refusal.WEAK)
    if not set(provider.required_amr) <= set(_texts(claims.get("amr"))):
        raise SignInRefused(Refusal.WEAK)


def _texts(values: object) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()


def seconds_now() -> int:
    """The present moment in whole seconds since 1970, as tokens count it."""
    return int(clock.now().timestamp())
