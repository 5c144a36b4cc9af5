"""Calling a meeting on one or more cases, or on a district, with all that belongs to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.idempotency import sent_before
from portal.changes.versions import insert_now, lock_row
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.policy import Policy, current_policy
from portal.policy.telling import MeetingOn
from portal.policy.work import LevelRule
from portal.records.cases.facts import refuse_closed
from portal.records.cases.model import Case
from portal.records.meetings.agenda import start_agenda
from portal.records.meetings.chairing import appoint, check_can_come, check_times
from portal.records.meetings.invitations import CHAIR, NOTE_TAKER, Invitee, write_invitations
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.meetings.preparing import PaperMark, Report, ask_for_reports, mark_paper
from portal.records.meetings.telling import tell_leads, tell_of_gaps
from portal.records.meetings.vocabulary import CALLED, MeetingState
from portal.records.people.model import User
from portal.vocabulary import RiskLevel


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a meeting is to be.

    Args:
        kind: a code of policy `meetings.kinds`.
        starts_at, ends_at: aware.
        place, link: at least one of the two.
    """

    kind: str
    starts_at: datetime
    ends_at: datetime
    chair: User
    note_taker: User
    place: str = ""
    link: str = ""

    @property
    def run_by(self) -> list[Invitee]:
        """The chair and the note-taker, who are invited too."""
        return [
            Invitee(role=CHAIR, person=self.chair, required=True),
            Invitee(role=NOTE_TAKER, person=self.note_taker, required=True),
        ]


def call_meeting(
    *,
    actor: Principal,
    plan: Plan,
    cases: Sequence[Case] = (),
    district: str | None = None,
    invitees: Iterable[Invitee] = (),
    once: UUID | None = None,
) -> Meeting:
    """Call a meeting on `cases` that the actor reads in full, or on a `district`, and invite to it.

    The chair and the note-taker are invited too, and from now on read the cases. Whoever is invited is told.

    Args:
        once: made when the page was made, so that sending the page twice calls one meeting.

    Raises:
        Forbidden: the actor may not call a meeting on one of the cases.
        DomainError: it lies in the past, has nowhere to be, one person would chair and take notes, or
            somebody cannot be invited.
    """
    _require_calling(actor, cases)
    meeting_id = _id_of(actor, once) if once else new_id()
    if (called := sent_before(actor, Meeting, meeting_id)) is not None:
        return called
    for case in sorted(cases, key=lambda one: one.id):
        lock_row(case)
        refuse_closed(case)
    _check(plan, cases, district)
    meeting = _write(actor, meeting_id, plan, cases, district)
    for person, what in ((plan.chair, "Chair"), (plan.note_taker, "Note-taker")):
        appoint(actor=actor, meeting=meeting, cases=cases, person=person, as_what=what)
    write_invitations(actor=actor, meeting=meeting, cases=cases, invitees=[*plan.run_by, *invitees])
    open_deadline(
        kind=DeadlineKind.MEETING,
        subject=meeting,
        owner=Owner(user_id=plan.chair.id),
        due_at=meeting.starts_at,
        policy=_policy(cases),
    )
    start_agenda(actor, meeting)
    _record(meeting, cases)
    tell_leads(actor=actor, meeting=meeting, event=CALLED)
    tell_of_gaps(actor=actor, meeting=meeting, cases=cases)
    return meeting


def called_before(*, actor: Principal, once: UUID) -> bool:
    """Whether somebody has called a meeting from this page already."""
    return db.session.get(Meeting, _id_of(actor, once)) is not None


def required_sectors(cases: Iterable[Case]) -> list[str]:
    """The sectors that the highest level of some cases asks for; none where no case has a level."""
    rule = level_rule(cases)
    return [sector.value for sector in rule.required_sectors] if rule else []


def level_rule(cases: Iterable[Case]) -> LevelRule | None:
    """What the highest level of some cases asks for (policy `levels`); nothing where no case has a level."""
    levels = [(RiskLevel(case.level), case.authority) for case in cases if case.level]
    if not levels:
        return None
    level, authority = min(levels, key=lambda one: one[0].rank)
    return current_policy(authority).levels.levels.get(level)


def _id_of(actor: Principal, once: UUID) -> UUID:
    return uuid5(once, str(actor.user_id))


def _require_calling(actor: Principal, cases: Sequence[Case]) -> None:
    """Each case needs the right of its own: whoever runs the meeting is let in to all of them."""
    for case in cases or (None,):
        leads = case is not None and case.lead_professional_id == actor.user_id
        require(actor, "meeting:call", Facts(lead_professional=leads))


