"""One form as a coordinator reads it: who and what is on it, and a child beside a known child."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from portal import clock
from portal.policy import ContactKind, Policy, current_policy
from portal.records.children.presenter import born
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.referrals.presenter import Reader, Row, Section
from portal.records.referrals.rules import ChildDetails, FormAnswers
from portal.records.triage.presenter import became
from portal.records.triage.reading.form import Event, Subject
from portal.records.triage.reading.matches import Candidate, KnownChild
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import DecisionOutcome, Sector, TriageColour
from portal.web.filters import day, in_words, moment, nhs_number, numbers_now


@dataclass(frozen=True, kw_only=True)
class DecisionLine:
    """A decision that stands or stood."""

    id: UUID
    outcome: str
    more: str
    reason: str
    by: str
    at: datetime
    case_reference: str
    reopened: str
    reopen_reason: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """A child, person, place or thing on the form, with what is known and decided."""

    subject: Subject
    rows: Sequence[Row]
    known: KnownChild | None
    candidates: Sequence[Candidate]
    decisions: Sequence[DecisionLine]

    @property
    def standing(self) -> Sequence[DecisionLine]:
        """The decisions that stand."""
        return [one for one in self.decisions if not one.reopened]


@dataclass(frozen=True, kw_only=True)
class Told:
    """A line of the sharing ledger."""

    reference: str
    who: str
    decision: str
    reason: str
    phone: str
    received: str  # that somebody there opened it, or confirmed that they have it
    confirmed: str  # when
    refused: bool
    withdrawn: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SocialCare:
    """A referral to a front door.

    Attributes:
        teams: on whose list it stands; empty where social care is not on the portal.
        opened: who opened it, and when.
        confirmed: its own reference, or whom the hub rang, and when; who recorded it.
        decided: what it decided.
        rings_from: from when on the hub has to ring, while it has to.
        reopened_at: when the hub took its decision back, which social care had opened, confirmed or decided.
    """

    id: UUID
    authority: str
    teams: str
    opened: str
    confirmed: str
    decided: str
    rings_from: datetime | None
    withdrawn: datetime | None
    reopened_at: datetime | None

    @property
    def rings(self) -> bool:
        """Whether the hub has to ring now."""
        return self.rings_from is not None and self.rings_from <= clock.now()


def cards(
    subjects: Iterable[Subject],
    known: Mapping[UUID, KnownChild],
    candidates: Mapping[UUID, Sequence[Candidate]],
    events: Sequence[Event],
    policy: Policy,
) -> list[Card]:
    """A card for everything on the form, in its order."""
    reader = Reader(policy)
    return [
        Card(
            subject=subject,
            rows=reader.subject(subject.details),
            known=known.get(subject.child_id) if subject.child_id else None,
            candidates=candidates.get(subject.id, ()),
            decisions=decisions_of(subject.id, events, policy),
        )
        for subject in subjects
    ]


def decisions_of(subject_id: UUID | None, events: Iterable[Event], policy: Policy) -> list[DecisionLine]:
    """What was decided about a subject, or about the form as a whole."""
    wanted = str(subject_id) if subject_id else None
    return [
        DecisionLine(
            id=one.id,
            outcome=DecisionOutcome(one.facts["outcome"]).label,
            more=_more(one.facts, policy),
            reason=one.facts["reason"],
            by=one.by,
            at=one.at,
            case_reference=one.facts["case"] or "",
            reopened=moment(_read(one.facts["reopened_at"])),
            reopen_reason=one.facts["reopen_reason"] or "",
        )
        for one in events
        if one.kind == "decision" and one.facts["subject"] == wanted
    ]


def told(events: Iterable[Event]) -> list[Told]:
    """Who was told, and who was not and why, the last first."""
    found = [one for one in events if one.kind == "disclosure"]
    return [
        Told(
            reference=one.facts["reference"],
            who=": ".join(filter(None, (one.facts["agency"], one.facts["team"]))),
            decision=SharingDecision(one.facts["decision"]).label,
            reason=one.facts["reason"],
            phone=one.facts["phone"] or "",
            received="Opened" if one.facts["was_opened"] else "Confirmed",
            confirmed=moment(_read(one.facts["confirmed_at"])),
            refused=one.facts["decision"] == SharingDecision.REFUSE,
            withdrawn=one.facts["withdrawn_at"] is not None,
            at=one.at,
        )
        for one in reversed(found)
    ]


def social_care(events: Iterable[Event], policy: Policy) -> list[SocialCare]:
    """Referrals to front doors."""
    return [
        SocialCare(
            id=one.id,
            authority=policy.areas.authorities.label(one.facts["authority"]),
            teams=one.facts["teams"] or "",
            opened=_by(one.facts, "opened"),
            confirmed=_confirmation(one.facts),
            decided=_answer(one.facts, policy),
            rings_from=_read(one.facts["rings_from"]),
            withdrawn=_read(one.facts["withdrawn_at"]),
            reopened_at=_read(one.facts["reopened_at"]),
        )
        for one in events
        if one.kind == "social_care"
    ]


def history(
    events: Iterable[Event], told: Iterable[dict[str, Any]] = (), *, outside: bool = False
) -> list[dict[str, Any]]:
    """What was done with the form, the last first, for the timeline.

    Args:
        told: lines on its sender, who was told by hand.
        outside: whether the sender has no account, and is told by nothing that is written here.
    """
    done = [
        {"title": said[0], "by": one.by, "at": one.at, "text": said[1]}
        for one in events
        if (said := _entry(one, outside=outside))
    ]
    return sorted([*done, *told], key=lambda one: one["at"])[::-1]


def sections(answers: Mapping[str, Any], policy: Policy, agency: str) -> list[Section]:
    """The form itself without who and what is on it, which has cards of its own."""
    return Reader(policy).sections(FormAnswers.from_json(answers), [], agency=agency)


def _entry(event: Event, *, outside: bool) -> tuple[str, str] | None:
    """Title and text of a line of the history; messages stand elsewhere."""
    if outside and event.kind == "feedback":
        return "Words for the sender written", event.facts["text"]
    made = _ENTRIES.get(event.kind)
    return made(event) if made else None


def _colour(event: Event) -> tuple[str, str]:
    who = "First colour, by policy" if event.facts["by_policy"] else "Colour changed"
    return f"{who}: {TriageColour(event.facts['colour']).label.lower()}", event.facts["reason"]


def _handover(event: Event) -> tuple[str, str]:
    to = event.facts["to"]
    if to is None:
        return "Put back into the queue", ""
    return (f"Handed over to {to}", event.facts["note"]) if event.by else (f"Claimed by {to}", "")


def _decision(event: Event) -> tuple[str, str]:
    again = f"\nReopened: {event.facts['reopen_reason']}" if event.facts["reopened_at"] else ""
    return f"Decided: {DecisionOutcome(event.facts['outcome']).label}", f"{event.facts['reason']}{again}"


def _social_care(event: Event) -> tuple[str, str] | None:
    said = _confirmation(event.facts)
    return ("Social care confirmed", said) if said else None


def _disclosure(event: Event) -> tuple[str, str]:
    refused = event.facts["decision"] == SharingDecision.REFUSE
    return f"{'Not told' if refused else 'Told'}: {event.facts['agency']}", event.facts["reason"]


_ENTRIES: Mapping[str, Callable[[Event], tuple[str, str] | None]] = {
    "colour": _colour,
    "handover": _handover,
    "decision": _decision,
    "social_care": _social_care,
    "disclosure": _disclosure,
    "feedback": lambda event: ("Sender told", event.facts["text"]),
}


def _confirmation(facts: Mapping[str, Any]) -> str:
    if not facts["confirmed_at"]:
        return ""
    rang = f"{facts['call_with']} was rung {moment(_read(facts['call_at']))}" if facts["call_with"] else ""
    how = ", ".join(filter(None, (facts["reference"], rang)))
    return f"{how}, recorded by {_by(facts, 'confirmed')}"


def _answer(facts: Mapping[str, Any], policy: Policy) -> str:
    if not facts["outcome_at"]:
        return ""
    return f"{policy.decisions.social_care_outcomes.label(facts['outcome'])}, {_by(facts, 'outcome')}" + (
        f". {became(held=said['held'], at=_read(said['at']))}" if (said := facts["became"]) else ""
    )


def _by(facts: Mapping[str, Any], what: str) -> str:
    """Who did something, and when; empty while nobody has."""
    at = _read(facts[f"{what}_at"])
    return f"{facts[f'{what}_by'] or 'somebody'}, {moment(at)}" if at else ""


def _more(facts: Mapping[str, Any], policy: Policy) -> str:
    details = facts["details"] or {}
    said = [
        policy.areas.districts.label(details.get("district")),
        policy.areas.authorities.label(details.get("authority")),
        f"of {facts['duplicate_of']}" if facts["duplicate_of"] else "",
        InformationNature.INTELLIGENCE.label
        if details.get("nature") == InformationNature.INTELLIGENCE
        else "",
    ]
    return ", ".join(filter(None, said))


def _read(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


@dataclass(frozen=True)
class Compared:
    """One line of a comparison; `same` is None where one side says nothing."""

    key: str
    on_form: Sequence[str]
    in_records: Sequence[str]
    same: bool | None


def comparison(details: ChildDetails, known: KnownChild, policy: Policy) -> list[Compared]:
    """What a form says of a child beside what the records say of a known one."""
    people = policy.people
    said = day(details.dob) or (f"About {details.age} years old" if details.age is not None else "")
    known_as = born(known.dob, is_estimate=known.dob_is_estimate) or ""
    pairs: list[tuple[str, Sequence[str], Sequence[str]]] = [
        ("Name", [details.name], [known.name]),
        ("Other names", [details.other_names], known.other_names),
        ("Date of birth", [said], [known_as]),
        ("NHS number", [nhs_number(details.nhs_number)], [nhs_number(known.nhs_number)]),
        ("Gender", [people.genders.label(details.gender)], [people.genders.label(known.gender)]),
        (
            "Ethnicity",
            [people.ethnicities.label(details.ethnicity)],
            [people.ethnicities.label(known.ethnicity)],
        ),
        ("Address", [f"{details.address}\n{details.postcode}".strip()], known.addresses),
        ("Phone", [details.phone], known.phones),
        ("School or college", [details.school], known.schools),
        ("GP", [details.gp], known.gps),
        ("Parent or carer", [details.carer], known.carers),
    ]
    lines = [_compared(key, ours, theirs) for key, ours, theirs in pairs if any(ours) or any(theirs)]
    exact = details.dob and known.dob and not known.dob_is_estimate
    same_day = details.dob == known.dob if exact else None
    return [replace(one, same=same_day) if one.key == "Date of birth" else one for one in lines]


def _compared(key: str, ours: Sequence[str], theirs: Sequence[str]) -> Compared:
    mine = {" ".join(one.lower().split()) for one in ours if one}
    yours = {" ".join(one.lower().split()) for one in theirs if one}
    return Compared(
        key, [one for one in ours if one], [one for one in theirs if one],
        bool(mine & yours) if mine and yours else None,
    )  # fmt: skip


def front_door_decisions(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """What front doors decided of a child, for whoever leads the case: which case, and what and when."""
    return [
        {
            "case": row.case_reference,
            "rows": [
                {"key": "Who decided", "value": f"Children’s social care of {_authority(row)}"},
                {"key": "Decided", "value": _outcome(row)},
                {"key": "When", "value": moment(row.decided_at)},
                {"key": "What they wrote to the sender", "value": row.words},
            ],
        }
        for row in rows
    ]


def _authority(row: Any) -> str:
    return current_policy(row.authority).areas.authorities.label(row.authority)


def _outcome(row: Any) -> str:
    return current_policy(row.authority).decisions.social_care_outcomes.label(row.outcome)


def unaware(know: Collection[str], district: str | None) -> list[str]:
    """Of a red form that was decided: that nobody of the police or of social care knows of it, as far as the
    portal knows, and whom to ring.

    Args:
        know: the sectors of which somebody does.
    """
    authority = current_policy().authority_of(district)
    asked = {
        Sector.POLICE: (
            "No police officer, unless at an intelligence desk,",
            numbers_now(ContactKind.NON_EMERGENCY),
            "; in danger, 999",
        ),
        Sector.SOCIAL_CARE: (
            "Nobody in children’s social care",
            numbers_now(ContactKind.FRONT_DOOR, authority=authority),
            "",
        ),
    }
    return [
        f"{nobody} was told of this red form in the portal, or works on a case that it is on. If they have to"
        f" know now, ring {in_words(numbers)}{more}."
        for sector, (nobody, numbers, more) in asked.items()
        if sector not in know
    ]


def told_words(
    tells: SharingDecision | None, names: Mapping[UUID, str], came: Collection[UUID] | None
) -> str:
    """What was done when teams were told; of a team that works on the case already not that it was added.

    Args:
        came: the teams that joined a case now; None where none was chosen.
    """
    who = ", ".join(names.values())
    said = {None: "", "refuse": f"Recorded that {who} is not told"}.get(tells, "On the sharing ledger")
    if came is None:
        return said
    added = ", ".join(name for key, name in names.items() if key in came)
    there = ", ".join(name for key, name in names.items() if key not in came)
    parts = (said, f"{added} added to the case" if added else "", f"{there} on it already" if there else "")
    return " and ".join(filter(None, parts))
