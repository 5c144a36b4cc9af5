"""The shape of ``closing.toml``: when a case may end, and what is handed over."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from portal.policy.reader import Catalogue, PolicyError
from portal.policy.sections import Section
from portal.policy.validators import Figure, InMonths, InWorkingDays, Term, Unit, counted_in
from portal.records.closing.vocabulary import ClosureKind, HandOverKind

if TYPE_CHECKING:
    from portal.policy.book import Policy


@dataclass(frozen=True, kw_only=True)
class ClosingReason(Term):
    """Why a case ends, and for which ways of ending it can be chosen.

    Args:
        says_lower: it says that the risk is lower, which is asked about where the level is not.
    """

    kinds: tuple[ClosureKind, ...]
    says_lower: bool = False


@dataclass(frozen=True, kw_only=True)
class HandOverSection(Term):
    """A section of a hand-over, and in which kinds of it it stands."""

    kinds: tuple[HandOverKind, ...]
    required: bool


@dataclass(frozen=True, kw_only=True)
class Closing:
    """``closing.toml``"""

    assessment_within: Annotated[Figure, counted_in(Unit.DAYS, Unit.WORKING_DAYS, Unit.MONTHS)]
    transition_prompt: InMonths
    transition_plan: InMonths
    transition_catch_up: InWorkingDays
    reasons: Catalogue[ClosingReason]
    sections: Catalogue[HandOverSection]

    def reasons_for(self, kind: ClosureKind) -> tuple[ClosingReason, ...]:
        """The reasons that can be chosen for one way of ending a case."""
        return tuple(reason for reason in self.reasons.offered if kind in reason.kinds)

    def sections_of(self, kind: HandOverKind) -> tuple[HandOverSection, ...]:
        """The sections of one kind of hand-over."""
        return tuple(section for section in self.sections.offered if kind in section.kinds)


def check_closing(policy: "Policy", file: Path) -> None:
    """Every way of ending and kind of hand-over has its words.

    :raises PolicyError: at the first thing that does not fit.
    """
    closing = policy.of(Closing)
    if closing.transition_plan.value <= closing.transition_prompt.value:
        raise PolicyError(
            file, "transition_plan.value", "It is due before it is brought to mind.", "Write a larger number."
        )
    for kind in ClosureKind:
        if not closing.reasons_for(kind):
            raise PolicyError(
                file, "reasons", f"No reason is for “{kind}”.", f'Add [[reasons]] with kinds = ["{kind}"].'
            )
    for one in HandOverKind:
        if not any(section.required for section in closing.sections_of(one)):
            raise PolicyError(
                file,
                "sections",
                f"Nothing has to be said in “{one}”.",
                f'Add [[sections]] with kinds = ["{one}"] and required = true.',
            )


SECTIONS = (Section(file="closing", shape=Closing, check=check_closing),)
