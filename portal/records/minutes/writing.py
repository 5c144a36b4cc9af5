"""What was said at a meeting, heading by heading, and in a closed part for named people alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, or_not_found
from portal.changes.versions import count_change, insert_now, lock, lock_row, take_turns
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import tell, to_people
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.states import check_transition
from portal.records.cases.model import Case
from portal.records.meetings import chairing
from portal.records.meetings.model import AgendaItem, Meeting
from portal.records.meetings.telling import about_meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import ClosedMinute, ClosedReader, Decision, Minute
from portal.records.minutes.vocabulary import READER_NAMED, READER_TAKEN_OFF
from portal.records.people.model import User


@dataclass(frozen=True)
class Typed:
    """What somebody typed under a heading of the agenda.

    Attributes:
        item_id: the heading.
        text: all that stands there.
        version: that of the minute which the page was opened with; 0 for none.
    """

    item_id: UUID
    text: str
    version: int


def save_minutes(
    *, actor: Principal, meeting: Meeting, typed: Collection[Typed]
) -> dict[UUID, int | DomainError]:
    """Keep what was said under headings of the agenda, each by itself. With the first words after the meeting
    was held its minutes are in draft.

    Args:
        typed: at most one for each heading.

    Returns:
        by heading the version that its minute has now, 0 while there is none; or why it is not kept.
        `NotFound`: it is another meeting's, or on a child whose case the actor does not read. `Conflict`:
        somebody else wrote there meanwhile; carries both.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: its day is not there yet, or its minutes are approved.
    """
    chairing.require_recording(actor, meeting, "minutes:write")
    items = _held_fast(meeting, [one.item_id for one in typed])
    cases = {case.id: case for case in chairing.cases_of(meeting)}
    written = select(Minute).where(Minute.item_id.in_(items))
    minutes = {minute.item_id: minute for minute in db.session.scalars(written)}
    kept: dict[UUID, int | DomainError] = {}
    for one in typed:
        try:
            item = or_not_found(items.get(one.item_id), "There is no such heading on this agenda")
            case = (
                or_not_found(cases.get(item.case_id), "The meeting is not on this case")
                if item.case_id
                else None
            )
            kept[item.id] = _keep(one, item, minutes.get(item.id), actor=actor, meeting=meeting, case=case)
        except DomainError as refused:
            kept[one.item_id] = refused
    db.session.flush()
    if any(version for version in kept.values() if isinstance(version, int)):
        begin_minutes(meeting=meeting)
    return kept


def save_minute(*, actor: Principal, meeting: Meeting, item_id: UUID, text: str, version: int) -> int:
    """Keep what was said under one heading, as `save_minutes`, which says what the arguments are.

    Raises:
        as `save_minutes`, and what that gives back.
    """
    kept = save_minutes(actor=actor, meeting=meeting, typed=[Typed(item_id, text, version)])[item_id]
    if isinstance(kept, DomainError):
        raise kept
    return kept


def _keep(
    typed: Typed,
    item: AgendaItem,
    minute: Minute | None,
    *,
    actor: Principal,
    meeting: Meeting,
    case: Case | None,
) -> int:
    words = typed.text.replace("\r\n", "\n").strip()
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
        typed.version,
        lambda now: {item.heading: now.text},
        same=lambda now: now.text == words,
        mine={item.heading: words},
    ):
        minute.text = words
        minute.version += 1
        _sign(actor, meeting, case, minute)
    return int(minute.version)


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


def _held_fast(meeting: Meeting, item_ids: Collection[UUID]) -> dict[UUID, AgendaItem]:
    """Those of some headings that are the meeting's, until the end of the transaction: two who write under
    them take turns.
    """
    wanted = select(AgendaItem).where(AgendaItem.meeting_id == meeting.id, AgendaItem.id.in_(item_ids))
    found = db.session.scalars(wanted.order_by(AgendaItem.id).with_for_update())
    return {item.id: item for item in found}


def _sign(actor: Principal, meeting: Meeting, case: Case | None, minute: Minute) -> None:
    """Who wrote last. What is typed saves itself every few moments: one row of the trail for each hand."""
    if minute.saved_by != actor.user_id:
        audit.record("minutes:save", meeting, case=case, item=str(minute.item_id))
    minute.saved_by, minute.saved_at = actor.user_id, clock.now()


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
        chairing.case_of(meeting=meeting, case_id=case.id)
    words, said = _checked(heading, text)
    closed = ClosedMinute(
        meeting_id=meeting.id,
        case_id=case.id if case else None,
        heading=words,
        text=said,
        saved_by=actor.user_id,
        saved_at=clock.now(),
    )
    insert_now(closed)
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
    count_change(closed)
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
    given, once = {Ground.PERSON: to_people(person.id)}, f"{closed.id}:{clock.now().isoformat()}"
    tell(actor=actor, event=READER_NAMED, about=about_meeting(meeting), given=given, once=once)


def unname_reader(*, actor: Principal, meeting: Meeting, closed: ClosedMinute, user_id: UUID) -> None:
    """Take somebody off a closed part.

    Raises:
        as `name_reader`; NotFound also: they were not named.
    """
    _may_write(actor, meeting, closed)
    take_turns("reader", closed.id, user_id)
    named = or_not_found(_named(closed, user_id), "This person is not named")
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
    chairing.require_recording(actor, meeting, "minutes:close_part")
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
