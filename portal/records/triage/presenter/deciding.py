"""What the page for deciding says before anything is typed, from what was sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.policy import Policy
from portal.records.disclosures.rules import introduce
from portal.records.entries.adding import agencies_on
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.people.reading import agencies
from portal.records.referrals.facts import agency_of_sender
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.rules import FormAnswers, read_details
from portal.records.referrals.third_party_check import starting_words
from portal.records.triage.child_match import left_out_for_front_door
from portal.records.triage.decisions import cases_of
from portal.records.triage.model import TriageDecision
from portal.vocabulary import DecisionOutcome, SubjectKind
from portal.web.filters import lower_first


@dataclass(frozen=True)
class Start:
    """What the page is about: `wanted` is the place of the only thing to decide, as the address says it."""

    referral: Referral
    subjects: Sequence[ReferralSubject]
    standing: Sequence[TriageDecision]
    wanted: str
    answers: Sequence[tuple[str, str]] = ()  # what the hub asked the sender, and what was answered

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

    @property
    def said(self) -> FormAnswers:
        """What the sender answered."""
        return FormAnswers.from_json(self.referral.answers)

    @property
    def childs_words(self) -> str:
        """What a child said, where the form is on several and does not say which: it is in no box."""
        return "" if _is_on_one(self.subjects) else self.said.childs_words

    @property
    def beside(self) -> Sequence[ReferralSubject]:
        """The persons, places and things beside a child: what is said of them stands in its words first."""
        if not any(one.kind == SubjectKind.CHILD for one in self.subjects):
            return []
        return [one for one in self.subjects if one.kind != SubjectKind.CHILD]

    @property
    def first(self) -> Sequence[ReferralSubject]:
        """All others, whose words stand open on the page."""
        return [one for one in self.subjects if one not in self.beside]

    @property
    def beside_fields(self) -> Sequence[str]:
        """The names of the boxes of those beside."""
        return [f"words_{one.position}" for one in self.beside]

    @property
    def family(self) -> Sequence[str]:
        """What the sender answered of the child's family, for whoever decides what it may be told."""
        may, aware = self.said.family_may_be_told, self.said.family_aware
        known = f"The family knows of it: {lower_first(aware.label)}" if aware else ""
        return [
            one for one in (f"“{may.label}”" if may else "", known, self.said.why_family_not_aware) if one
        ]

    @property
    def not_ticked(self) -> Sequence[str]:
        """What is said of the persons, places and things beside that are not ticked at first."""
        ticked = self.ticked
        return [_introduced(one) for one in self.beside if str(one.position) not in ticked]

    @property
    def said_beside(self) -> Sequence[str]:
        """What the form says beside what happened: the child's own words, which are whose they are only
        where the form is on one child, why the family was not told, and what the hub asked.
        """
        words, why = self.said.childs_words, self.said.why_family_not_aware
        own = f"In the child’s own words: {words}" if words and _is_on_one(self.subjects) else ""
        family = f"The sender says why the family has not been told: {why}" if why else ""
        asked = [f"The hub asked: {one}\nThe sender answered: {answer}" for one, answer in self.answers]
        return [one for one in (own, family, *asked) if one]

    @property
    def kept_from(self) -> str:
        """Of a form for a colleague, whom the words are kept from at first: the sender's agency."""
        if not self.referral.concerns_colleague:
            return ""
        agency = agency_of_sender(self.referral)
        return agency.name if agency else "the sender’s agency"

    @property
    def may_keep_from(self) -> bool:
        """Whether the words can be kept from that agency alone: somebody knows which it is."""
        return agency_of_sender(self.referral) is not None

    @property
    def kept_from_on(self) -> Sequence[str]:
        """The cases of the children on such a form on which that agency works now."""
        agency = agency_of_sender(self.referral)
        cases = cases_of(referral=self.referral)
        return [case.reference for case, _ in cases if agency and agency.id in agencies_on(case)]

    def left_out(self, subject: ReferralSubject) -> Sequence[str]:
        """The sentences that were left out of the words about a child, because they name another."""
        return _words_about(self, subject)[1]


