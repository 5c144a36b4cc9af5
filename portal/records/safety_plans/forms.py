"""Interim safety plans: the plan, whose parts are those of the policy, who agrees, and how long it lasts."""

from collections.abc import Mapping
from typing import Any

from portal.pathway.characters import whole_number
from portal.records.safety_plans.policy import SafetyPlanning
from portal.records.safety_plans.rules import Agreement
from portal.records.safety_plans.vocabulary import SafetyReader
from portal.web.choices import VersionedForm
from portal.web.fields import Choice, DateBoxes, Hidden, LongText, Radios

_YES_NO = [Choice("yes", "Yes"), Choice("no", "No")]


class WritingForm(VersionedForm):
    """The plan itself: `items` are the codes of its parts, by who they speak to."""

    items: Mapping[SafetyReader, tuple[str, ...]] = {}

    def given(self) -> dict[str, str]:
        """What was typed, by code."""
        return {code: self.said(code) for codes in self.items.values() for code in codes}


def writing_form(rules: SafetyPlanning) -> type[WritingForm]:
    """The form of a plan under some policy."""
    fields: dict[str, Any] = {
        "items": {reader: tuple(one.code for one in rules.fields_for(reader)) for reader in SafetyReader}
    }
    for one in rules.fields.offered:
        fields[one.code] = LongText(one.label, hint=one.hint)
    return type("WritingForm", (WritingForm,), fields)


class AgreementForm(VersionedForm):
    """Who agrees to the plan as it is written now; `edition` is the version that was in force then."""

    edition = Hidden(default="0")
    child = Radios(
        "Does the child agree to it?", choices=_YES_NO, inline=True, required="Say whether the child agrees"
    )
    child_words = LongText("Why not, or what did the child say?", rows=2)
    carer = Radios(
        "Does the parent or carer agree to it?",
        choices=_YES_NO,
        inline=True,
        required="Say whether the parent or carer agrees",
    )
    carer_words = LongText("Why not, or what did they say?", rows=2)

    @property
    def seen_edition(self) -> int:
        """The version that was in force when the page was opened; 0 for none."""
        return whole_number(self.said("edition"))

    @property
    def agreement(self) -> Agreement:
        """Who agrees. For a form that was found right."""
        return Agreement(
            child=self.child.data == "yes",
            carer=self.carer.data == "yes",
            child_words=self.said("child_words"),
            carer_words=self.said("carer_words"),
        )


class InForceForm(AgreementForm):
    """The same for the first time, when it is also said until when the plan holds."""

    until = DateBoxes(
        "Until when does it hold?",
        called="The last day",
        hint="The first meeting may end it before",
        required="Enter the last day",
    )


class RenewForm(VersionedForm):
    """Let a plan last longer."""

    until = DateBoxes(
        "Until when does it hold now?", called="The last day", hint="", required="Enter the last day"
    )
    reason = LongText("Why does it go on?", required="Say why it goes on")
