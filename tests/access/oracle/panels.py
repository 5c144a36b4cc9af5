"""The panels of districts, from the words of the design.

An item follows its child or concern: full reach on the case; of a child without one, the record, or whoever
hears of the child’s going missing and knows who the child is. Whoever is invited reads one summary, the last
that a coordinator has read: once it was shared with them, from when the papers went out until the minutes are
approved, while nothing that is held closely lacks the word of its lead. The chair and the note-taker whom an
invitation names read it, and what the panel says and decides, until the minutes are distributed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from portal.model import new_id
from portal.records.concerns.model import Concern
from portal.records.meetings.model import Invitation, Meeting
from portal.records.panels.model import (
    PanelAction,
    PanelDecision,
    PanelItem,
    PanelMinute,
    PanelPapers,
    PanelShare,
    PanelSummary,
)
from portal.records.panels.vocabulary import PanelItemKind
from portal.records.plans.model import Action
from tests.access.oracle import gatherings, happenings, picture
from tests.access.oracle.content import add_deadline
from tests.access.oracle.world import A_YEAR, World

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]
BEFORE_APPROVAL = {"booked", "held", "minutes_in_draft"}
STANDS = {"on", "discussed"}
WAY = ("held", "minutes_in_draft", "approved", "distributed")
PANELS = 12


def _hears(who: Person, child_id: Any) -> bool:
    """Reads one of the episodes or interviews of a child, or what they ask, and knows who the child is."""
    rules = {
        "missing_episode": picture.episode,
        "return_interview": picture.interview,
        "missing_prompt": picture.prompt,
    }
    found = any(
        rule(who, row)
        for table, rule in rules.items()
        for row in who.truth.where(table, "child_id", child_id)
    )
    return found and who.identity(child_id)


def item(who: Person, row: R) -> bool:
    """Whether somebody reaches what an item is about."""
    if row.case_id is not None:
        return who.full(row.case_id)
    if row.child_id is not None:
        return who.record(row.child_id) or (not who.held(row.child_id) and _hears(who, row.child_id))
    return picture.concern(who, who.truth.one("concern", row.concern_id))


def _clear(who: Person, row: R) -> bool:
    """Nothing sealed; what is restricted, and a person of concern, by the word of its lead."""
    if row.child_id is not None:
        held = who.held(row.child_id)
        return held == 0 or (held == 1 and row.word_at is not None)
    concern = who.truth.one("concern", row.concern_id)
    return row.word_at is not None or not (concern.sensitivity or concern.kind == "person")


def records(who: Person, row: R) -> bool:
    """Chairs the panel or takes its notes, as somebody whom an invitation names."""
    if row.state not in STANDS or row.meeting_id is None or not who.sees_cases() or not _clear(who, row):
        return False
    meeting = who.truth.one("meeting", row.meeting_id)
    if meeting.state not in {*BEFORE_APPROVAL, "approved"} or who.id not in (
        meeting.chair_id,
        meeting.note_taker_id,
    ):
        return False
    return any(
        one.user_id == who.id and one.agency_id == who.agency_id and one.withdrawn_at is None
        for one in who.truth.where("invitation", "meeting_id", meeting.id)
    )


def _given(who: Person, row: R) -> bool:
    """Was given the summary of an item, and may still read it."""
    if row.state not in STANDS or not _clear(who, row):
        return False
    meeting = who.truth.one("meeting", row.meeting_id)
    papers = who.truth.where("panel_papers", "meeting_id", meeting.id)
    if meeting.state not in BEFORE_APPROVAL or not papers:
        return False
    shares = who.truth.where("panel_share", "item_id", row.id)
    return any(gatherings.holds(who, who.truth.one("invitation", one.invitation_id)) for one in shares)


def summary(who: Person, row: R) -> bool:
    """A summary: whoever reaches the item all of them; others the latest that a coordinator has read."""
    of = who.truth.one("panel_item", row.item_id)
    if item(who, of):
        return True
    read = [one for one in who.truth.where("panel_summary", "item_id", of.id) if one.read_at is not None]
    newest = max(read, key=lambda one: one.number, default=None)
    return newest is not None and newest.id == row.id and (_given(who, of) or records(who, of))


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """The rule of every table of panels."""

    def of_item(row: R) -> bool:
        return item(who, who.truth.one("panel_item", row.item_id))

    def said(row: R) -> bool:
        return of_item(row) or records(who, who.truth.one("panel_item", row.item_id))

    return {
        "panel_item": lambda row: item(who, row),
        "panel_summary": lambda row: summary(who, row),
        "panel_papers": lambda row: gatherings.sees(who, row.meeting_id),
        "panel_share": lambda row: (
            of_item(row) or gatherings.holds(who, who.truth.one("invitation", row.invitation_id))
        ),
        "panel_minute": said,
        "panel_decision": said,
        "panel_action": of_item,
    }


def sit(world: World, *, tell: int) -> None:
    """Items of cases, children and concerns, proposed or on a panel, and messages about them."""
    for _ in range(PANELS):
        _call(world)
    found = world.rows.query(Meeting).filter(Meeting.district.is_not(None)).order_by(Meeting.id).all()
    for meeting in found:
        if world.chance(0.8):
            world.add(
                PanelPapers(meeting_id=meeting.id, sent_by=world.any(world.users).id, sent_at=world.now)
            )
        for place in range(1, 9):
            _put_on(world, meeting, place)
    for _ in range(10):
        _put_on(world, None, None)
    for _ in range(tell):
        happenings.tell(world, "panel_item")


def _call(world: World) -> None:
    """A panel: booked, held, or with its minutes approved."""
    chair, notes = world.dice.sample(world.users, 2)
    meeting = Meeting(
        id=new_id(),
        reference=world.reference("MTG"),
        kind="locality_panel",
        district="amber_valley",
        state="booked",
        starts_at=world.now,
        ends_at=world.now + A_YEAR,
        chair_id=chair.id,
        note_taker_id=notes.id,
        called_by=chair.id,
        called_agency_id=chair.agency_id,
        reach_until=world.end(),
        policy_version="test",
    )
    world.add(meeting)
    for person in (chair, notes):
        happenings.invite(world, meeting, person, by_name=True)
    for _ in range(4):
        happenings.invite(world, meeting, world.any(world.users), by_name=world.chance(0.3))
    for state in WAY[: world.any((0, 0, 1, 2, 3, 4))]:
        meeting.state = state
        world.rows.flush()


def _put_on(world: World, meeting: Meeting | None, place: int | None) -> None:
    by = world.any(world.users)
    about = _about(world)
    word = world.now if world.chance(0.5) else None
    found = PanelItem(
        id=new_id(),
        reference=world.reference("PNI"),
        district="amber_valley",
        meeting_id=meeting.id if meeting else None,
        place=place,
        why="W",
        proposed_by=by.id,
        proposed_agency_id=by.agency_id,
        proposed_at=world.past(),
        state=world.any(("on", "on", "discussed")) if meeting else world.any(("proposed", "declined")),
        decided_reason="R",
        word="W" if word else "",
        word_by=by.id if word else None,
        word_at=word,
        policy_version="test",
        **about,
    )
    world.add(found)
    for number in (1, 2, 3)[: world.dice.randint(1, 3)]:
        read = world.chance(0.7)
        world.add(
            PanelSummary(
                id=new_id(),
                item_id=found.id,
                reference=found.reference,
                number=number,
                about="A",
                heading="H",
                text="T",
                written_by=by.id,
                written_agency_id=by.agency_id,
                written_at=world.past(),
                read_by=world.any(world.users).id if read else None,
                read_at=world.now if read else None,
            )
        )
    if meeting is not None:
        _speak(world, meeting, found)


def _about(world: World) -> dict[str, Any]:
    kind = world.any(("case", "case", "child", "concern"))
    if kind == "case":
        case = world.any(world.cases)
        return {"kind": PanelItemKind.CASE, "case_id": case.id, "child_id": case.child_id}
    if kind == "child":
        return {"kind": PanelItemKind.CHILD, "child_id": world.any(world.children).id}
    concerns = world.rows.query(Concern).order_by(Concern.id).all()
    people = [one for one in concerns if one.kind == "person" and not one.sensitivity]
    if people and world.chance(0.5):
        concerns = people
    return {"kind": PanelItemKind.CONCERN, "concern_id": world.any(concerns).id}


def _speak(world: World, meeting: Meeting, found: PanelItem) -> None:
    invited = world.rows.query(Invitation).filter_by(meeting_id=meeting.id).order_by(Invitation.id).all()
    for invitation in invited:
        if invitation.agency_id is not None and world.chance(0.7):
            world.add(
                PanelShare(
                    id=new_id(),
                    item_id=found.id,
                    invitation_id=invitation.id,
                    shared_by=world.any(world.users).id,
                    shared_at=world.past(),
                )
            )
    saved: dict[str, Any] = {"item_id": found.id, "meeting_id": meeting.id, "text": "T"}
    decision = PanelDecision(
        id=new_id(),
        reference=world.reference("DEC"),
        reason="R",
        recorded_by=meeting.note_taker_id,
        recorded_at=world.past(),
        **saved,
    )
    world.add(PanelMinute(saved_by=meeting.note_taker_id, saved_at=world.past(), **saved), decision)
    action = world.any(world.rows.query(Action).order_by(Action.id).all())
    if not world.rows.get(PanelAction, action.id):
        world.add(PanelAction(action_id=action.id, item_id=found.id, decision_id=decision.id))
    if world.chance(0.5):
        add_deadline(world, "panel_item", found.id, {"meeting_id": meeting.id})
