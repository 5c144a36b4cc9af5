"""The authorization code flow with PKCE, from the portal's side, and what a provider says of somebody in a
token of its own: that they signed in, and that they signed out.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client import OAuthError
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
from portal.access import certificates
from portal.access.sign_in.attempt import Attempt, ProviderUnreachable, Refusal, SignInRefused
from portal.access.sign_in.discovery import (
    ALGORITHMS,
    TIMEOUT,
    Metadata,
    ProviderDirectory,
    ProviderSettings,
    why,
)

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session


# Is this ID token what the organisation says about the person who is signing in now?
# Authlib checks the form of the claims. What it leaves to its caller is set here: the issuer comes from our
# configuration and not from the provider, the algorithm from a list of three, and the strength and the age of
# the proof from what the agencies agreed for the provider (OpenID Connect Core 1.0, section 3.1.3.7).

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


def verify_id_token(token: dict[str, Any], *, provider: ProviderSettings, keys: Keys, nonce: str) -> Identity:
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


# Is this logout token an order of the organisation to end somebody's sessions?
# OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6.

EVENT = "http://schemas.openid.net/event/backchannel-logout"

#: Seconds for which an order can be given. It is sent at once, and an old one could end a later session.
OLDEST_ORDER = 180


@dataclass(frozen=True, kw_only=True)
class LogoutOrder:
    """Whose sessions end: those of a subject, those of one session at the provider, or both named."""

    issuer: str
    subject: str | None
    provider_session: str | None
    identifier: str
    issued_at: datetime


def verify_logout_token(raw: str, *, provider: ProviderSettings, keys: Keys) -> LogoutOrder:
    """Check a logout token. Raises :class:`SignInRefused`."""
    header, claims = decode(raw, keys)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if str(header.get("typ", "logout+jwt")).lower() not in {"logout+jwt", "jwt"}:
        raise SignInRefused(Refusal.MALFORMED)
    if claims.get("iss") != provider.issuer:
        raise SignInRefused(Refusal.ISSUER)
    if audiences != [provider.client_id]:
        raise SignInRefused(Refusal.AUDIENCE)
    events = claims.get("events")
    if "nonce" in claims or not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise SignInRefused(Refusal.MALFORMED)
    issued_at = _issued_at(claims)
    subject, session, identifier = claims.get("sub"), claims.get("sid"), claims.get("jti")
    if (subject is None and session is None) or not isinstance(identifier, str):
        raise SignInRefused(Refusal.SUBJECT)
    return LogoutOrder(
        issuer=provider.issuer,
        subject=checked_subject(subject) if subject is not None else None,
        provider_session=checked_subject(session) if session is not None else None,
        identifier=identifier,
        issued_at=issued_at,
    )


def _issued_at(claims: dict[str, object]) -> datetime:
    now, issued, expires = seconds_now(), claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int) or not now - OLDEST_ORDER - LEEWAY <= issued <= now + LEEWAY:
        raise SignInRefused(Refusal.EXPIRED)
    if expires is not None and (not isinstance(expires, int) or expires <= now - LEEWAY):
        raise SignInRefused(Refusal.EXPIRED)
    return datetime.fromtimestamp(issued, UTC)


#: Seconds that a person may take from proving anew who they are to their return.
PROVED_ANEW = 300


def authorization_address(
    *, provider: ProviderSettings, directory: ProviderDirectory, attempt: Attempt, redirect_uri: str
) -> str:
    """Where to send the person's browser. Raises :class:`ProviderUnreachable`."""
    metadata = directory.metadata(provider)
    wishes: dict[str, str] = {}
    if provider.required_acr:
        wishes["acr_values"] = " ".join(provider.required_acr)
    if provider.max_age is not None:
        wishes["max_age"] = str(provider.max_age)
    if attempt.again:  # some providers heed only one of the two
        wishes |= {"prompt": "login", "max_age": "0"}
    with _client(provider, redirect_uri) as client:
        address, _ = client.create_authorization_url(
            metadata.authorization_endpoint,
            state=attempt.state,
            code_verifier=attempt.verifier,
            nonce=attempt.nonce,
            **wishes,
        )
    return str(address)


def finish(
    *,
    provider: ProviderSettings,
    directory: ProviderDirectory,
    attempt: Attempt,
    redirect_uri: str,
    answer: Mapping[str, str],
) -> Identity:
    """Who the provider says has signed in, after every check.

    ``answer`` is the query with which the browser came back, whose state is that of the attempt. Raises
    :class:`SignInRefused` and :class:`ProviderUnreachable`.
    """
    metadata = directory.metadata(provider)
    _check_response_issuer(answer.get("iss"), metadata, provider)
    if "error" in answer or not answer.get("code"):
        raise SignInRefused(Refusal.DECLINED)
    token = _exchange(provider, metadata, attempt, redirect_uri, answer["code"])

    def keys(afresh: bool) -> KeySet:
        return directory.keys(provider, lacking=afresh)

    asked = replace(provider, max_age=PROVED_ANEW) if attempt.again else provider
    return verify_id_token(token, provider=asked, keys=keys, nonce=attempt.nonce)


def sign_out_address(provider: ProviderSettings, directory: ProviderDirectory, *, back: str) -> str | None:
    """Where a person signs out of the provider itself; None if it offers no such place or is away.

    OpenID Connect RP-Initiated Logout 1.0. The portal keeps no ID token, so it names itself by client_id.
    """
    try:
        endpoint = directory.metadata(provider).end_session_endpoint
    except ProviderUnreachable:
        return None
    asked = [("client_id", provider.client_id), ("post_logout_redirect_uri", back)]
    return str(add_params_to_uri(endpoint, asked)) if endpoint else None


def _check_response_issuer(issuer: str | None, metadata: Metadata, provider: ProviderSettings) -> None:
    """RFC 9207: an answer says whose it is, and has to if the provider promises that it does."""
    if issuer is None and not metadata.names_itself_in_answers:
        return
    if issuer is None or not hmac.compare_digest(issuer.encode(), provider.issuer.encode()):
        raise SignInRefused(Refusal.ISSUER)


def _exchange(
    provider: ProviderSettings, metadata: Metadata, attempt: Attempt, redirect_uri: str, code: str
) -> dict[str, object]:
    from requests import RequestException  # noqa: PLC0415 - as in `_client`

    try:
        with _client(provider, redirect_uri) as client:
            token = client.fetch_token(
                metadata.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=attempt.verifier,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
    except OAuthError as error:
        raise SignInRefused(Refusal.EXCHANGE) from error
    except (RequestException, ValueError) as error:
        raise ProviderUnreachable(provider.issuer, f"its token endpoint failed: {why(error)}") from error
    return dict(token)


def _client(provider: ProviderSettings, redirect_uri: str) -> "OAuth2Session":
    from authlib.integrations.requests_client import OAuth2Session  # noqa: PLC0415 - who signs nobody in does without

    session = OAuth2Session(
        provider.client_id,
        provider.client_secret,
        token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - the name of a method
        scope=provider.scopes,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )
    session.verify = certificates.bundle()
    return session
