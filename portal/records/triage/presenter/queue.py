"""The triage queue as people read it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from portal import clock
from portal.access.principal import Principal
from portal.messages.presenter import joined
from portal.pathway.calendar import numbers_at
from portal.policy import ContactKind, Policy
from portal.records.referrals.presenter import WITHOUT_DISTRICT, district_label
from portal.records.referrals.rules import ChildDetails, Details, read_details
from portal.records.triage.reading.counts import MANY, ColourCount
from portal.records.triage.reading.records import DANGER, SINCE_DECIDED, Held, QueueFilter
from portal.records.triage.vocabulary import FED_BACK
from portal.vocabulary import ReferralState, TriageColour
from portal.web.due_presenter import brief_left, time_left
from portal.web.pictures.scale import TimeLeft
from portal.web.pictures.scale import time_left as time_left_bar

_YOUNG, _ADULT = 13, 18
#: What a line calls a child of a gender, under 18 and from then on.
_WHO = {"girl": ("Girl", "Young woman"), "boy": ("Boy", "Young man")}
#: What stands on a form to which the sender has written since it was decided.
WROTE = "New message since decided"
#: How a form stands whose sender has no account, until somebody recorded that they told them.
WORDS_READY = "Decided, words for the sender ready, not told yet"
_LINE = 80  # characters of a headline
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One line of the queue."""

    reference: str
    colour: TriageColour
    due: datetime | None
    left: str
    bar: TimeLeft | None
    overdue: bool
    flags: Sequence[str]
    headline: str
    about: str
    district: str
    sender: str
    received_at: datetime
    state: str
    claimed_by: str
    mine: bool
    decided: bool
    looking: str


@dataclass(frozen=True)
class QueueGroup:
    """The lines of one colour, and how much there is of it in all."""

    colour: TriageColour
    title: str
    rows: Sequence[QueueRow]


@dataclass(frozen=True)
class Option:
    """One box of the filter."""

    value: str
    label: str
    chosen: bool


def queue_groups(
    rows: Iterable[Any], counts: Sequence[ColourCount], policy: Policy, person: Principal
) -> list[QueueGroup]:
    """Rows of `portal.records.triage.reading.records.queue`, in words and by colour.

    Args:
        counts: of the whole queue; none where only a part of it is shown.
    """
    now = clock.now()
    counted = {one.colour: _count_words(one) for one in counts}
    return [
        QueueGroup(colour, f"{colour.label}{counted.get(colour, '')}", list(lines))
        for colour, lines in groupby(
            (_queue_row(row, policy, now, person) for row in rows), lambda one: one.colour
        )
    ]


def _count_words(count: ColourCount) -> str:
    number = f"{MANY} or more" if count.open >= MANY else str(count.open)
    said = [
        f"{count.overdue} overdue" if count.overdue else "",
        f"{count.unheld} that nobody has" if count.unheld else "",
    ]
    more = ", ".join(filter(None, said))
    return f" ({number}): {more}" if more else f" ({number})"


def standing_words(counts: Sequence[ColourCount]) -> str:
    """How the queue stands, in a sentence: how much is open, overdue, and what runs out next."""
    if not counts:
        return "Nothing is waiting for the hub."
    number, overdue = sum(one.open for one in counts), sum(one.overdue for one in counts)
    most = any(one.open >= MANY for one in counts)
    forms = f"{number}{' or more' if most else ''} form{'' if number == 1 else 's'}"
    said = f"{forms} open, {overdue or 'none'} overdue."
    coming = [(one.next_due, one) for one in counts if one.next_due]
    if not coming:
        return said
    due, one = min(coming, key=lambda pair: pair[0])
    held = f"with {one.next_held_by}" if one.next_held_by else "held by nobody"
    return f"{said} Next to run out: {one.colour.label.lower()}, {time_left(due)}, {held}."


def arrived_words(arrived: Mapping[TriageColour, int]) -> str:
    """What came in since a page was opened: “1 red form and 2 green forms came in”; empty for nothing."""
    parts = [
        f"{number} {colour.label.lower()} form{'' if number == 1 else 's'}"
        for colour, number in arrived.items()
    ]
    return f"{joined(parts)} came in" if parts else ""


def standing(state: ReferralState, by_hand: Iterable[Any]) -> str:
    """How a form stands, in words.

    Args:
        by_hand: what a sender without account was told by hand, or is to be, the newest first.
    """
    newest = next((one for one in by_hand if one.event == FED_BACK.code), None)
    if state is not ReferralState.FED_BACK or newest is None:
        return state.label
    if newest.told_on is not None:
        return "Decided, sender told by hand"
    return "Decided, sender not told" if newest.dropped_at is not None else WORDS_READY


