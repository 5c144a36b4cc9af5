"""The shape of ``missing.toml``: the lists of a missing episode, and what repeated episodes ask for."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from portal.policy.reader import Catalogue, PolicyError
from portal.policy.sections import Kept, Section
from portal.policy.validators import InDays, Positive, Sourced, Term
from portal.records.missing.vocabulary import MissingStatus

if TYPE_CHECKING:
    from portal.policy.book import Policy


#: How the order of urgency calls a child whose risk the police have not graded.
NOT_GRADED = "not_graded"


@dataclass(frozen=True, kw_only=True)
class RepeatedlyMissing(Sourced):
    """How many episodes, within how long, ask for a decision on a strategy meeting; which of them count."""

    episodes: Positive
    within: InDays
    counted: tuple[MissingStatus, ...]


@dataclass(frozen=True, kw_only=True)
class SeenBy(Term):
    """In which role somebody saw a child last; whether that is an adult who answers for the child."""

    responsible: bool


@dataclass(frozen=True, kw_only=True)
class Missing:
    """``missing.toml``"""

    recent: InDays
    long_ago: InDays
    urgency: tuple[str, ...]
    prompt: RepeatedlyMissing
    grades: Catalogue[Term]
    places: Catalogue[Term]
    findings: Catalogue[Term]
    seen_by: Catalogue[SeenBy]

    @property
    def gravest(self) -> str:
        """The grade of the police whose children are named before all others."""
        return self.urgency[0]

    def seen_by_responsible(self, role: str | None) -> bool:
        """Whether a role is that of an adult who answers for the child; none is not."""
        known = self.seen_by.get(role)
        return known is not None and known.responsible


def check_missing(policy: "Policy", file: Path) -> None:
    """Something counts, and the order of urgency names each grade, and those not graded, once.

    :raises PolicyError: at the first thing that does not fit.
    """
    missing = policy.of(Missing)
    if not missing.prompt.counted:
        raise PolicyError(
            file,
            "prompt.counted",
            "No episode would ever ask for a strategy meeting.",
            f"Use one or more of: {', '.join(MissingStatus)}.",
        )
    known = [*missing.grades.codes, NOT_GRADED]
    if sorted(missing.urgency) != sorted(known):
        raise PolicyError(
            file,
            "urgency",
            "It does not name each grade once, and those who are not graded.",
            f"Put in order, the most urgent first: {', '.join(known)}.",
        )
    if missing.gravest == NOT_GRADED:
        raise PolicyError(
            file,
            "urgency",
            "Children who are not graded yet would be counted as those at the highest grade.",
            f"Put one of these first: {', '.join(missing.grades.codes)}.",
        )


SECTIONS = (
    Section(
        file="missing",
        shape=Missing,
        check=check_missing,
        kept=(
            Kept(
                "select distinct grade from missing_episode where grade is not null",
                lambda missing: missing.grades,
            ),
        ),
    ),
)
