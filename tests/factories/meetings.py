"""Meetings and who is invited to them, written straight into the tables; the triggers do what they do."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.pathway import calendar
from portal.pathway.references import Prefix, new_reference
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.cases.vocabulary import GrantKind
from portal.records.meetings.model import AgendaItem, Invitation, Meeting, MeetingCase, MeetingPaper
from portal.records.meetings.vocabulary import InvitationReply, MeetingState
from portal.records.people.model import Agency, Team, User
from tests.factories.cases import grant


def make_meeting(
    rows: Session,
    *,
    chair: User,
    note_taker: User,
    cases: Sequence[Case] = (),
    district: str | None = None,
    starts_at: datetime | None = None,
    called_by: User | None = None,
    kind: str = "",
    state: MeetingState = MeetingState.BOOKED,
    granted: bool = True,
    **facts: Any,
) -> Meeting:
    """A booked meeting on `cases`, or on a `district`, with its deadline.

    The chair and the note-taker are invited and, unless `granted` is false, may read the cases for it.
    """
    now = clock.now()
    starts = starts_at or _in_a_week(now)
    caller = called_by or chair
    meeting = Meeting(
        id=new_id(),
        reference=new_reference(Prefix.MEETING),
        kind=kind or ("first" if cases else "locality_panel"),
        district=None if cases else district or "amber_valley",
        state=MeetingState.BOOKED,
        starts_at=starts,
        ends_at=facts.pop("ends_at", starts + timedelta(hours=1, minutes=30)),
        chair_id=chair.id,
        note_taker_id=note_taker.id,
        called_by=caller.id,
        called_agency_id=caller.agency_id,
        policy_version="test",
        **facts,
    )
    rows.add(meeting)
    rows.flush()
    rows.add_all(MeetingCase(meeting_id=meeting.id, case_id=one.id, child_id=one.child_id) for one in cases)
    rows.add(_deadline(meeting, now))
    rows.commit()
    for role, person in (("chair", chair), ("note_taker", note_taker)):
        make_invitation(rows, meeting, role=role, person=person, by=caller, required=True)
        for case in cases if granted else ():
            grant(rows, case, person, by=caller, kind=GrantKind.MEETING).meeting_id = meeting.id
    for step in _way_to(state):
        meeting.state = step
        rows.flush()
    rows.commit()
    return meeting


def _in_a_week(now: datetime) -> datetime:
    """By day, whenever a test runs: nobody meets at night, and no form that moves a meeting takes it."""
    return calendar.at_local(clock.local(now).date() + timedelta(days=7), time(10))


def make_invitation(
    rows: Session,
    meeting: Meeting,
    *,
    by: User,
    team: Team | None = None,
    person: User | None = None,
    outside: str | None = None,
    comes: User | None = None,
    role: str = "other",
    agency: Agency | None = None,
    reply: InvitationReply = InvitationReply.WAITING,
    **facts: Any,
) -> Invitation:
    """A team, a person, or by the name `outside` somebody without an account, asked to a meeting."""
    agency_id = next((one.agency_id for one in (person, team) if one is not None), None)
    invitation = Invitation(
        id=new_id(),
        reference=new_reference(Prefix.INVITATION),
        meeting_id=meeting.id,
        agency_id=agency.id if agency else agency_id,
        team_id=team.id if team else None,
        user_id=person.id if person else None,
        comes_id=comes.id if comes else None,
        external_name=outside,
        role=role,
        invited_by=by.id,
        invited_at=facts.pop("invited_at", clock.now()),
        reply=reply,
        **facts,
    )
    rows.add(invitation)
    rows.commit()
    return invitation


def make_heading(
    rows: Session, meeting: Meeting, case: Case | None = None, heading: str = "Why we meet"
) -> AgendaItem:
    """A heading at the end of the agenda; on one child where a case is given."""
    item = AgendaItem(
        id=new_id(),
        meeting_id=meeting.id,
        case_id=case.id if case else None,
        position=rows.query(AgendaItem).filter_by(meeting_id=meeting.id).count() + 1,
        heading=heading,
    )
    rows.add(item)
    rows.commit()
    return item


def _deadline(meeting: Meeting, started: datetime) -> Deadline:
    return Deadline(
        id=new_id(),
        kind=DeadlineKind.MEETING,
        subject_kind="meeting",
        subject_id=meeting.id,
        meeting_id=meeting.id,
        owner_id=meeting.chair_id,
        started_at=started,
        due_at=meeting.starts_at,
        original_due_at=meeting.starts_at,
        state=DeadlineState.OPEN,
        source="set by a person",
        confirmed=True,
        policy_version="test",
    )


def _way_to(state: MeetingState) -> list[MeetingState]:
    """The states that a booked meeting goes through on its way: the database refuses a jump."""
    if state is MeetingState.CANCELLED:
        return [state]
    held = [
        MeetingState.HELD,
        MeetingState.MINUTES_IN_DRAFT,
        MeetingState.APPROVED,
        MeetingState.DISTRIBUTED,
    ]
    return held[: held.index(state) + 1] if state in held else []


def do_without_papers(rows: Session, meeting: Meeting) -> None:
    """It was said of every paper on every child of a meeting that it is not needed."""
    kinds = [one.code for one in current_policy().meetings.papers.offered if not one.from_agency]
    on = rows.scalars(select(MeetingCase.case_id).filter_by(meeting_id=meeting.id)).all()
    rows.add_all(
        MeetingPaper(
            id=new_id(), meeting_id=meeting.id, case_id=case, kind=kind, not_needed_reason="A short meeting"
        )
        for case in on
        for kind in kinds
    )
    rows.commit()
