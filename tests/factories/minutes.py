"""What was recorded at a meeting, written straight into the tables, and who took part in it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import exists
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.pathway.calendar import end_of_day
from portal.pathway.references import Prefix, new_reference
from portal.records.cases.model import Case
from portal.records.meetings.model import AgendaItem, Invitation, Meeting
from portal.records.meetings.vocabulary import Attendance
from portal.records.minutes.model import (
    ClosedMinute,
    ClosedReader,
    Decision,
    DecisionPart,
    FamilyPassage,
    LevelProposal,
    Minute,
    MinutesCopy,
    MinutesCorrection,
    MinutesIssue,
)
from portal.records.minutes.vocabulary import MinutesKind
from portal.records.people.model import User
from tests.factories.meetings import make_heading


def make_minute(
    rows: Session,
    meeting: Meeting,
    text: str,
    *,
    case: Case | None = None,
    heading: str = "What works and what worries us",
    item: AgendaItem | None = None,
) -> Minute:
    """What was said under a heading of its own."""
    found = item or make_heading(rows, meeting, case, heading)
    minute = Minute(
        id=new_id(),
        meeting_id=meeting.id,
        item_id=found.id,
        case_id=found.case_id,
        text=text,
        saved_by=meeting.note_taker_id,
        saved_at=clock.now(),
    )
    rows.add(minute)
    rows.commit()
    return minute


def make_closed_minute(
    rows: Session, meeting: Meeting, text: str, *, case: Case | None = None
) -> ClosedMinute:
    """A closed part, for chair and note-taker."""
    closed = ClosedMinute(
        id=new_id(),
        meeting_id=meeting.id,
        case_id=case.id if case else None,
        heading="Closed",
        text=text,
        saved_by=meeting.note_taker_id,
        saved_at=clock.now(),
    )
    rows.add(closed)
    rows.commit()
    return closed


def make_decision(
    rows: Session,
    meeting: Meeting,
    text: str,
    reason: str,
    *,
    case: Case | None = None,
    dissent: tuple[User, str] | None = None,
    **facts: Any,
) -> Decision:
    """A decision; with `dissent`, of somebody whose agency does not agree and says why."""
    decision = Decision(
        id=new_id(),
        reference=new_reference(Prefix.DECISION),
        meeting_id=meeting.id,
        case_id=case.id if case else None,
        text=text,
        reason=reason,
        recorded_by=meeting.note_taker_id,
        recorded_at=clock.now(),
        **facts,
    )
    rows.add(decision)
    rows.flush()
    if dissent:
        whose, words = dissent
        rows.add(
            DecisionPart(
                decision_id=decision.id,
                agency_id=whose.agency_id,
                stance="dissents",
                words=words,
                saved_by=meeting.note_taker_id,
                saved_at=clock.now(),
            )
        )
    rows.commit()
    return decision


def make_issue(
    rows: Session, meeting: Meeting, case: Case, text: str, to: Invitation | None = None
) -> MinutesIssue:
    """The approved minutes on a child, in which `text` stands; given to somebody invited."""
    issue = MinutesIssue(
        id=new_id(),
        reference=new_reference(Prefix.MINUTES),
        meeting_id=meeting.id,
        case_id=case.id,
        kind=MinutesKind.PROFESSIONAL,
        number=1,
        content=issue_content(meeting, text),
        made_by=meeting.chair_id,
        made_at=clock.now(),
    )
    rows.add(issue)
    rows.flush()
    if to is not None:
        rows.add(
            MinutesCopy(
                id=new_id(),
                issue_id=issue.id,
                invitation_id=to.id,
                given_by=meeting.chair_id,
                given_at=clock.now(),
                reach_until=clock.now() + timedelta(days=14),
            )
        )
    rows.commit()
    return issue


def make_correction(rows: Session, issue: MinutesIssue, *, by: User, text: str = "x") -> MinutesCorrection:
    """What somebody asked to be put right in some minutes."""
    correction = MinutesCorrection(
        id=new_id(),
        meeting_id=issue.meeting_id,
        case_id=issue.case_id,
        text=text,
        asked_by=by.id,
        agency_id=by.agency_id,
        asked_at=clock.now(),
    )
    rows.add(correction)
    rows.commit()
    return correction


def issue_content(meeting: Meeting, text: str) -> dict[str, Any]:
    """What an issue holds, with one heading."""
    return {
        "shape": 1,
        "meeting": {
            "reference": meeting.reference,
            "kind": "First meeting",
            "starts_at": meeting.starts_at.isoformat(),
            "ends_at": meeting.ends_at.isoformat(),
            **dict.fromkeys(
                ("place", "chair", "chair_agency", "note_taker", "note_taker_agency", "quorum_reason"), ""
            ),
        },
        "child": None,
        "attendance": [],
        "items": [{"item_id": str(new_id()), "minute_id": None, "heading": "Why we meet", "text": text}],
        "decisions": [],
        "level": None,
        "actions": [],
        "next_on": None,
        "written_at": clock.now().isoformat(),
    }


def make_passage(rows: Session, meeting: Meeting, case: Case, text: str) -> FamilyPassage:
    """A passage chosen for the family, of a minute of its own."""
    minute = make_minute(rows, meeting, text, case=case)
    passage = FamilyPassage(
        id=new_id(),
        meeting_id=meeting.id,
        case_id=case.id,
        source_kind="minute",
        source_id=minute.id,
        position=0,
        text=text,
        chosen_by=meeting.note_taker_id,
        chosen_at=clock.now(),
    )
    rows.add(passage)
    rows.commit()
    return passage


def take_part(rows: Session, *invitations: Invitation, attendance: Attendance = Attendance.PRESENT) -> None:
    """Mark how some of the invited took part."""
    for one in invitations:
        rows.merge(one).attendance = attendance
    rows.commit()


def owe_minutes(rows: Session, meeting: Meeting) -> None:
    """The duties to write the minutes and to distribute them."""
    for kind, owner in (
        (DeadlineKind.MINUTES_DRAFT, meeting.note_taker_id),
        (DeadlineKind.MINUTES, meeting.chair_id),
    ):
        due_at = end_of_day(clock.today())
        rows.add(
            Deadline(
                id=new_id(),
                kind=kind,
                subject_kind="meeting",
                subject_id=meeting.id,
                meeting_id=meeting.id,
                owner_id=owner,
                started_at=clock.now(),
                due_at=due_at,
                original_due_at=due_at,
                state=DeadlineState.OPEN,
                source="clocks.minutes",
                confirmed=False,
                policy_version="test",
            )
        )
    rows.commit()


def make_record(rows: Session, meeting: Meeting, case: Case, reader: User) -> dict[str, str]:
    """Words under the first heading on a child, a decision, a closed part for which somebody is named, and a
    lower level that waits.
    """
    of_child = rows.query(AgendaItem).filter_by(meeting_id=meeting.id, case_id=case.id)
    item = of_child.filter(~exists().where(Minute.item_id == AgendaItem.id)).first()
    if item is not None:
        make_minute(rows, meeting, "It goes well", case=case, item=item)
    decision = make_decision(rows, meeting, "Go on", "It helps", case=case)
    closed = make_closed_minute(rows, meeting, "Held back", case=case)
    proposal = LevelProposal(
        id=new_id(),
        meeting_id=meeting.id,
        case_id=case.id,
        level="low",
        reason="It is quiet",
        proposed_by=meeting.note_taker_id,
        proposed_at=clock.now(),
    )
    named = {"closed_id": closed.id, "user_id": reader.id, "named_by": meeting.chair_id}
    rows.add_all([proposal, ClosedReader(named_at=clock.now(), **named)])
    rows.commit()
    return {
        "meeting decision": str(decision.id),
        "closed part": str(closed.id),
        "lower level": str(proposal.id),
    }
