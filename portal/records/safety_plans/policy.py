"""The shape of ``safety_plan.toml``: what a plan says, to whom, how long it lasts, what must agree."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from portal.policy.reader import Catalogue, PolicyError
from portal.policy.sections import Section
from portal.policy.validators import Figure, Sourced, Term, Unit, counted_in, exists
from portal.records.safety_plans.vocabulary import SafetyReader
from portal.vocabulary import Sector

if TYPE_CHECKING:
    from portal.policy.book import Policy


@dataclass(frozen=True, kw_only=True)
class SafetyField(Term):
    """Something that a plan says. The label is in plain words for whoever it is for.

    Only what is ``printed`` stands on the page that the child and the carer are given. Where it says what
    people of a sector do (``acts``), the sector has to know of it once the plan is in force.
    """

    reader: SafetyReader
    printed: bool
    required: bool = False
    acts: Sector | None = None
    if_missing: bool = False  # stands on the page of a missing episode while the child is missing


@dataclass(frozen=True, kw_only=True)
class SafetyPlanning(Sourced):
    """``safety_plan.toml``

    Attributes:
        may_end_with: the kinds of meetings (``meetings.kinds``) with which a plan may end. Whoever records
            that one was held is asked.
    """

    lasts_at_most: Annotated[Figure, counted_in(Unit.WORKING_DAYS, Unit.DAYS)]
    may_end_with: tuple[str, ...]
    fields: Catalogue[SafetyField]

    def fields_for(self, reader: SafetyReader) -> tuple[SafetyField, ...]:
        """What a plan asks for one of its readers."""
        return tuple(one for one in self.fields.offered if one.reader is reader)

    @property
    def for_missing(self) -> tuple[SafetyField, ...]:
        """What is needed once the child is missing, in the order in which it is needed."""
        return tuple(one for one in self.fields if one.if_missing)

    @property
    def printed(self) -> tuple[SafetyField, ...]:
        """What stands on the page for the child and the carer, in the order of the page."""
        return tuple(one for one in self.fields if one.printed)


def check_safety_plan(policy: "Policy", file: Path) -> None:
    """A plan says something to everybody, and prints nothing that is for workers.

    :raises PolicyError: at the first thing that does not fit.
    """
    plan = policy.of(SafetyPlanning)
    for kind in plan.may_end_with:
        exists(kind, policy.meetings.kinds.offered, file, "may_end_with")
    for number, one in enumerate(plan.fields, start=1):
        if one.printed and one.reader is SafetyReader.WORKERS:
            raise PolicyError(
                file,
                f"fields[{number}].printed",
                f"“{one.code}” is for workers and would be on the page for the child and the carer.",
                'Set printed = false, or reader = "child" or "carer".',
            )
    for reader in (SafetyReader.CHILD, SafetyReader.CARER):
        if not any(one.required and one.printed for one in plan.fields_for(reader)):
            raise PolicyError(
                file,
                "fields",
                f"Nothing has to be said to: {reader.label.lower()}.",
                f'Add one with reader = "{reader}", printed = true and required = true.',
            )


SECTIONS = (Section(file="safety_plan", shape=SafetyPlanning, check=check_safety_plan),)
