"""What was said at a meeting, heading by heading: saved as it is typed, by one or by two at a time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, or_, select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.pathway.states import meeting_move
from portal.records.cases.model import Case
from portal.records.meetings.chairing import case_of, require_recording
from portal.records.meetings.model import AgendaItem, Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import Decision, Minute
from portal.services.deadlines import Owner, open_deadline
from portal.services.errors import NotFound
from portal.services.versions import lock
from portal.vocabulary.deadlines import DeadlineKind


def save_minute(*, actor: Principal, meeting: Meeting, item_id: UUID, text: str, version: int) -> int:
    """Keep what was said under one heading of the agenda. With the first words after the meeting was held its
    minutes are in draft.

    Args:
        version: that of the minute which the page was opened with; 0 for none.

    Returns:
        the version that it has now; 0 while there is none.

    Raises:
        Forbidden: the actor does not run the meeting.
        NotFound: the heading is another meeting's, or on a child whose case the actor does not read.
        Conflict: somebody else wrote under this heading meanwhile; carries both.
        DomainError: its day is not there yet, or its minutes are approved.
    """
    require_recording(actor, meeting, "minutes:write")
    item = _held_fast(meeting, item_id)
    case = case_of(meeting=meeting, case_id=item.case_id) if item.case_id else None
    words = text.replace("\r\n", "\n").strip()
    minute = db.session.scalar(select(Minute).where(Minute.item_id == item.id))
    if minute is None:
        if not words:
            return 0
        minute = Minute(
            id=new_id(), meeting_id=meeting.id, item_id=item.id, case_id=item.case_id, text=words, version=1
        )
        _sign(actor, meeting, case, minute)
        db.session.add(minute)
    elif lock(
        minute,
        version,
        lambda now: {item.heading: now.text},
        same=lambda now: now.text == words,
        mine={item.heading: words},
    ):
        minute.text = words
        minute.version += 1
        _sign(actor, meeting, case, minute)
    db.session.flush()
    begin_minutes(meeting=meeting)
    return int(minute.version)


def begin_minutes(*, meeting: Meeting) -> None:
    """What was said at a meeting that was held is being written up, from the first thing that is recorded."""
    if meeting.state == MeetingState.HELD:
        meeting_move(MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT)
        meeting.state = MeetingState.MINUTES_IN_DRAFT
        meeting.version += 1
        db.session.flush()


def owe_minutes(*, meeting: Meeting, held_at: datetime) -> None:
    """From when a meeting was held its note-taker owes a draft, and its chair the minutes (policy clocks).
    What was recorded while it went on is the beginning of that draft.
    """
    for kind, owner in (
        (DeadlineKind.MINUTES_DRAFT, meeting.note_taker_id),
        (DeadlineKind.MINUTES, meeting.chair_id),
    ):
        open_deadline(kind=kind, subject=meeting, owner=Owner(user_id=owner), started_at=held_at)
    if _is_written(meeting):
        begin_minutes(meeting=meeting)


def _is_written(meeting: Meeting) -> bool:
    """Whether something was recorded of a meeting."""
    written = or_(
        exists().where(Minute.meeting_id == meeting.id),
        exists().where(Decision.meeting_id == meeting.id),
    )
    return bool(db.session.scalar(select(written)))


def _held_fast(meeting: Meeting, item_id: UUID) -> AgendaItem:
    """A heading of the meeting, until the end of the transaction: two who write under it take turns."""
    found = db.session.scalar(
        select(AgendaItem)
        .where(AgendaItem.id == item_id, AgendaItem.meeting_id == meeting.id)
        .with_for_update()
    )
    if found is None:
        raise NotFound("There is no such heading on this agenda")
    return found


def _sign(actor: Principal, meeting: Meeting, case: Case | None, minute: Minute) -> None:
    """Who wrote last. What is typed saves itself every few moments: one row of the trail for each hand."""
    if minute.saved_by != actor.user_id:
        audit.record(
            "minutes:save",
            subject_kind="meeting",
            subject_id=meeting.id,
            case_id=case.id if case else None,
            child_id=case.child_id if case else None,
            item=str(minute.item_id),
        )
    minute.saved_by, minute.saved_at = actor.user_id, clock.now()
