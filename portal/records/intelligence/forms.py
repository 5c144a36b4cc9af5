"""Intelligence on a case: the forms to add it, to grade an entry, and to release it."""

from typing import Any

from portal.policy import Policy, current_policy
from portal.policy.work import SharingCondition
from portal.records.entries.forms import MayFamilyKnow, WhoReads
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.vocabulary import Use
from portal.web.choices import OfferingForm, Pairs, choices, terms
from portal.web.error_summary import Group, Reveals, Shown
from portal.web.fields import Checkboxes, Choice, LongText, PastDay, Radios, Text

#: What each forbidden use is called in the hint of a condition.
_FORBIDS = {
    Use.CITE: "cited",
    Use.PRINT: "printed",
    Use.EXPORT: "taken out as a file",
    Use.PASS_ON: "passed on",
    Use.FAMILY: "told to the child or family",
}


_GRADING = Group("Grading", ("source_grade", "information_grade", "handling_code"))


def offer_grades(form: OfferingForm, policy: Policy) -> None:
    """Offer how the source, the information and its handling may be graded (3x5x2)."""
    rules = policy.decisions
    form.offer("source_grade", terms(rules.source_grades.offered, hints=True))
    form.offer("information_grade", terms(rules.information_grades.offered, hints=True))
    form.offer("handling_code", terms(rules.handling_grades.offered, hints=True))


class GradingForm(OfferingForm):
    """How far it can be relied on, and what its use is bound to."""

    shown: Shown = (_GRADING,)
    bound = ""  # the handling code under which conditions are asked for

    source_grade = Radios(
        "How reliable is the source?", required="Choose how reliable the source is", small=True
    )
    information_grade = Radios(
        "How is the information known?", required="Choose how the information is known", small=True
    )
    handling_code = Radios("How may it be handled?", required="Choose how it may be handled", small=True)
    conditions = Checkboxes(
        "Under what conditions?",
        hint="They hold for everyone, your own agency included, until the police release it",
        small=True,
    )
    more_conditions = Text(
        "Other conditions", hint="Alone, without one from the list, they forbid every use but reading"
    )

    def offer_policy(self, policy: Policy) -> None:
        """Offer what the policy lists."""
        rules = policy.decisions
        offer_grades(self, policy)
        self.offer(
            "conditions",
            [Choice(one.code, one.label, hint=_forbids(one)) for one in policy.sharing.conditions.offered],
        )
        self.bound = next((one.code for one in rules.handling_grades.offered if one.needs_conditions), "")

    @property
    def reveals(self) -> Reveals:
        """The conditions stand below the handling code that needs them."""
        return {"handling_code": {self.bound: ("conditions", "more_conditions")}}

    def grades(self) -> dict[str, Any]:
        """What was chosen."""
        words = ("source_grade", "information_grade", "handling_code", "more_conditions")
        return {name: self.said(name) for name in words} | {"conditions": list(self.conditions.data or ())}


def as_graded(now: Any) -> dict[str, Any]:
    """What the form begins with where there is a grading: its conditions too, as long as they hold."""
    said: dict[str, Any] = {name: getattr(now, name) for name in ("source_grade", "information_grade")}
    if now.released_at is not None:
        return said
    listed = current_policy().sharing.conditions.labels(now.codes)
    others = [line for line in now.conditions.splitlines() if line not in listed]
    return said | {
        "handling_code": now.handling_code,
        "conditions": list(now.codes),
        "more_conditions": "\n".join(others),
    }


class IntelligenceForm(GradingForm):
    """Add intelligence to a case."""

    shown: Shown = ("happened_on", "text", "source", _GRADING, "handling", "family_safe")
    happened_on = PastDay(
        "When did it happen?",
        called="The date",
        hint="For example, 14 11 2026. If it is not known, the day on which it was learnt.",
        required="Enter when it happened",
    )
    text = LongText(
        "What is known?",
        hint="Without anything that points to who it came from: no name, no place from which it was seen",
        rows=8,
        required="Write what is known",
    )
    source = LongText(
        "Who or what did it come from?",
        hint="Only you can read this, and the hub’s coordinators where they read the rest. "
        "It is shown nowhere else",
    )
    handling = WhoReads()
    agencies = Checkboxes("Which agencies?", find="an agency")
    family_safe = MayFamilyKnow(default=FamilySafe.NO.value)

    @property
    def reveals(self) -> Reveals:
        """Also the agencies, where it is for some of them only."""
        return {**super().reveals, "handling": {Handling.AGENCIES: ("agencies",)}}

    @classmethod
    def of(cls, policy: Policy, agencies: Pairs) -> "IntelligenceForm":
        """The form with this case's choices.

        Args:
            agencies: the others that work on the case.
        """
        form = cls()
        form.offer_policy(policy)
        form.offer("agencies", choices(agencies))
        return form


class ReleaseForm(OfferingForm):
    """End the conditions of intelligence."""

    reason = Text(
        "Why can it be released?",
        hint="For example: the arrests were made. Whoever reads the entry reads this",
        required="Say why it can be released",
    )


def _forbids(condition: SharingCondition) -> str:
    said = [_FORBIDS[use] for use in Use if use in condition.forbids]
    if condition.hint or not said:
        return condition.hint
    return f"It is then not {_in_words(said)}"


def _in_words(said: list[str]) -> str:
    *first, last = said
    return f"{', '.join(first)} or {last}" if first else last