def word_boxes(subjects: Sequence[ReferralSubject]) -> list[tuple[int, str]]:
    """What has a box: each child, person, place and thing; where there is none, the form as a whole."""
    one_child = _is_on_one(subjects)
    return [(one.position, _label_of_box(one, one_child)) for one in subjects] or [(0, "Words for the case")]


def _label_of_box(subject: ReferralSubject, one_child: bool) -> str:
    if subject.kind != SubjectKind.CHILD:
        return f"Words about {subject.label}"
    return "Words for the case" if one_child else f"Words for the case of {subject.label}"


def _whole(on: Start) -> str:
    return "\n\n".join(filter(None, (on.referral.what_happened, *on.said_beside)))


def _is_on_one(subjects: Sequence[ReferralSubject]) -> bool:
    return sum(one.kind == SubjectKind.CHILD for one in subjects) == 1


def seen_now(standing: Sequence[TriageDecision]) -> str:
    """The decisions that a page shows, for the field in which it keeps them."""
    return ",".join(str(one.id) for one in standing)


def left_out_in_words(
    decisions: Sequence[TriageDecision], subjects: Sequence[ReferralSubject], referral: Referral
) -> str:
    """What a referral to social care leaves out of where a child is found, so that somebody rings."""
    referred = {one.subject_id for one in decisions if one.outcome == DecisionOutcome.SOCIAL_CARE_REFERRAL}
    found = ((one.label, left_out_for_front_door(one, referral)) for one in subjects if one.id in referred)
    left_out = "; ".join(f"of {child}: {', '.join(map(lower_first, what))}" for child, what in found if what)
    return f"Not passed on to social care, {left_out}. Ring them about it" if left_out else ""


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
        "handling": _readers_at_first(referral).value,
        "family_safe": start.said.family_may_be_told or FamilySafe.ASK,
        "nature": "concern",
    }
    for subject in start.first:
        values[f"words_{subject.position}"] = _words_about(start, subject)[0]
    for subject in start.beside:
        values[f"words_{subject.position}"] = _introduced(subject)
    if not start.subjects:
        values["words_0"] = referral.what_happened or ""
    return values


def _words_about(on: Start, subject: ReferralSubject) -> tuple[str, Sequence[str]]:
    """Words about one child, without what names others: what happened, the child's own words, what the sender
    answered to the hub, each marked as whose it is; and the persons, places and things that are ticked with
    it: of another nobody has decided yet how it may be used, or it stands on a case by itself.
    """
    referral, ticked = on.referral, on.ticked
    start = starting_words(text=_whole(on), referral=referral, covered=[subject])
    things = [
        _introduced(one)
        for one in on.subjects
        if one.kind != SubjectKind.CHILD and one.id != subject.id and str(one.position) in ticked
    ]
    return "\n\n".join(filter(None, (start.text, "\n".join(things)))), start.left_out


def _introduced(subject: ReferralSubject) -> str:
    return introduce(read_details(subject.kind, subject.details))


def _readers_at_first(referral: Referral) -> Handling:
    """Who reads the words, unless somebody chooses: of a form for a colleague not the sender's agency."""
    if not referral.concerns_colleague:
        return Handling.NETWORK
    return Handling.AGENCIES if agency_of_sender(referral) else Handling.OWN


SENDERS = "The team that sent the form"
#: The hub's decision told them so, and they see nothing of the form.
WAITING = "Told that there is something for them, and waiting for your words"


def by_sector(
    ticked: Collection[str], waiting: Collection[UUID], senders: Collection[UUID]
) -> list[tuple[str, list[tuple[str, str, str, bool]]]]:
    """The teams by sector, for a list in columns: value, label, number and whether it is ticked.

    Who waits for words of it, and whose form it is, stand before the others, where a coordinator comes upon
    them; it is for them to tick.
    """
    chosen = set(ticked)
    found: dict[str, list[tuple[str, str, str, bool]]] = {WAITING: [], SENDERS: []}
    for one in agencies.teams_to_choose():
        line = (str(one.id), one.label, one.duty_phone, str(one.id) in chosen)
        place = SENDERS if one.id in senders else one.sector.label
        place = WAITING if one.id in waiting else place
        found.setdefault(place, []).append(line)
    return [(place, lines) for place, lines in found.items() if lines]
