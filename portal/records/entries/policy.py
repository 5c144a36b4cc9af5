"""The shape of ``contributions.toml``: what each sector brings to a shared case, and critical moments."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from portal.policy.reader import Catalogue, PolicyError
from portal.policy.sections import Section
from portal.policy.validators import InDaysOrMonths, Sourced, Term, exists
from portal.records.entries.vocabulary import DetailAnswer
from portal.vocabulary import Sector

if TYPE_CHECKING:
    from portal.policy.book import Policy

#: The moment of an entry that somebody marked without saying what kind of moment it is.
OTHER_MOMENT = "other"

#: Kinds that the page of health looks for by their codes.
HEALTH_KINDS = ("health_summary", "attendance", "missed_appointment", "worry")

_OF_CHOICES = frozenset({DetailAnswer.CHOICE, DetailAnswer.CHOICES})
_NONE: Catalogue[Term] = Catalogue(())


@dataclass(frozen=True, kw_only=True)
class DetailField(Term):
    """Something that is asked beside the words of an entry."""

    answer: DetailAnswer
    required: bool = False
    choices: Catalogue[Term] = _NONE


@dataclass(frozen=True, kw_only=True)
class ContributionKind(Term):
    """A kind of entry with a form of its own.

    ``words`` asks for the words themselves; a ``moment`` makes every entry of the kind a critical moment;
    of a kind whose ``latest_counts`` the newest entry stands for what is known.
    """

    sectors: tuple[Sector, ...]
    words: str
    words_hint: str = ""
    moment: str | None = None
    latest_counts: bool = False
    fields: Catalogue[DetailField] = field(default_factory=lambda: Catalogue(()))


@dataclass(frozen=True, kw_only=True)
class Moment(Term):
    """What makes an entry a critical moment; whoever has to act on an ``urgent`` one hears at any hour."""

    urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class Contributions(Sourced):
    """``contributions.toml``"""

    summary_lasts: InDaysOrMonths
    recent: InDaysOrMonths
    moments: Catalogue[Moment]
    kinds: Catalogue[ContributionKind]

    def kinds_of(self, sector: Sector) -> tuple[ContributionKind, ...]:
        """What people of a sector are offered a form for."""
        return tuple(kind for kind in self.kinds.offered if sector in kind.sectors)


def check_contributions(policy: "Policy", file: Path) -> None:
    """Lists of answers are there where they are needed, and no code of an entry means two things.

    :raises PolicyError: at the first thing that does not fit.
    """
    given, entry_kinds = policy.of(Contributions), policy.cases.entry_kinds
    if OTHER_MOMENT not in given.moments:
        raise PolicyError(
            file,
            "moments",
            "What is marked without a kind would have no name.",
            f'Add [[moments]] with code = "{OTHER_MOMENT}".',
        )
    for code in HEALTH_KINDS:
        kind = given.kinds.get(code)
        if kind is None or Sector.HEALTH not in kind.sectors:
            raise PolicyError(
                file,
                "kinds",
                f"The page of health looks for “{code}”.",
                f'Add [[kinds]] with code = "{code}" and sectors = ["health"]; retired = true takes it off.',
            )
    for number, kind in enumerate(given.kinds, start=1):
        _kind(given, kind, entry_kinds, file, f"kinds[{number}]")


def _kind(
    given: Contributions, kind: ContributionKind, entry_kinds: Catalogue[Term], file: Path, at: str
) -> None:
    if kind.code in entry_kinds:
        raise PolicyError(
            file, f"{at}.code", f"“{kind.code}” is a kind of entry in cases.toml.", "Give it another code."
        )
    if not kind.sectors:
        raise PolicyError(file, f"{at}.sectors", "It is offered to nobody.", "Name a sector.")
    if kind.moment is not None:
        exists(kind.moment, given.moments, file, f"{at}.moment")
    for number, one in enumerate(kind.fields, start=1):
        if (one.answer in _OF_CHOICES) != bool(one.choices.items):
            raise PolicyError(
                file,
                f"{at}.fields[{number}].choices",
                f"“{one.answer}” and a list of choices do not go together, or the list is missing.",
                'Give a list of choices to "choice" and "choices", and to nothing else.',
            )


def entry_label(policy: "Policy", kind: str) -> str:
    """What people read for the kind of an entry: one that every agency adds, or one of a sector."""
    found = policy.cases.entry_kinds.get(kind) or policy.of(Contributions).kinds.get(kind)
    return found.label if found else "Note"


SECTIONS = (Section(file="contributions", shape=Contributions, check=check_contributions),)
