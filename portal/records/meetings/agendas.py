"""The agenda of a meeting: the headings that policy starts it with, and what the chair makes of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, or_, select

from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import DomainError, or_not_found
from portal.changes.versions import count_change, insert_now, lock, lock_row
from portal.extensions import db
from portal.model import new_id
from portal.policy import current_policy
from portal.policy.telling import AgendaHeading, MeetingOn
from portal.records.cases.model import Case
from portal.records.meetings.chairing import case_of, require_running
from portal.records.meetings.model import AgendaItem, Meeting, MeetingCase
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import Decision, Minute

#: From the minutes on, what was on the agenda is on record.
_OPEN_STATES = frozenset({MeetingState.DUE, MeetingState.BOOKED, MeetingState.HELD})


def start_agenda(actor: Principal, meeting: Meeting) -> None:
    """Give a meeting that was just called the headings of policy `meetings.agenda`.

    Headings that follow each other and are for each child stand together under that child. A meeting that
    has an agenda keeps it. Whoever may call the meeting may start its agenda, so no further verb is asked.
    """
    if _items(meeting):
        return
    cases = _case_ids(meeting)
    on = MeetingOn.CASES if cases else MeetingOn.DISTRICT
    headings = [one for one in current_policy().meetings.agenda.offered if on in one.on]
    for position, (case_id, heading) in enumerate(_in_order(headings, cases), start=1):
        db.session.add(
            AgendaItem(
                id=new_id(), meeting_id=meeting.id, case_id=case_id, position=position, heading=heading.label
            )
        )
    db.session.flush()
    audit.record("agenda:start", meeting, by=str(actor.user_id))


def add_item(*, actor: Principal, meeting: Meeting, heading: str, case_id: UUID | None = None) -> AgendaItem:
    """Put a heading at the end; on one child, it follows that child.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: there are no words, they stand there already, or the minutes are approved.
        NotFound: the meeting is not on that case.
    """
    _may_change(actor, meeting, also=MeetingState.MINUTES_IN_DRAFT)
    words = _words(heading)
    case = case_of(meeting=meeting, case_id=case_id) if case_id else None
    items = _items(meeting)
    if any(one.heading == words and one.case_id == case_id for one in items):
        raise DomainError("This heading is on the agenda already", field="heading")
    item = AgendaItem(
        meeting_id=meeting.id,
        case_id=case.id if case else None,
        position=max((one.position for one in items), default=0) + 1,
        heading=words,
    )
    insert_now(item)
    audit.record("agenda:add", meeting, case=case, item=str(item.id))
    return item


def reword_item(*, actor: Principal, meeting: Meeting, item_id: UUID, heading: str, version: int) -> None:
    """Say a heading in other words.

    Raises:
        Forbidden: the actor does not run the meeting.
        Conflict: somebody changed it meanwhile.
        DomainError: there are no words, or the agenda is closed.
        NotFound: the heading is another meeting's, or gone.
    """
    _may_change(actor, meeting)
    item = find_item(meeting=meeting, item_id=item_id)
    words = _words(heading)
    lock(item, version, lambda now: {"heading": now.heading}, mine={"heading": words})
    item.heading = words
    count_change(item)
    audit.record("agenda:reword", meeting, item=str(item.id))


def move_item(*, actor: Principal, meeting: Meeting, item_id: UUID, up: bool) -> None:
    """Change places with the heading before or after. The first cannot go up, nor the last down: they stay.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: the agenda is closed.
        NotFound: the heading is another meeting's, or gone.
    """
    _may_change(actor, meeting)
    item = find_item(meeting=meeting, item_id=item_id)
    items = _items(meeting)
    here = items.index(item)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(items):
        return
    other = items[there]  # only these two move: headings on a child whom one does not reach stay between
    item.position, other.position = other.position, item.position
    db.session.flush()
    audit.record("agenda:move", meeting, item=str(item.id), up=up)


def remove_item(*, actor: Principal, meeting: Meeting, item_id: UUID) -> None:
    """Take a heading off. What it said stays in the trail only as its id: a heading may name somebody.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: the agenda is closed, or something was recorded under the heading.
        NotFound: the heading is another meeting's, or gone.
    """
    _may_change(actor, meeting)
    item = find_item(meeting=meeting, item_id=item_id)
    if _is_recorded(item):
        raise DomainError("Something was recorded under this heading, so it stays on the agenda")
    db.session.delete(item)
    db.session.flush()
    audit.record("agenda:remove", meeting, item=str(item.id))


def find_item(*, meeting: Meeting, item_id: UUID) -> AgendaItem:
    """A heading of this meeting.

    Raises:
        NotFound: it is another's, or gone.
    """
    return or_not_found(
        db.session.scalar(select(AgendaItem).filter_by(id=item_id, meeting_id=meeting.id)),
        "There is no such heading on this agenda",
    )


def is_open(meeting: Meeting) -> bool:
    """Whether the agenda can still be changed."""
    return MeetingState(meeting.state) in _OPEN_STATES


def _is_recorded(item: AgendaItem) -> bool:
    """Whether a minute or a decision stands under a heading."""
    stands = or_(
        exists().where(Minute.item_id == item.id),
        exists().where(Decision.item_id == item.id),
    )
    return bool(db.session.scalar(select(stands)))


def _may_change(actor: Principal, meeting: Meeting, *, also: MeetingState | None = None) -> None:
    """What came up at the meeting is still added while it is written up; what was on the agenda stands."""
    require_running(actor, meeting)
    if not is_open(meeting) and meeting.state != also:
        raise DomainError("The agenda of this meeting is closed")
    lock_row(meeting)  # two people who move headings take turns


def _in_order(
    headings: Sequence[AgendaHeading], cases: Sequence[UUID]
) -> list[tuple[UUID | None, AgendaHeading]]:
    """Headings with the case that they are on: a run of headings for each child, child after child."""
    ordered: list[tuple[UUID | None, AgendaHeading]] = []
    run: list[AgendaHeading] = []
    for heading in (*headings, None):
        if heading is not None and heading.per_child:
            run.append(heading)
            continue
        ordered += [(case, one) for case in cases for one in run]
        run = []
        if heading is not None:
            ordered.append((None, heading))
    return ordered


def _items(meeting: Meeting) -> list[AgendaItem]:
    found = select(AgendaItem).where(AgendaItem.meeting_id == meeting.id)
    return list(db.session.scalars(found.order_by(AgendaItem.position, AgendaItem.id)))


def _case_ids(meeting: Meeting) -> Sequence[UUID]:
    found = select(MeetingCase.case_id).join(Case, Case.id == MeetingCase.case_id)
    return db.session.scalars(
        found.where(MeetingCase.meeting_id == meeting.id).order_by(Case.opened_at, Case.id)
    ).all()


def _words(heading: str) -> str:
    words = " ".join(heading.split())
    if not words:
        raise DomainError("Write the heading", field="heading")
    return words
