"""What a provider says about itself: asked for, never redirected, and remembered for a while."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from portal import clock
from portal.access import certificates
from portal.access.sign_in.attempt import ProviderUnreachable

if TYPE_CHECKING:
    import requests

#: Seconds to wait for a connection and for each part of the answer. A person is waiting meanwhile.
TIMEOUT = (3.05, 5)

#: Bytes. The largest real key sets and descriptions are below 100 kB.
LARGEST_ANSWER = 512 * 1024


class NotFetched(Exception):
    """An address that did not give a JSON object."""


def fetch_json(address: str) -> dict[str, Any]:
    """The JSON object at an address.

    A redirect counts as a failure: whoever can redirect the description of a provider could replace it.
    Raises :class:`NotFetched`.
    """
    import requests  # noqa: PLC0415 - a process that signs nobody in does without it

    try:
        with requests.get(
            address,
            timeout=TIMEOUT,
            allow_redirects=False,
            verify=certificates.bundle(),
            stream=True,
            headers={"Accept": "application/json"},
        ) as response:
            if response.status_code != requests.codes.ok:
                raise NotFetched(f"answered with status {response.status_code}")
            return _object(_bounded(response))
    except requests.RequestException as error:
        raise NotFetched(why(error)) from error


def why(error: Exception) -> str:
    """The kind of a failure; a certificate that is not good is named, with the setting to look at."""
    fault = certificates.fault_of(error)
    return (
        f"was not reached: its certificate {fault}. Look at SSL_CERT_FILE" if fault else type(error).__name__
    )


def _bounded(response: "requests.Response") -> bytes:
    content = b""
    for part in response.iter_content(64 * 1024):
        content += part
        if len(content) > LARGEST_ANSWER:
            raise NotFetched("answered with too much")
    return content


def _object(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError as error:
        raise NotFetched("answered with something that is not JSON") from error
    if not isinstance(answer, dict):
        raise NotFetched("answered with something that is not a JSON object")
    return answer


#: Signatures that only the holder of a private key can make. Never "none", never a shared secret.
ALGORITHMS = ("ES256", "PS256", "RS256")


def secret_name(code: str) -> str:
    """The setting that holds a provider's secret: its own, so that none is ever sent to another provider."""
    return f"OIDC_SECRET_{code.replace('-', '_').upper()}"


LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """One provider as an administrator configured it. Nothing in it comes from the provider.

    ``required_acr``: the token has to name one of them; ``required_amr``: the token has to name them all;
    ``max_age``: seconds since the person last proved who they are. Empty or None asks for nothing.
    """

    code: str
    name: str
    issuer: str
    client_id: str
    client_secret: str
    required_acr: tuple[str, ...] = ()
    required_amr: tuple[str, ...] = ()
    max_age: int | None = None
    scopes: str = "openid profile email"

    @property
    def discovery_address(self) -> str:
        """Where the provider describes itself (OpenID Connect Discovery 1.0, section 4)."""
        return f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"


def usable_address(address: object, *, allow_http: bool) -> bool:
    """Whether the portal may talk to an address: https, or http on the loopback where that is allowed.

    A user name, a password and a fragment have no place in the address of a provider.
    """
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (allow_http and parts.scheme == "http" and host in LOOPBACK)


#: How long an answer is used before it is asked for again.
KEPT = timedelta(minutes=10)

#: How long a provider that did not answer is left alone, so that people who wait for it do not hold up the
#: processes that serve everybody else.
LEFT_ALONE = timedelta(seconds=10)

