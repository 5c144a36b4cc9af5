"""What the portal knows about an identity provider before it talks to it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

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
