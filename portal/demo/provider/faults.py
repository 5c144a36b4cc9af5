"""Ways in which a provider can misbehave, so that the tests can show that the portal refuses it."""

from dataclasses import dataclass, field
from typing import Any


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
