"""What a provider says about itself: its addresses and its keys, remembered for a while in each process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from portal import clock
from portal.access.sign_in.errors import ProviderUnreachable
from portal.access.sign_in.fetch import NotFetched, fetch_json
from portal.access.sign_in.settings import ProviderSettings, usable_address

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
