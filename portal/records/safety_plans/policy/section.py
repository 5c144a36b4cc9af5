"""The shape of ``safety_plan.toml``: what an interim safety plan says, to whom, and how long it lasts."""

from dataclasses import dataclass

from portal.policy.reader import Catalogue
from portal.policy.terms import Figure, Term
from portal.records.safety_plans.vocabulary import SafetyReader


@dataclass(frozen=True, kw_only=True)
class SafetyField(Term):
    """Something that a plan says. The label is in plain words for whoever it is for.

    Only what is ``printed`` stands on the page that the child and the carer are given.
    """

    reader: SafetyReader
    printed: bool
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class SafetyPlanning:
    """``safety_plan.toml``"""

    source: str
    confirmed: bool
    lasts_at_most: Figure
    fields: Catalogue[SafetyField]

    def fields_for(self, reader: SafetyReader) -> tuple[SafetyField, ...]:
        """What a plan asks for one of its readers."""
        return tuple(one for one in self.fields.offered if one.reader is reader)

    @property
    def printed(self) -> tuple[SafetyField, ...]:
        """What stands on the page for the child and the carer, in the order of the page."""
        return tuple(one for one in self.fields if one.printed)
