"""The shape of ``guardianship.toml`` and ``directory.toml``: places, and whom to ask in a district."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from portal.policy.reader import Catalogue, PolicyError
from portal.policy.sections import Section
from portal.policy.validators import InDaysOrMonths, Sourced, Term
from portal.vocabulary import Sector

if TYPE_CHECKING:
    from portal.policy.book import Policy


@dataclass(frozen=True, kw_only=True)
class Guardianship(Sourced):
    """``guardianship.toml``: who could watch or act in a place, and what is said of it."""

    roles: Catalogue[Term]
    facts: Catalogue[Term]


@dataclass(frozen=True, kw_only=True)
class DirectoryRole(Term):
    """Whom somebody looks for in a district.

    The guidance ``names`` some of them; ``sectors`` are those whose agencies have one.
    """

    sectors: tuple[Sector, ...]
    names: bool = False


@dataclass(frozen=True, kw_only=True)
class DirectoryRules:
    """``directory.toml``: the roles of contacts, and when one is checked again."""

    check_after: InDaysOrMonths
    roles: Catalogue[DirectoryRole]

    def roles_of(self, sector: Sector) -> tuple[DirectoryRole, ...]:
        """The roles that agencies of a sector have."""
        return tuple(one for one in self.roles.offered if sector in one.sectors)

    @property
    def named(self) -> tuple[DirectoryRole, ...]:
        """Those that the guidance names."""
        return tuple(one for one in self.roles.offered if one.names)


def check_directory(policy: "Policy", file: Path) -> None:
    """The guidance finds whom it names.

    :raises PolicyError: at the first thing that does not fit.
    """
    rules = policy.of(DirectoryRules)
    if not rules.named:
        raise PolicyError(
            file, "roles", "The guidance would name nobody.", "Set names = true on at least one of them."
        )


SECTIONS = (
    Section(file="guardianship", shape=Guardianship),
    Section(file="directory", shape=DirectoryRules, check=check_directory),
)
