"""The triage queue as people read it, and what the page for deciding says before anything is typed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from portal import clock
from portal.policy import ContactKind, Policy
from portal.records.disclosures.rules import introduce
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.presenter import WITHOUT_DISTRICT, district_label
from portal.records.referrals.rules import read_details
from portal.records.referrals.third_party_check import starting_words
from portal.records.triage.model import TriageDecision
from portal.records.triage.reading.records import QueueFilter
from portal.vocabulary import DecisionOutcome, ReferralState, SubjectKind, TriageColour
from portal.web.due_presenter import time_left

_NEVER = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One line of the queue."""

    reference: str
    colour: TriageColour
    due: datetime | None
    left: str
    overdue: bool
    kind: str
    types: str
    district: str
    sender: str
    state: str
    claimed_by: str
    looking: str


@dataclass(frozen=True)
class Option:
    """One box of the filter."""

    value: str
    label: str
    chosen: bool


def queue_rows(rows: Iterable[Any], policy: Policy) -> list[QueueRow]:
    """Rows of `portal.records.triage.reading.records.queue`, in words."""
    now = clock.now()
    return [_queue_row(row, policy, now) for row in rows]


def _queue_row(row: Any, policy: Policy, now: datetime) -> QueueRow:
    owed = row.state != ReferralState.FED_BACK and row.due < _NEVER
    decided = row.state == ReferralState.DECIDED
    left = time_left(row.due, now) if owed else ""
    return QueueRow(
        reference=row.reference,
        colour=TriageColour(row.colour or TriageColour.GREEN),
        due=row.due if owed else None,
        left=f"{left} to tell the sender" if left and decided else left,
        overdue=owed and row.due < now,
        kind=policy.referral.kinds.label(row.kind),
        types=", ".join(policy.exploitation.types.labels(row.types)),
        district=district_label(row.district, policy),
        sender=row.sender_agency,
        state=ReferralState(row.state).label,
        claimed_by=row.claimed_by_name or "",
        looking=", ".join(row.looking),
    )


def filter_options(wanted: QueueFilter, policy: Policy, agencies: Iterable[Any]) -> dict[str, list[Option]]:
    """The boxes of the filter by the name of their field."""
    states = [(one.value, one.label) for one in ReferralState if one is not ReferralState.DRAFT]
    offered = {
        "state": (states, wanted.states),
        "district": (
            [
                *((one.code, one.label) for one in policy.areas.districts.offered),
                *WITHOUT_DISTRICT.items(),
                ("none", "No district given"),
            ],
            wanted.districts,
        ),
        "type": ([(one.code, one.label) for one in policy.exploitation.types.offered], wanted.types),
        "agency": ([(one.code, one.name) for one in agencies], wanted.agencies),
    }
    return {
        name: [Option(value, label, value in chosen) for value, label in pairs]
        for name, (pairs, chosen) in offered.items()
    }


def chosen_items(wanted: QueueFilter, options: dict[str, list[Option]], address: str) -> list[dict[str, str]]:
    """What is chosen, each with the address of the queue without it."""
    return [
        {"text": option.label, "href": address + query_string(wanted.without(name, option.value))}
        for name, offered in options.items()
        for option in offered
        if option.chosen
    ]


def query_string(wanted: QueueFilter, **more: str) -> str:
    """A filter as the end of an address, with its question mark; codes only."""
    pairs: Sequence[tuple[str, str]] = [
        *((name, code) for name, codes in wanted.as_query().items() for code in codes),
        *more.items(),
    ]
    return f"?{urlencode(pairs)}" if pairs else ""


@dataclass(frozen=True, kw_only=True)
class Unconfirmed:
    """Something red that nobody has confirmed: whom to ring, about which form."""

    what: str
    who: str
    phone: str
    left: str
    overdue: bool
    referral_reference: str
    confirm_id: UUID | None = None


def warnings(receipts: Iterable[Any], referrals: Iterable[Any], policy: Policy) -> list[Unconfirmed]:
    """What stands above the queue until somebody has confirmed it."""
    now = clock.now()
    found = [
        Unconfirmed(
            what="Has not confirmed red information",
            who=": ".join(filter(None, (row.agency, row.team))),
            phone=row.duty_phone or "",
            left=time_left(row.due, now),
            overdue=bool(row.due and row.due < now),
            referral_reference=row.referral_reference or "",
        )
        for row in receipts
    ]
    for row in referrals:
        numbers = [
            one for one in policy.hub.contacts_of(ContactKind.FRONT_DOOR) if one.authority == row.authority
        ]
        found.append(
            Unconfirmed(
                what="Nobody has opened a referral: ring",
                who=f"{policy.areas.authorities.label(row.authority)}: children’s social care",
                phone=numbers[0].number if numbers else "",
                left=time_left(row.due, now),
                overdue=bool(row.due and row.due < now),
                referral_reference=row.referral_reference,
                confirm_id=row.id,
            )
        )
    return found


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
