"""What the page for deciding says before anything is typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.policy import Policy
from portal.records.disclosures.rules import introduce
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.rules import read_details
from portal.records.referrals.third_party_check import starting_words
from portal.records.triage.model import TriageDecision
from portal.vocabulary import DecisionOutcome, SubjectKind


@dataclass(frozen=True)
class Start:
    """What the page is about: `wanted` is the place of the only thing to decide, as the address says it."""

    referral: Referral
    subjects: Sequence[ReferralSubject]
    standing: Sequence[TriageDecision]
    wanted: str

    @property
    def ticked(self) -> list[str]:
        """What is ticked at first: what was asked for, else everything that is undecided."""
        decided = {one.subject_id for one in self.standing}
        open_ = [str(one.position) for one in self.subjects if one.id not in decided]
        return [self.wanted] if self.wanted in {str(one.position) for one in self.subjects} else open_

    def decided(self, subject: ReferralSubject) -> str:
        """What is decided about something already."""
        stands = [DecisionOutcome(one.outcome).label for one in self.standing if one.subject_id == subject.id]
        return f"Decided: {', '.join(stands)}" if stands else ""

    def left_out(self, subject: ReferralSubject) -> Sequence[str]:
        """The sentences that were left out of the words about a child, because they name another."""
        return _words_about(self.referral, self.subjects, subject)[1]


def word_boxes(subjects: Sequence[ReferralSubject]) -> list[tuple[int, str]]:
    """For whom there is a box: each child; where there is none, the form as a whole."""
    children = [one for one in subjects if one.kind == SubjectKind.CHILD]
    if not children:
        return [(one.position, f"Words about {one.label}") for one in subjects] or [(0, "Words for the case")]
    if len(children) == 1:
        return [(children[0].position, "Words for the case")]
    return [(one.position, f"Words for the case of {one.label}") for one in children]


def seen_now(standing: Sequence[TriageDecision]) -> str:
    """The decisions that a page shows, for the field in which it keeps them."""
    return ",".join(str(one.id) for one in standing)


def starting_values(start: Start, policy: Policy) -> dict[str, Any]:
    """What the fields say at first, from the form and the policy."""
    referral = start.referral
    authority = policy.authority_of(referral.district)
    values: dict[str, Any] = {
        "about": start.ticked,
        "seen": seen_now(start.standing),
        "sensitivity": str(int(policy.exploitation.starting_sensitivity(frozenset(referral.types)))),
        "authority": authority,
        "district": referral.district if policy.areas.districts.get(referral.district) else "",
        "sanitised_text": referral.what_happened or "",
        "handling": "network",
        "family_safe": "ask",
        "nature": "concern",
    }
    boxes = {position for position, _ in word_boxes(start.subjects)}
    for subject in start.subjects:
        if subject.position in boxes:
            values[f"words_{subject.position}"] = _words_about(referral, start.subjects, subject)[0]
    if 0 in boxes:
        values["words_0"] = referral.what_happened or ""
    return values


def _words_about(
    referral: Referral, subjects: Sequence[ReferralSubject], subject: ReferralSubject
) -> tuple[str, Sequence[str]]:
    """Words about one child: what happened without what names others, and the things on the form."""
    start = starting_words(text=referral.what_happened or "", referral=referral, covered=[subject])
    things = [
        introduce(read_details(one.kind, one.details))
        for one in subjects
        if one.kind != SubjectKind.CHILD and one.id != subject.id
    ]
    return "\n\n".join(filter(None, (start.text, "\n".join(things)))), start.left_out
