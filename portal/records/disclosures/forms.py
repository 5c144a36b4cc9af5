"""Telling agencies and adding them to a case: two choices on one page."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from wtforms.validators import Optional

from portal.forms.choices import OfferingForm
from portal.policy import Policy
from portal.records.disclosures.vocabulary import SharingDecision
from portal.web.fields import Checkboxes, Choice, Hidden, LongText, Radios, Select, Text, Tick, required

#: Telling nothing now: the teams are only added to the case.
ONLY_ADD = "only_add"


class TellForm(OfferingForm):
    """What some teams are told, and which case they join."""

    teams = Checkboxes("Which teams?", hint="", small=True, validators=[Optional()])
    decision = Radios("Do you tell them?", validators=[required("Choose whether you tell them")])
    text = LongText(
        "What they are told",
        hint="These words are kept as they are. Who it is about is put above them",
        rows=7,
    )
    purpose = Select("What for?", prompt="Choose a purpose")
    basis = Select("On what basis in law?", prompt="Choose a basis")
    conditions = Checkboxes("On what conditions?", hint="", small=True, validators=[Optional()])
    more_conditions = Text("Other conditions")
    refusal = Radios("Why not?", small=True)
    reason = LongText(
        "Why this decision?", hint="The team reads it too, and it is kept on the sharing ledger", rows=2
    )
    family_told = Radios(
        "Does the family know that this is shared?",
        choices=[Choice("yes", "Yes"), Choice("no", "No")],
        inline=True,
    )
    family_reason = Select("Why not?", prompt="Choose a reason")
    cases = Checkboxes("Do you add them to a case?", hint="", small=True, validators=[Optional()])
    read = Tick("I have read the words: they give no other child away")
    once = Hidden()

    def offer_policy(self, policy: Policy) -> None:
        """Offer what the policy lists, and the decisions."""
        sharing = policy.sharing
        self.offer(
            "decision",
            [
                *(Choice(one.value, one.label) for one in SharingDecision),
                Choice(ONLY_ADD, "Tell nothing now, only add them to a case", divider="or"),
            ],
        )
        self.offer("purpose", _of(sharing.purposes.offered), prompt=True)
        self.offer("basis", _of(sharing.bases.offered), prompt=True)
        self.offer("conditions", _of(sharing.conditions.offered))
        self.offer("refusal", _of(sharing.refusal_reasons.offered))
        self.offer("family_reason", _of(sharing.family_not_told_reasons.offered), prompt=True)

    @property
    def nonce(self) -> UUID:
        """What makes sending the page twice the same as sending it once."""
        try:
            return UUID(self.once.data or "")
        except ValueError:
            return uuid4()

    @property
    def tells(self) -> SharingDecision | None:
        """What is decided about telling; nothing when the teams are only added."""
        return None if self.decision.data == ONLY_ADD else SharingDecision(self.decision.data)


def _of(terms: Iterable[Any]) -> list[Choice]:
    return [Choice(term.code, term.label, hint=term.hint) for term in terms]
