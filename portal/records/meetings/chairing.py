"""Who runs a meeting, and on which of its cases."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select

from portal import clock
from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.meetings.vocabulary import MeetingState
from portal.services.errors import DomainError, NotFound

#: States of a meeting that was held; who came can be corrected in each of them.
HELD_STATES = frozenset(
    {MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT, MeetingState.APPROVED, MeetingState.DISTRIBUTED}
)


#: States in which a meeting is recorded: from approval on, what was recorded stands.
RECORDED_STATES = frozenset({MeetingState.BOOKED, MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT})


def run_facts(actor: Principal, meeting: Meeting) -> Facts:
    """What decides whether somebody may run a meeting."""
    leads = select(MeetingCase.case_id).join(Case, Case.id == MeetingCase.case_id)
    return Facts(
        lead_professional=db.session.scalar(
            leads.where(
                MeetingCase.meeting_id == meeting.id, Case.lead_professional_id == actor.user_id
            ).limit(1)
        )
        is not None,
        runs_meeting=actor.user_id in {meeting.chair_id, meeting.note_taker_id},
    )


def require_running(actor: Principal, meeting: Meeting) -> None:
    """Go on only if the actor may run the meeting, and reads one of its cases in full.

    Raises:
        Forbidden: they may not, or are invited and no more.
    """
    _require(actor, meeting, "meeting:run")


def require_recording(actor: Principal, meeting: Meeting, verb: str) -> None:
    """Go on only if the actor may do `verb` to the record of a meeting, and it is still being recorded.

    Raises:
        Forbidden: they may not, or are invited and no more.
        DomainError: its day is not there yet, it was cancelled, or its minutes are approved.
    """
    _require(actor, meeting, verb)
    _refuse_recording(meeting)


def why_not_recorded(meeting: Meeting) -> str:
    """Why nothing can be recorded of a meeting now; empty where it can."""
    try:
        _refuse_recording(meeting)
    except DomainError as refused:
        return refused.message
    return ""


def runs(meeting: Meeting) -> bool:
    """Whether the person who asks may know of the meeting as a whole."""
    return bool(db.session.scalar(select(func.ctx.runs_meeting(meeting.id))))


def case_of(*, meeting: Meeting, case_id: UUID) -> Case:
    """A case of the meeting that the person who asks reads in full.

    Raises:
        NotFound: the meeting is not on it, or it is not theirs to read.
    """
    found = db.session.scalar(_cases(meeting).where(Case.id == case_id))
    if found is None:
        raise NotFound("The meeting is not on this case")
    return found


def cases_of(meeting: Meeting) -> Sequence[Case]:
    """The cases of the meeting that the person who asks reads in full."""
    return db.session.scalars(_cases(meeting).order_by(Case.opened_at, Case.id)).all()


def refuse_before_its_day(meeting: Meeting) -> None:
    """Who came to a meeting is known from its day on.

    Raises:
        DomainError: its day is not there yet, it is not booked, or it was cancelled.
    """
    state = MeetingState(meeting.state)
    if state is MeetingState.CANCELLED:
        raise DomainError("This meeting was cancelled")
    if state is MeetingState.DUE:
        raise DomainError("This meeting is not booked yet")
    day = clock.local(meeting.starts_at).date()
    if clock.today() < day:
        raise DomainError(
            f"This meeting is on {day.day} {day:%B %Y}. "
            "Who came and what was said can be entered from that day on"
        )


def _refuse_recording(meeting: Meeting) -> None:
    refuse_before_its_day(meeting)
    if MeetingState(meeting.state) not in RECORDED_STATES:
        raise DomainError(
            "The minutes of this meeting are approved, so they stand. What is wrong is noted beside them"
        )


def _require(actor: Principal, meeting: Meeting, verb: str) -> None:
    require(actor, verb, run_facts(actor, meeting))
    require_reading(meeting)


def require_reading(meeting: Meeting) -> None:
    """Go on only for somebody who reads one of the meeting's cases in full.

    Raises:
        Forbidden: they are invited and no more.
    """
    if not runs(meeting):
        raise Forbidden("You are invited to this meeting, but you cannot read the case that it is on.")


def _cases(meeting: Meeting) -> Select[Case]:
    return (
        select(Case)
        .join(MeetingCase, MeetingCase.case_id == Case.id)
        .where(MeetingCase.meeting_id == meeting.id)
    )
