"""A closed part of a meeting: for chair and note-taker, and for those whom they name. It is nowhere else."""

from uuid import UUID

from sqlalchemy import func, select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.meetings.chairing import case_of, require_recording
from portal.records.meetings.model import Meeting
from portal.records.minutes.model import ClosedMinute, ClosedReader
from portal.records.people.model.people import User
from portal.services.errors import DomainError, NotFound
from portal.services.versions import lock, take_turns


def open_closed_part(
    *, actor: Principal, meeting: Meeting, heading: str, text: str, case: Case | None = None
) -> ClosedMinute:
    """Write a closed part, on one child or on the whole meeting. Only chair and note-taker read it yet.

    Raises:
        Forbidden: the actor neither chairs nor takes the notes.
        NotFound: the meeting is not on that case.
        DomainError: there is no heading or no text, or the meeting is not being recorded.
    """
    _may_write(actor, meeting)
    if case is not None:
        case_of(meeting=meeting, case_id=case.id)
    words, said = _checked(heading, text)
    closed = ClosedMinute(
        id=new_id(),
        meeting_id=meeting.id,
        case_id=case.id if case else None,
        heading=words,
        text=said,
        saved_by=actor.user_id,
        saved_at=clock.now(),
    )
    db.session.add(closed)
    db.session.flush()
    _record("minutes:close_part", closed, case)
    return closed


def write_closed_part(
    *, actor: Principal, meeting: Meeting, closed: ClosedMinute, heading: str, text: str, version: int
) -> None:
    """Write on in a closed part.

    Raises:
        as `open_closed_part`; Conflict: the other of the two wrote meanwhile; carries both.
    """
    _may_write(actor, meeting, closed)
    words, said = _checked(heading, text)
    if not lock(
        closed,
        version,
        lambda now: {"Heading": now.heading, "What was said": now.text},
        same=lambda now: (now.heading, now.text) == (words, said),
        mine={"Heading": words, "What was said": said},
    ):
        return
    closed.heading, closed.text = words, said
    closed.saved_by, closed.saved_at = actor.user_id, clock.now()
    closed.version += 1
    db.session.flush()
    _record("minutes:closed_change", closed)


def name_reader(*, actor: Principal, meeting: Meeting, closed: ClosedMinute, person: User) -> None:
    """Let somebody read a closed part: who is invited by name or comes, or reads the case that it is on.

    Raises:
        Forbidden: the actor neither chairs nor takes the notes.
        NotFound: it is another meeting's.
        DomainError: this person cannot be named, or it is no longer being recorded.
    """
    _may_write(actor, meeting, closed)
    take_turns("reader", closed.id, person.id)
    if person.id in {meeting.chair_id, meeting.note_taker_id} or _named(closed, person.id):
        return
    if not db.session.scalar(select(func.ctx.may_read_closed(closed.id, person.id))):
        raise DomainError(
            "Only somebody who is invited, or who reads this case, can be named", field="person"
        )
    db.session.add(
        ClosedReader(closed_id=closed.id, user_id=person.id, named_by=actor.user_id, named_at=clock.now())
    )
    db.session.flush()
    _record("minutes:closed_name", closed, person=str(person.id))


def unname_reader(*, actor: Principal, meeting: Meeting, closed: ClosedMinute, user_id: UUID) -> None:
    """Take somebody off a closed part.

    Raises:
        as `name_reader`; NotFound also: they were not named.
    """
    _may_write(actor, meeting, closed)
    take_turns("reader", closed.id, user_id)
    named = _named(closed, user_id)
    if named is None:
        raise NotFound("This person is not named")
    db.session.delete(named)
    db.session.flush()
    _record("minutes:closed_unname", closed, person=str(user_id))


def find_closed(*, meeting: Meeting, closed_id: UUID) -> ClosedMinute:
    """A closed part of this meeting that the person who asks may read.

    Raises:
        NotFound: it is another's, or not theirs to read.
    """
    found = db.session.scalar(
        select(ClosedMinute).where(ClosedMinute.id == closed_id, ClosedMinute.meeting_id == meeting.id)
    )
    if found is None:
        raise NotFound("There is no such part of the minutes")
    return found


def _may_write(actor: Principal, meeting: Meeting, closed: ClosedMinute | None = None) -> None:
    require_recording(actor, meeting, "minutes:close_part")
    if closed is not None and closed.meeting_id != meeting.id:
        raise NotFound("There is no such part of the minutes")


def _named(closed: ClosedMinute, user_id: UUID) -> ClosedReader | None:
    return db.session.get(ClosedReader, (closed.id, user_id))


def _checked(heading: str, text: str) -> tuple[str, str]:
    words, said = " ".join(heading.split()), text.replace("\r\n", "\n").strip()
    if not words:
        raise DomainError("Write what it is about", field="heading")
    if not said:
        raise DomainError("Write what was said", field="text")
    return words, said


def _record(action: str, closed: ClosedMinute, case: Case | None = None, **details: str) -> None:
    """Never with its words: the trail is read by people who do not read it."""
    audit.record(
        action,
        subject_kind="closed_minute",
        subject_id=closed.id,
        case_id=closed.case_id,
        child_id=case.child_id if case else None,
        meeting=str(closed.meeting_id),
        **details,
    )
