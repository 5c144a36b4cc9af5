"""Telling agencies and adding them to a case: two choices on one page."""

from collections.abc import Sequence
from typing import Any

from portal.policy import Policy
from portal.records.disclosures.vocabulary import SharingDecision
from portal.web.choices import OnceForm, terms
from portal.web.fields import Checkboxes, Choice, LongText, Radios, Select, Text, Tick

#: Telling nothing now: the teams are only added to the case.
ONLY_ADD = "only_add"
#: That whoever is told reads whose form it is.
SENDER = "sender"


class TellForm(OnceForm):
    """What some teams are told, and which case they join."""

    teams = Checkboxes("Which teams?", hint="", small=True, find="a team")
    decision = Radios("Do you tell them?", required="Choose whether you tell them")
    text = LongText(
        "What they are told",
        hint="These words are kept as they are. Who it is about is put above them",
        rows=7,
    )
    stand_with = Checkboxes(
        "What stands with these words, as whose it is?",
        hint="The form says this too, and the words above begin without it",
        small=True,
    )
    purpose = Select("What for?", prompt="Choose a purpose")
    basis = Select("On what basis in law?", prompt="Choose a basis")
    conditions = Checkboxes("On what conditions?", hint="", small=True)
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
    cases = Checkboxes("Do you add them to a case?", hint="", small=True)
    read = Tick("I have read the words: they give no other child away")
    knows_sealed = Tick("Everybody in the teams that I chose may know this child’s name and these words")

    def ask_of_sealed(self, sealed: bool) -> None:
        """Ask, of a child whose case is sealed, whether a whole team may know."""
        self.is_of_sealed = sealed

    def validate(self, extra_validators: Any = None) -> bool:
        """Whoever tells teams of such a child says that they may know."""
        right = bool(super().validate(extra_validators))
        tells = self.decision.data not in {ONLY_ADD, SharingDecision.REFUSE.value, None, ""}
        if getattr(self, "is_of_sealed", False) and tells and not self.knows_sealed.data:
            self.knows_sealed.errors = ["Say that everybody in these teams may know, or tell people by name"]
            return False
        return right

    def offer_said(self, from_whom: str, beside: Sequence[str]) -> None:
        """Offer what may stand with the words, each marked as whose it is.

        Args:
            from_whom: that the words come from a form, and of which agency; empty where nobody may be named.
            beside: what the form says beside what happened.
        """
        offered = {SENDER: from_whom} if from_whom else {}
        self.put_with = offered | {str(place): words for place, words in enumerate(beside)}
        self.offer("stand_with", [Choice(code, words) for code, words in self.put_with.items()])

    @property
    def from_whom(self) -> str:
        """Whose form it is, where that is to be said."""
        return self._chosen.get(SENDER, "")

    @property
    def beside(self) -> list[str]:
        """What else the form says that they are to read."""
        return [words for code, words in self._chosen.items() if code != SENDER]

    @property
    def _chosen(self) -> dict[str, str]:
        chosen = self.stand_with.data or ()
        return {code: words for code, words in self.put_with.items() if code in chosen}

    def offer_cases(self, cases: Sequence[Choice]) -> None:
        """Offer the cases that a team may join, and to do no more than that; where there is none neither."""
        self.offer("cases", cases)
        only_add = Choice(ONLY_ADD, "Tell nothing now, only add them to a case", divider="or")
        self.offer("decision", [*SharingDecision, *([only_add] if cases else [])])

    def offer_policy(self, policy: Policy) -> None:
        """Offer what the policy lists."""
        sharing = policy.sharing
        self.offer("purpose", terms(sharing.purposes.offered, hints=True))
        self.offer("basis", terms(sharing.bases.offered, hints=True))
        self.offer("conditions", terms(sharing.conditions.offered, hints=True))
        self.offer("refusal", terms(sharing.refusal_reasons.offered, hints=True))
        self.offer("family_reason", terms(sharing.family_not_told_reasons.offered, hints=True))

    @property
    def tells(self) -> SharingDecision | None:
        """What is decided about telling; nothing when the teams are only added."""
        return None if self.decision.data == ONLY_ADD else SharingDecision(self.decision.data)
