"""Who can sign in at which demonstration organisation, and which portal may ask."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who exists only in a demonstration."""

    subject: str
    name: str
    email: str
    job: str


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """One organisation with an issuer of its own.

    ``acr`` and ``amr`` are what its tokens say about how the person proved who they are.
    """

    code: str
    name: str
    people: tuple[Person, ...] = ()
    algorithm: str = "RS256"
    acr: str = "https://refeds.org/profile/mfa"
    amr: tuple[str, ...] = ("pwd", "otp", "mfa")

    def person(self, subject: str) -> Person | None:
        """The person with this subject identifier, if the organisation has them."""
        return next((person for person in self.people if person.subject == subject), None)


@dataclass(frozen=True, kw_only=True)
class Client:
    """The portal, as every organisation has registered it.

    ``{organisation}`` in an address for back-channel sign-out stands for the organisation's code.
    """

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uris: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Directory:
    """All demonstration organisations and the one client that they know."""

    base_url: str
    client: Client
    organisations: dict[str, Organisation] = field(default_factory=dict)

    def add(self, organisations: Iterable[Organisation]) -> None:
        """Add organisations, replacing those with the same code."""
        self.organisations.update({organisation.code: organisation for organisation in organisations})

    def issuer(self, code: str) -> str:
        """The issuer identifier of an organisation."""
        return f"{self.base_url}/{code}"

    def save(self, path: Path) -> None:
        """Write the directory to a JSON file that only its owner can read."""
        content = {
            "base_url": self.base_url,
            "client": asdict(self.client),
            "organisations": [asdict(organisation) for organisation in self.organisations.values()],
        }
        path.touch(mode=0o600)
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Directory":
        """Read a directory that :meth:`save` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        client: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in content["client"].items()
        }
        directory = cls(base_url=content["base_url"], client=Client(**client))
        directory.add(
            Organisation(
                **organisation
                | {
                    "amr": tuple(organisation["amr"]),
                    "people": tuple(Person(**person) for person in organisation["people"]),
                }
            )
            for organisation in content["organisations"]
        )
        return directory
