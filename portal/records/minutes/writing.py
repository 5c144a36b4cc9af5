"""What was said at a meeting, heading by heading, and in a closed part for named people alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, or_not_found, require_text
from portal.changes.versions import count_change, insert_now, lock, lock_row, take_turns
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import tell, to_people
from portal.messages.vocabulary import Ground
from portal.pathway.states import check_transition
from portal.records.cases.model import Case
from portal.records.meetings import chairing
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.meetings.telling import about_meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import (
    ClosedMinute,
    ClosedReader,
    ClosedReaderEnd,
    Decision,
    Minute,
)
from portal.records.minutes.vocabulary import CLOSED_CHANGED, READER_NAMED, READER_TAKEN_OFF
from portal.records.people.model import User

_CLOSE = "minutes:close_part"


def begin_minutes(*, meeting: Meeting) -> None:
    """What was said at a meeting that was held is being written up, from the first thing that is recorded."""
    if meeting.state == MeetingState.HELD:
        check_transition(MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT)
        meeting.state = MeetingState.MINUTES_IN_DRAFT
        count_change(meeting)


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


def open_closed_part(
    *, actor: Principal, meeting: Meeting, heading: str, text: str, case: Case | None = None
) -> ClosedMinute:
    """Write a closed part, on one child or on the whole meeting. Only chair and note-taker read it yet.

    Args:
        case: the child's that it is on. Where none is given, the only one of the meeting, else all of it.

    Raises:
        Forbidden: the actor neither chairs nor takes the notes.
        NotFound: the meeting is not on that case.
        DomainError: there is no heading or no text, or the meeting is not being recorded.
    """
    _may_write(actor, meeting)
    on = chairing.case_of(meeting=meeting, case_id=case.id) if case else _only_case(meeting)
    words, said = _checked(heading, text)
    closed = ClosedMinute(
        meeting_id=meeting.id,
        case_id=on.id if on else None,
        heading=words,
        text=said,
        saved_by=actor.user_id,
        saved_at=clock.now(),
    )
    insert_now(closed)
    _record("minutes:close_part", closed, on)
    return closed


def _only_case(meeting: Meeting) -> Case | None:
    """The case of a meeting on one child, for whoever reads it."""
    on = db.session.scalars(select(MeetingCase.case_id).filter_by(meeting_id=meeting.id)).all()
    read = chairing.cases_of(meeting)
    return read[0] if len(on) == len(read) == 1 else None


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
    count_change(closed)
    _record("minutes:closed_change", closed)
    readers = db.session.scalars(select(ClosedReader.user_id).filter_by(closed_id=closed.id))
    given = {
        Ground.PERSON: to_people(*readers),
        Ground.CALLER: to_people(meeting.chair_id, meeting.note_taker_id),
    }
    once = f"{closed.id}:{closed.version}"
    tell(actor=actor, event=CLOSED_CHANGED, about=about_meeting(meeting), given=given, once=once)


def name_reader(*, actor: Principal, meeting: Meeting, closed: ClosedMinute, person: User) -> None:
    """Let somebody read a closed part: who is invited or in a team that is, comes, or reads the case. Also
    once the minutes are approved: what it says stands, who has to know it may change.

    Raises:
        Forbidden: the actor neither chairs nor takes the notes, or no longer reads the case.
        NotFound: it is another meeting's.
        DomainError: this person cannot be named, or the meeting was cancelled.
    """
    _may_name(actor, meeting, closed)
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
    given, once = {Ground.PERSON: to_people(person.id)}, f"{closed.id}:{clock.now().isoformat()}"
    tell(actor=actor, event=READER_NAMED, about=about_meeting(meeting), given=given, once=once)


def unname_reader(
    *, actor: Principal, meeting: Meeting, closed: ClosedMinute, user_id: UUID, reason: str
) -> None:
    """Take somebody off a closed part. Who was taken off, and why, stands beside its readers.

    Raises:
        as `name_reader`; NotFound also: they were not named; DomainError: no reason was given, or somebody
            has taken them off.
    """
    _may_name(actor, meeting, closed)
    take_turns("reader", closed.id, user_id)
    named = _named(closed, user_id)
    if named is None:
        ended = select(ClosedReaderEnd.ended_at).filter_by(closed_id=closed.id, user_id=user_id).limit(1)
        or_not_found(db.session.scalar(ended), "This person is not named")
        raise DomainError("Somebody has taken them off already. Nothing more is needed", field="reason")
    reason = require_text(reason, "Say why they no longer read it", field="reason")
    end = ClosedReaderEnd(closed_id=closed.id, user_id=user_id, ended_by=actor.user_id, reason=reason)
    end.ended_at = clock.now()
    insert_now(end)
    given, once = {Ground.LEAVING: to_people(user_id)}, f"{closed.id}:{clock.now().isoformat()}"
    tell(actor=actor, event=READER_TAKEN_OFF, about=about_meeting(meeting), given=given, once=once)
    db.session.delete(named)
    db.session.flush()
    _record("minutes:closed_unname", closed, person=str(user_id))


def find_closed(*, meeting: Meeting, closed_id: UUID) -> ClosedMinute:
    """A closed part of this meeting that the person who asks may read.

    Raises:
        NotFound: it is another's, or not theirs to read.
    """
    return chairing.find_on(ClosedMinute, meeting, closed_id, "There is no such part of the minutes")


def _may_write(actor: Principal, meeting: Meeting, closed: ClosedMinute | None = None) -> None:
    chairing.require_recording(actor, meeting, _CLOSE)
    if closed is not None:
        _refuse_of_another(meeting, closed)


def names_readers(*, actor: Principal, meeting: Meeting) -> bool:
    """Whether the actor may say who reads the closed parts of a meeting, also when they can write no more."""
    try:
        _require_naming(actor, meeting)
    except (DomainError, Forbidden):
        return False
    return True


def _may_name(actor: Principal, meeting: Meeting, closed: ClosedMinute) -> None:
    _require_naming(actor, meeting)
    _refuse_of_another(meeting, closed)


def _require_naming(actor: Principal, meeting: Meeting) -> None:
    require(actor, _CLOSE, chairing.run_facts(actor, meeting))
    chairing.require_reading(meeting)
    chairing.refuse_before_its_day(meeting)


def _refuse_of_another(meeting: Meeting, closed: ClosedMinute) -> None:
    if closed.meeting_id != meeting.id:
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


def _record(action: str, closed: ClosedMinute, case: Case | None = None, **details: Any) -> None:
    """Never with its words: the trail is read by people who do not read it."""
    audit.record(
        action,
        closed,
        case_id=closed.case_id,
        child_id=case.child_id if case else None,
        meeting=str(closed.meeting_id),
        **details,
    )


def minutes_facts(actor: Principal, meeting: Meeting) -> Facts:
    """What decides whether somebody may do something with the minutes of a meeting."""
    return Facts(
        runs_meeting=actor.user_id in {meeting.chair_id, meeting.note_taker_id},
        chairs_meeting=actor.user_id == meeting.chair_id,
    )


def require_minutes(actor: Principal, verb: str, meeting: Meeting) -> Mapping[UUID, Case]:
    """Go on only if the actor may do `verb` to the minutes, and reads every child that they are on.

    Returns:
        The cases of the meeting by id.

    Raises:
        Forbidden: they may not, or are invited and no more.
        DomainError: the meeting is also on a case that they do not reach.
    """
    require(actor, verb, minutes_facts(actor, meeting))
    chairing.require_reading(meeting)
    chairing.require_reach_on_all(meeting)
    return {case.id: case for case in chairing.cases_of(meeting)}


def lock_meeting(meeting: Meeting) -> MeetingState:
    """Take the meeting for this step, so that one sent twice takes its turn, and say where it stands."""
    lock_row(meeting)
    return MeetingState(meeting.state)


def require_state(meeting: Meeting, *states: MeetingState) -> None:
    """Go on only in one of some states, with the meeting taken for this step.

    Raises:
        DomainError: it stands elsewhere; the sentence says where.
    """
    state = lock_meeting(meeting)
    if state not in states:
        raise DomainError(_WHY_NOT.get(state, f"This meeting is: {state.label.lower()}"))


_WHY_NOT = {
    MeetingState.DUE: "This meeting is not booked yet",
    MeetingState.BOOKED: "This meeting is not recorded as held yet",
    MeetingState.HELD: "Nothing is written in the minutes yet",
    MeetingState.MINUTES_IN_DRAFT: "The minutes are not approved yet",
    MeetingState.APPROVED: "The minutes are approved already",
    MeetingState.DISTRIBUTED: "The minutes are distributed already",
    MeetingState.CANCELLED: "This meeting was cancelled",
}