#: An unknown key is looked for at once, but not more often than this: anybody can send a made-up key id.
BETWEEN_KEY_LOOKUPS = timedelta(seconds=30)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """The part of a provider's description that the portal uses, checked."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None
    names_itself_in_answers: bool  # RFC 9207


@dataclass(frozen=True)
class _Answer:
    at: datetime
    value: Any
    failure: ProviderUnreachable | None = None


class ProviderDirectory:
    """Descriptions and keys of providers. One object serves an application; it is safe between threads.

    ``allow_http`` lets a provider on the loopback address use http, for a demonstration and for tests.
    """

    def __init__(self, *, allow_http: bool) -> None:
        self._allow_http = allow_http
        self._answers: dict[tuple[str, str], _Answer] = {}
        self._lock = Lock()

    def metadata(self, provider: ProviderSettings) -> Metadata:
        """The provider's description. Raises ProviderUnreachable."""
        return self._remembered(("metadata", provider.issuer), KEPT, lambda: self._describe(provider))

    def keys(self, provider: ProviderSettings, *, lacking: bool = False) -> KeySet:
        """The provider's keys; ``lacking`` when those remembered did not contain the one that was needed.

        Raises ProviderUnreachable.
        """
        kept = BETWEEN_KEY_LOOKUPS if lacking else KEPT
        address = self.metadata(provider).jwks_uri
        return self._remembered(("keys", provider.issuer), kept, lambda: self._key_set(provider, address))

    def forget(self) -> None:
        """Ask everything again, for example after an administrator changed a provider."""
        with self._lock:
            self._answers.clear()

    def _remembered(self, key: tuple[str, str], kept: timedelta, ask: Callable[[], T]) -> T:
        now = clock.now()
        known = self._answers.get(key)
        if known and known.failure and now - known.at < LEFT_ALONE:
            raise known.failure
        if known and not known.failure and now - known.at < kept:
            value: T = known.value
            return value
        try:
            value = ask()
        except ProviderUnreachable as failure:
            self._keep(key, _Answer(clock.now(), None, failure))
            raise
        self._keep(key, _Answer(clock.now(), value))
        return value

    def _keep(self, key: tuple[str, str], answer: _Answer) -> None:
        with self._lock:
            self._answers[key] = answer

    def _describe(self, provider: ProviderSettings) -> Metadata:
        described = self._fetch(provider, provider.discovery_address)
        if described.get("issuer") != provider.issuer:
            raise ProviderUnreachable(provider.issuer, "its description names another issuer")
        end_session = described.get("end_session_endpoint")
        return Metadata(
            authorization_endpoint=self._address(provider, described, "authorization_endpoint"),
            token_endpoint=self._address(provider, described, "token_endpoint"),
            jwks_uri=self._address(provider, described, "jwks_uri"),
            end_session_endpoint=end_session if self._usable(end_session) else None,
            names_itself_in_answers=described.get("authorization_response_iss_parameter_supported") is True,
        )

    def _key_set(self, provider: ProviderSettings, address: str) -> KeySet:
        published = self._fetch(provider, address).get("keys")
        if not isinstance(published, list):
            raise ProviderUnreachable(provider.issuer, "its key set holds no list of keys")
        usable = [key for key in published if _verifies(key)]
        try:
            return KeySet.import_key_set({"keys": usable})
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderUnreachable(provider.issuer, f"its key set cannot be read: {error}") from error

    def _fetch(self, provider: ProviderSettings, address: str) -> dict[str, Any]:
        if not self._usable(address):
            raise ProviderUnreachable(provider.issuer, f"the portal does not talk to {address}")
        try:
            return fetch_json(address)
        except NotFetched as error:
            raise ProviderUnreachable(provider.issuer, f"{address} {error}") from error

    def _address(self, provider: ProviderSettings, described: dict[str, Any], name: str) -> str:
        address = described.get(name)
        if not isinstance(address, str) or not self._usable(address):
            raise ProviderUnreachable(provider.issuer, f"its {name} is missing or not https")
        return address

    def _usable(self, address: object) -> bool:
        return usable_address(address, allow_http=self._allow_http)


def _verifies(key: Any) -> bool:
    """Whether a published key can check a signature; a shared secret has no place in a public set."""
    return isinstance(key, dict) and key.get("kty") in {"RSA", "EC"} and key.get("use", "sig") == "sig"