def _check(plan: Plan, cases: Sequence[Case], district: str | None) -> None:
    policy = current_policy()
    kind = policy.meetings.kinds.get(plan.kind)
    if kind is None or kind.retired or (kind.on is MeetingOn.CASES) != bool(cases):
        raise DomainError("Choose what kind of meeting it is", field="kind")
    if not cases and district not in policy.areas.districts:
        raise DomainError("Choose a district", field="district")
    check_times(plan.starts_at, plan.ends_at)
    check_where(plan.place, plan.link)
    check_can_come(plan.chair, field="chair")
    check_can_come(plan.note_taker, field="note_taker")
    check_two_people(plan.chair, plan.note_taker)


def check_where(place: str, link: str) -> None:
    """A meeting is somewhere.

    Raises:
        DomainError: there is neither a place nor a link, or the link is no address of a page.
    """
    if not place.strip() and not link.strip():
        raise DomainError("Enter a place, a link or both", field="place")
    if link.strip() and not link.strip().startswith("https://"):
        raise DomainError("Enter the link as it begins: https://", field="link")


def check_two_people(chair: User, note_taker: User, *, field: str = "note_taker") -> None:
    """Nobody chairs and writes.

    Raises:
        DomainError: one person would.
    """
    if chair.id == note_taker.id:
        raise DomainError("Somebody other than the chair takes the notes. Choose another person", field=field)


def _write(
    actor: Principal, meeting_id: UUID, plan: Plan, cases: Sequence[Case], district: str | None
) -> Meeting:
    meeting = Meeting(
        id=meeting_id,
        reference=new_reference(Prefix.MEETING),
        kind=plan.kind,
        district=None if cases else district,
        state=MeetingState.BOOKED,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        place=plan.place.strip(),
        link=plan.link.strip(),
        chair_id=plan.chair.id,
        note_taker_id=plan.note_taker.id,
        called_by=actor.user_id,
        called_agency_id=actor.agency_id,
        required_sectors=required_sectors(cases),
        policy_version=_policy(cases).version,
        created_at=clock.now(),
    )
    insert_now(meeting)
    db.session.add_all(
        MeetingCase(meeting_id=meeting.id, case_id=case.id, child_id=case.child_id)
        for case in sorted(cases, key=lambda case: case.id)
    )
    db.session.flush()
    return meeting


def _policy(cases: Sequence[Case]) -> Policy:
    return current_policy(cases[0].authority if cases else None)


def _record(meeting: Meeting, cases: Sequence[Case]) -> None:
    for case in cases:
        audit.record("meeting:call", meeting, case=case)
    if not cases:
        audit.record("meeting:call", meeting)


@dataclass(frozen=True)
class NotNeeded:
    """Papers that a meeting can do without, by their codes, and why."""

    papers: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Convened:
    """What was called, and how many were asked for a report."""

    meeting: Meeting
    asked: int = 0


def convene(
    *,
    actor: Principal,
    plan: Plan,
    cases: Sequence[Case] = (),
    district: str | None = None,
    invitees: Iterable[Invitee] = (),
    not_needed: NotNeeded | None = None,
    report: Report | None = None,
    once: UUID,
) -> Convened:
    """Call a meeting, say which papers it can do without, and ask whoever is invited for a report.

    Args:
        once: made when the page was made, so that sending the page twice does all this once.

    Raises:
        as `call_meeting`; DomainError also where a reason is missing, or nobody is there to be asked.
    """
    called = called_before(actor=actor, once=once)
    meeting = call_meeting(
        actor=actor, plan=plan, cases=cases, district=district, invitees=invitees, once=once
    )
    if called:
        return Convened(meeting)
    _do_without(actor, meeting, cases, not_needed)
    return Convened(meeting, len(_ask(actor, meeting, report)) if report else 0)


def _do_without(actor: Principal, meeting: Meeting, cases: Sequence[Case], rest: NotNeeded | None) -> None:
    if rest is None or not rest.papers:
        return
    require_text(rest.reason, "Say why the other papers are not needed", field="papers_reason")
    for case in cases:
        for kind in rest.papers:
            mark_paper(
                actor=actor,
                meeting=meeting,
                case_id=case.id,
                kind=kind,
                mark=PaperMark.NOT_NEEDED,
                reason=rest.reason,
                version=0,
            )


def _ask(actor: Principal, meeting: Meeting, report: Report) -> Sequence[object]:
    try:
        return ask_for_reports(actor=actor, meeting=meeting, report=report)
    except DomainError as refused:
        if refused.field is None:
            raise DomainError("Nobody is invited who could be asked for a report", field="reports") from None
        raise
