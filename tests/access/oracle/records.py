"""What was recorded at the meetings of a random world, and who sees it, from the words of the design.

Minutes and decisions: full reach; what is on one child follows that child. A closed part: those named for it,
chair and note-taker, as long as they see the meeting. A version that was given to somebody invited: they too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row

from portal import clock
from portal.model import Model, new_id
from portal.records.meetings.model import AgendaItem, Invitation, Meeting, MeetingCase
from portal.records.minutes.model import (
    ActionReview,
    ClosedMinute,
    ClosedReader,
    ClosedReaderEnd,
    Decision,
    DecisionPart,
    FamilyPassage,
    LevelProposal,
    MeetingDraft,
    MeetingPresence,
    Minute,
    MinutePage,
    MinutesCopy,
    MinutesCorrection,
    MinutesIssue,
)
from portal.records.people.model import User
from portal.records.plans.model import Action
from tests.access.oracle import gatherings
from tests.access.oracle.world import A_YEAR, World

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]


def record_meetings(world: World) -> None:
    """Minutes of every second meeting: open, closed, decided, handed out, to be put right."""
    found = world.rows.query(Meeting).filter(Meeting.state.in_(("booked", "held"))).order_by(Meeting.id)
    for meeting in found.all()[::2]:
        items = world.rows.query(AgendaItem).filter_by(meeting_id=meeting.id).order_by(AgendaItem.position)
        invited = gatherings_of(world, meeting)
        for item in items.all():
            _record(world, meeting, item, invited)


def hear_of_actions(world: World) -> None:
    """What each meeting heard of an action on each of its cases."""
    for on in world.rows.query(MeetingCase).order_by(MeetingCase.meeting_id, MeetingCase.case_id).all():
        given = world.rows.query(Action).filter_by(case_id=on.case_id).order_by(Action.reference).first()
        if given is not None:
            heard = ActionReview(
                meeting_id=on.meeting_id,
                action_id=given.id,
                case_id=on.case_id,
                outcome="done",
                saved_by=given.given_by,
                saved_at=clock.now(),
            )
            world.add(heard)


def gatherings_of(world: World, meeting: Meeting) -> list[Invitation]:
    """The invitations of a meeting to people of agencies."""
    found = world.rows.query(Invitation).filter_by(meeting_id=meeting.id).order_by(Invitation.id)
    return [invitation for invitation in found.all() if invitation.agency_id]


def _record(world: World, meeting: Meeting, item: AgendaItem, invited: list[Invitation]) -> None:
    on: dict[str, Any] = {"meeting_id": meeting.id, "case_id": item.case_id}
    saved: dict[str, Any] = {"saved_by": meeting.note_taker_id, "saved_at": world.past()}
    asking = world.any(world.users)
    closed = ClosedMinute(id=new_id(), heading="H", text="T", **on, **saved)
    decision = Decision(
        id=new_id(),
        reference=world.reference("DEC"),
        text="T",
        reason="R",
        recorded_by=meeting.note_taker_id,
        recorded_at=world.past(),
        **on,
    )
    issue = MinutesIssue(
        id=new_id(),
        reference=world.reference("MIN"),
        kind="professional",
        number=1,
        content={},
        made_by=meeting.chair_id,
        made_at=world.past(),
        **on,
    )
    world.add(
        Minute(id=new_id(), item_id=item.id, text="T", **on, **saved),
        *_open_pages(world, meeting, item, asking),
        closed,
        decision,
        DecisionPart(
            decision_id=decision.id, agency_id=world.any(world.agencies).id, stance="agrees", **saved
        ),
        issue,
        MinutesCorrection(
            id=new_id(),
            text="T",
            asked_by=asking.id,
            agency_id=world.any((asking.agency_id, asking.agency_id, world.any(world.agencies).id)),
            asked_at=world.past(),
            **on,
        ),
    )
    for reader in world.dice.sample(world.users, 3):
        world.add(
            ClosedReader(
                closed_id=closed.id, user_id=reader.id, named_by=meeting.chair_id, named_at=world.past()
            )
        )
    end = {"ended_by": meeting.chair_id, "ended_at": clock.now(), "reason": "Not needed"}
    world.add(ClosedReaderEnd(id=new_id(), closed_id=closed.id, user_id=asking.id, **end))
    for invitation in invited:
        world.add(_copy(world, meeting, issue, invitation_id=invitation.id))
    if item.case_id:
        world.add(_copy(world, meeting, issue, team_id=world.any(world.teams).id))
        world.add(_proposal(world, meeting, item.case_id), _passage(world, meeting, item.case_id, item.id))


def _open_pages(world: World, meeting: Meeting, item: AgendaItem, asking: User) -> Iterator[Model]:
    """Who has the record open: whoever takes the notes, and somebody who may long have lost sight of it."""
    for user_id in (meeting.note_taker_id, asking.id):
        on: dict[str, Any] = {"page": new_id(), "meeting_id": meeting.id, "user_id": user_id}
        yield MinutePage(item_id=item.id, seen=0, seq=1, typed="T", sent_at=world.past(), **on)
        yield MeetingPresence(item_id=item.id, seen_at=world.past(), **on)
    yield MeetingDraft(
        id=new_id(),
        meeting_id=meeting.id,
        item_id=item.id,
        case_id=item.case_id,
        kind="decision",
        fields={"text": "T"},
        made_at=world.past(),
        saved_by=meeting.note_taker_id,
        saved_at=world.past(),
    )


def _copy(world: World, meeting: Meeting, issue: MinutesIssue, **to: UUID) -> MinutesCopy:
    return MinutesCopy(
        id=new_id(),
        issue_id=issue.id,
        given_by=meeting.chair_id,
        given_at=world.past(),
        reach_until=world.end() or world.soon + 50 * A_YEAR,
        **to,
    )


def _proposal(world: World, meeting: Meeting, case_id: UUID) -> LevelProposal:
    return LevelProposal(
        id=new_id(),
        meeting_id=meeting.id,
        case_id=case_id,
        level="low",
        reason="R",
        proposed_by=meeting.note_taker_id,
        proposed_at=world.past(),
    )


def _passage(world: World, meeting: Meeting, case_id: UUID, item_id: UUID) -> FamilyPassage:
    return FamilyPassage(
        id=new_id(),
        meeting_id=meeting.id,
        case_id=case_id,
        source_kind="minute",
        source_id=item_id,
        position=0,
        text="T",
        chosen_by=meeting.chair_id,
        chosen_at=world.past(),
    )


def reads_closed(who: Person, row: R) -> bool:
    """Named for it, or chair or note-taker; and sees the meeting."""
    meeting = who.truth.one("meeting", row.meeting_id)
    named = any(one.user_id == who.id for one in who.truth.where("closed_reader", "closed_id", row.id))
    return gatherings.sees(who, meeting.id) and (named or who.id in (meeting.chair_id, meeting.note_taker_id))


def _keeps_record(who: Person, meeting_id: UUID) -> bool:
    """Who records a meeting: coordinators, chair and note-taker, and whoever leads a case of it."""
    meeting = who.truth.one("meeting", meeting_id)
    leads = any(case.lead_professional_id == who.id for case in gatherings.cases_of(who, meeting_id))
    return leads or who.is_coordinator or who.id in (meeting.chair_id, meeting.note_taker_id)


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """The rule of every table of what was recorded at meetings."""

    def on_child_or_whole(row: R) -> bool:
        return gatherings.on_child_or_whole(who, row)

    def asked(row: R) -> bool:
        return who.user is not None and row.asked_by == who.id and row.agency_id == who.agency_id

    return {
        "minute": on_child_or_whole,
        "minute_version": on_child_or_whole,
        "minute_page": lambda row: (
            who.user is not None and row.user_id == who.id and gatherings.runs(who, row.meeting_id)
        ),
        "meeting_presence": lambda row: gatherings.runs(who, row.meeting_id),
        "meeting_draft": lambda row: on_child_or_whole(row) and _keeps_record(who, row.meeting_id),
        "action_review": lambda row: who.full(row.case_id),
        "decision": on_child_or_whole,
        "decision_part": lambda row: on_child_or_whole(who.truth.one("decision", row.decision_id)),
        "level_proposal": lambda row: who.full(row.case_id),
        "family_passage": lambda row: who.full(row.case_id),
        "closed_minute": lambda row: reads_closed(who, row),
        "closed_reader": lambda row: reads_closed(who, who.truth.one("closed_minute", row.closed_id)),
        "closed_reader_end": lambda row: reads_closed(who, who.truth.one("closed_minute", row.closed_id)),
        "minutes_issue": lambda row: gatherings.minutes(who, row),
        "minutes_copy": lambda row: (
            gatherings.given(who, row) or on_child_or_whole(who.truth.one("minutes_issue", row.issue_id))
        ),
        "minutes_correction": lambda row: asked(row) or on_child_or_whole(row),
    }