def _queue_row(row: Any, policy: Policy, now: datetime, person: Principal) -> QueueRow:
    wrote = row.wrote_due is not None
    untold = row.untold_due is not None
    owed = (wrote or untold or row.state != ReferralState.FED_BACK) and row.due < _NEVER
    decided = row.state in {ReferralState.DECIDED, ReferralState.FED_BACK}
    left = brief_left(row.due, now) if owed else ""
    subjects = [_Subject.of(one) for one in row.subjects or ()]
    return QueueRow(
        reference=row.reference,
        colour=TriageColour(row.colour or TriageColour.GREEN),
        due=row.due if owed else None,
        left=f"{left} to {'read it' if wrote else 'tell the sender'}" if left and decided else left,
        bar=time_left_bar(row.received_at, row.due, now) if owed and not decided else None,
        overdue=owed and row.due < now,
        flags=[*([WROTE] if wrote else []), *_flags(row, subjects, policy)],
        headline=_headline(row, subjects, policy),
        about=_about(row, subjects, policy),
        district=district_label(row.district, policy),
        sender=row.sender_agency,
        received_at=row.received_at,
        state=WORDS_READY if untold else ReferralState(row.state).label,
        claimed_by=row.claimed_by_name or "",
        mine=row.claimed_by == person.user_id,
        decided=decided,
        looking=", ".join(row.looking),
    )


@dataclass(frozen=True)
class _Subject:
    details: Details
    known: str | None
    recognised: bool

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "_Subject":
        return cls(read_details(stored["kind"], stored["details"]), stored["known"], stored["recognised"])


def _flags(row: Any, subjects: Sequence[_Subject], policy: Policy) -> list[str]:
    """What makes a form pressing: what of it policy may give red, and how young a child is."""
    pressing = {
        flag
        for rule in policy.triage.rules.offered
        if rule.colour is TriageColour.RED
        for flag in rule.when.flags
    }
    ages = [one.details.years(clock.today()) for one in subjects if isinstance(one.details, ChildDetails)]
    young = min((age for age in ages if age is not None), default=_YOUNG)
    return [
        *(["Danger now"] if row.immediate_danger else []),
        *(policy.referral.flags.label(code) for code in row.flags or () if code in pressing),
        *(["Under 13"] if young < _YOUNG else []),
    ]


def _headline(row: Any, subjects: Sequence[_Subject], policy: Policy) -> str:
    """Who it is about, without a name, and what worries the sender: in one line."""
    children = [one.details for one in subjects if isinstance(one.details, ChildDetails)]
    line = row.in_one_line or _beginning(row.what_happened or "")
    if not children:
        return line or policy.referral.kinds.label(row.kind)
    first = children[0]
    age = first.years(clock.today())
    young, grown = _WHO.get(first.gender, ("Child", "Young person"))
    who = young if age is None or age < _ADULT else grown
    said = who if age is None else f"{who}, {age}"
    if len(children) > 1:
        said = f"{len(children)} children"
    return f"{said}: {line}" if line else said


def _beginning(text: str) -> str:
    """The first words of a text, up to a sentence or to where a word ends."""
    first = text.strip().partition("\n")[0]
    if len(first) <= _LINE:
        return first
    return f"{first[:_LINE].rpartition(' ')[0].rstrip(',;:')}…"


def _about(row: Any, subjects: Sequence[_Subject], policy: Policy) -> str:
    """The types, and which known child it is about, if it is known."""
    known = [one.known for one in subjects if one.known]
    hidden = any(one.recognised and not one.known for one in subjects)
    types = ", ".join(policy.exploitation.types.labels(row.types)) or policy.referral.kinds.label(row.kind)
    if known:
        return f"{types} · known: {joined(known)}"
    return f"{types} · recognised" if hidden else types


def filter_options(wanted: QueueFilter, policy: Policy, agencies: Iterable[Any]) -> dict[str, list[Option]]:
    """The boxes of the filter by the name of their field."""
    states = [(one.value, one.label) for one in ReferralState if one is not ReferralState.DRAFT]
    said = [(DANGER, "Danger now"), *((one.code, one.label) for one in policy.referral.flags.offered)]
    offered = {
        "colour": ([(one.value, one.label) for one in TriageColour], wanted.colours),
        "held": ([(one.value, one.label) for one in Held], wanted.held),
        "state": (states, wanted.states),
        "said": (said, wanted.said),
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
        "wrote": ([(SINCE_DECIDED, WROTE)], wanted.wrote),
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
    ring: bool  # now; of what was told that is from when its time is over
    referral_reference: str
    confirm_id: UUID | None = None


def warnings(receipts: Iterable[Any], referrals: Iterable[Any], policy: Policy) -> list[Unconfirmed]:
    """What stands above the queue until somebody has confirmed it; whom to ring now first."""
    now = clock.now()
    found = [
        Unconfirmed(
            what="Has not confirmed red information",
            who=": ".join(filter(None, (row.agency, row.team))),
            phone=row.duty_phone or "",
            left=time_left(row.due, now),
            overdue=bool(row.due and row.due < now),
            ring=row.due is None or row.due <= now,
            referral_reference=row.referral_reference or "",
        )
        for row in receipts
    ]
    for row in referrals:
        numbers = numbers_at(policy, now, ContactKind.FRONT_DOOR, authority=row.authority)
        found.append(
            Unconfirmed(
                what="Has not opened a referral",
                who=f"{policy.areas.authorities.label(row.authority)}: children’s social care",
                phone=numbers[0].number if numbers else "",
                left=time_left(row.due, now),
                overdue=bool(row.due and row.due < now),
                ring=True,
                referral_reference=row.referral_reference,
                confirm_id=row.id,
            )
        )
    return sorted(found, key=lambda one: not one.ring)
