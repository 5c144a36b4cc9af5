"""The agenda of a meeting: its headings, their words and their order."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select

from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import count_change, insert_now, lock, lock_row
from portal.extensions import db
from portal.model import new_id
from portal.pathway.states import COMING_MEETING_STATES
from portal.policy import current_policy
from portal.policy.telling import AgendaHeading, MeetingOn
from portal.records.cases.model import Case
from portal.records.meetings import chairing
from portal.records.meetings.model import AgendaItem, Meeting, MeetingCase
from portal.records.meetings.telling import tell_on_cases
from portal.records.meetings.vocabulary import AGENDA_CHANGED, MeetingState
from portal.records.minutes.model import Decision, MeetingDraft, Minute

_OPEN_STATES = frozenset({MeetingState.DUE, MeetingState.BOOKED, MeetingState.HELD})


def start_agenda(actor: Principal, meeting: Meeting) -> None:
    """Give a meeting that was just called the headings of policy `meetings.agenda`; one that has some keeps
    them. Those for each child that follow each other stand together under that child.
    """
    if _items(meeting):
        return
    cases = _case_ids(meeting)
    on = MeetingOn.CASES if cases else MeetingOn.DISTRICT
    headings = [one for one in current_policy().meetings.agenda.offered if on in one.on]
    for position, (case_id, heading) in enumerate(_in_order(headings, cases), start=1):
        db.session.add(
            AgendaItem(
                id=new_id(),
                meeting_id=meeting.id,
                case_id=case_id,
                position=position,
                heading=heading.label,
                code=heading.code,
            )
        )
    db.session.flush()
    audit.record("agenda:start", meeting, by=str(actor.user_id))


def add_item(
    *,
    actor: Principal,
    meeting: Meeting,
    heading: str,
    case_id: UUID | None = None,
    after: UUID | None = None,
) -> AgendaItem:
    """Put a heading at the end, or after another; on one child, it follows that child.

    Args:
        after: the heading after which it stands, where it is still there.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: there are no words, they stand there already, or the minutes are approved.
        NotFound: the meeting is not on that case.
    """
    _may_change(actor, meeting, also=MeetingState.MINUTES_IN_DRAFT)
    words = _words(heading)
    case = chairing.case_of(meeting=meeting, case_id=case_id) if case_id else None
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
    _put_after(items, item, after)
    _changed(actor, meeting, item, "agenda:add", case=case)
    return item


def _put_after(items: Sequence[AgendaItem], new: AgendaItem, after: UUID | None) -> None:
    """Those that follow move on by one: headings on a child whom one does not reach stay between."""
    here = next((at for at, one in enumerate(items) if one.id == after), None)
    if here is None:
        return
    later = [new, *items[here + 1 :]]
    places = sorted(one.position for one in later)
    for one, place in zip(later, places, strict=True):
        one.position = place
    db.session.flush()


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
    _changed(actor, meeting, item, "agenda:reword")


def move_item(
    *, actor: Principal, meeting: Meeting, item_id: UUID, up: bool, among: Collection[UUID] = ()
) -> None:
    """Change places with the heading before or after. The first cannot go up, nor the last down: they stay.
    The minutes read in this order, so that it can be changed until they are approved.

    Args:
        among: the headings with which it is shown, where those are not all.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: the agenda is closed.
        NotFound: the heading is another meeting's, or gone.
    """
    _may_change(actor, meeting, also=MeetingState.MINUTES_IN_DRAFT)
    item = find_item(meeting=meeting, item_id=item_id)
    items = [one for one in _items(meeting) if not among or one.id in {item.id, *among}]
    here = items.index(item)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(items):
        return
    other = items[there]  # only these two move: headings on a child whom one does not reach stay between
    item.position, other.position = other.position, item.position
    db.session.flush()
    _changed(actor, meeting, item, "agenda:move", up=up)


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
    _changed(actor, meeting, item, "agenda:remove")


def _changed(actor: Principal, meeting: Meeting, item: AgendaItem, verb: str, **details: Any) -> None:
    """A row in the trail, and until the meeting is held news: of a heading on one child on its case alone."""
    audit.record(verb, meeting, item=str(item.id), **details)
    if MeetingState(meeting.state) in COMING_MEETING_STATES:
        tell_on_cases(actor=actor, meeting=meeting, event=AGENDA_CHANGED, case_id=item.case_id)


def find_item(*, meeting: Meeting, item_id: UUID) -> AgendaItem:
    """A heading of this meeting.

    Raises:
        NotFound: it is another's, or gone.
    """
    return chairing.find_on(AgendaItem, meeting, item_id, "There is no such heading on this agenda")


def is_open(meeting: Meeting) -> bool:
    """Whether the agenda can still be changed."""
    return MeetingState(meeting.state) in _OPEN_STATES


def _is_recorded(item: AgendaItem) -> bool:
    """Whether a minute, a decision or a line that somebody types stands under a heading."""
    stands = or_(
        exists().where(Minute.item_id == item.id),
        exists().where(Decision.item_id == item.id),
        exists().where(MeetingDraft.item_id == item.id, MeetingDraft.dropped_at.is_(None)),
    )
    return bool(db.session.scalar(select(stands)))


def _may_change(actor: Principal, meeting: Meeting, *, also: MeetingState | None = None) -> None:
    """What came up at the meeting is still added, and put in order, while it is written up; words stand."""
    chairing.require_running(actor, meeting)
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
    return require_text(" ".join(heading.split()), "Write the heading", field="heading")
