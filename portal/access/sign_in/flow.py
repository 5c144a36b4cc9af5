"""The authorization code flow with PKCE, from the portal's side."""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client import OAuthError
from joserfc.jwk import KeySet

from portal.access import certificates
from portal.access.sign_in import tokens
from portal.access.sign_in.attempt import Attempt, ProviderUnreachable, Refusal, SignInRefused
from portal.access.sign_in.discovery import TIMEOUT, Metadata, ProviderDirectory, ProviderSettings, why
from portal.access.sign_in.tokens import Identity

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

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
    return tokens.verify_id_token(token, provider=asked, keys=keys, nonce=attempt.nonce)


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
