"""When a meeting wants to meet again on a child; never later than the level says without a reason."""

from datetime import date, datetime

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.extensions import db
from portal.models.deadlines import Deadline
from portal.pathway.calendar import end_of_day
from portal.records.assessments.levels import review_due
from portal.records.cases.model import Case
from portal.records.meetings.chairing import HELD_STATES, case_of, require_recording
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.writing import begin_minutes
from portal.services.deadlines import move_deadline, open_deadlines
from portal.services.errors import DomainError
from portal.vocabulary.deadlines import DeadlineKind

SET_BY_A_MEETING = "The meeting set its next date"


def set_next_date(*, actor: Principal, meeting: Meeting, case: Case, on: date, reason: str = "") -> None:
    """Set the next date on a child. The review is then due on it.

    Args:
        reason: why it is later than the level's interval (policy `levels`), where it is.

    Raises:
        Forbidden: the actor does not run the meeting.
        NotFound: the meeting is not on that case.
        DomainError: it does not lie after the meeting, it is later than the policy says and nobody said why,
            or the meeting is not being recorded.
    """
    require_recording(actor, meeting, "minutes:write")
    case_of(meeting=meeting, case_id=case.id)
    if on <= clock.local(meeting.starts_at).date():
        raise DomainError("Enter a day after the meeting", field="next_on")
    latest = latest_date(meeting=meeting, case=case)
    if latest is not None and on > latest:
        _check_later(meeting, latest, reason)
    row = _on(meeting, case)
    if row.next_on != on:
        row.next_on = on
        db.session.flush()
        audit.record(
            "meeting:next_date",
            subject_kind="meeting",
            subject_id=meeting.id,
            case_id=case.id,
            child_id=case.child_id,
            on=on.isoformat(),
        )
    for review in _reviews(meeting, case):
        _move(review, on, reason.strip() or SET_BY_A_MEETING)
    begin_minutes(meeting=meeting)


def follow_next_date(*, meeting: Meeting, case: Case) -> None:
    """The review that was just counted from a meeting is due on the next date, where that is earlier."""
    wanted = _on(meeting, case).next_on
    for review in _reviews(meeting, case):
        if wanted is not None and wanted < clock.local(review.due_at).date():
            _move(review, wanted, SET_BY_A_MEETING)


def latest_date(*, meeting: Meeting, case: Case) -> date | None:
    """The last day on which the level wants the next meeting; None where it asks for none."""
    for review in _reviews(meeting, case):
        return clock.local(review.original_due_at).date()
    due = review_due(case=case, held_at=meeting.held_at or meeting.starts_at)
    return clock.local(due).date() if due else None


def _check_later(meeting: Meeting, latest: date, reason: str) -> None:
    if not reason.strip():
        raise DomainError(
            f"The level asks for the next meeting by {latest.day} {latest:%B %Y}. Say why it is later",
            field="next_reason",
        )
    if MeetingState(meeting.state) not in HELD_STATES:
        raise DomainError(
            "Record first that the meeting was held: the review is counted from it, and can then be later",
            field="next_on",
        )


def _reviews(meeting: Meeting, case: Case) -> list[Deadline]:
    """The review that runs from this meeting: before it was held, the open one is the one that it meets."""
    if MeetingState(meeting.state) not in HELD_STATES:
        return []
    return open_deadlines(subject=case, kind=DeadlineKind.REVIEW)


def _move(review: Deadline, on: date, reason: str) -> None:
    due: datetime = end_of_day(on)
    if review.due_at != due:
        move_deadline(deadline=review, due_at=due, reason=reason)


def _on(meeting: Meeting, case: Case) -> MeetingCase:
    return db.session.scalars(
        select(MeetingCase).where(MeetingCase.meeting_id == meeting.id, MeetingCase.case_id == case.id)
    ).one()
