"""What ends a case and what is handed over, written straight into the tables."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.closing.model import CaseClosure, HandOver
from portal.records.closing.policy import Closing
from portal.records.closing.vocabulary import HandOverKind
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import Decision
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import User
from tests.factories.assessments import make_assessment
from tests.factories.meetings import make_meeting


def make_decision(
    rows: Session, case: Case, *, chair: User, note_taker: User, outcome: MeetingOutcome, **facts: Any
) -> Decision:
    """A meeting on the case that was held, and what it came to."""
    held_at = facts.pop("held_at", clock.now() - timedelta(hours=1))
    meeting = make_meeting(
        rows,
        chair=chair,
        note_taker=note_taker,
        cases=[case],
        kind="review",
        state=MeetingState.HELD,
        starts_at=held_at,
        held_at=held_at,
    )
    return decide(rows, case, meeting, outcome, **facts)


def decide(rows: Session, case: Case, meeting: Meeting, outcome: MeetingOutcome, **facts: Any) -> Decision:
    """What a meeting came to on a case."""
    decision = Decision(
        id=new_id(),
        reference=new_reference(Prefix.DECISION),
        meeting_id=meeting.id,
        case_id=case.id,
        text="What was decided",
        reason="What several agencies said",
        outcome=outcome,
        recorded_by=meeting.note_taker_id,
        recorded_at=clock.now(),
        **facts,
    )
    rows.add(decision)
    rows.commit()
    return decision


def make_hand_over(
    rows: Session,
    case: Case,
    by: User,
    kind: HandOverKind = HandOverKind.TRANSFER,
    words: str = "Told",
    *,
    finalised: bool = True,
) -> HandOver:
    """A hand-over with every section, finalised or being written."""
    now = clock.now()
    found = HandOver(
        id=new_id(),
        reference=new_reference(Prefix.HAND_OVER),
        case_id=case.id,
        kind=kind,
        service="Another county, exploitation team",
        person="Una Elsewhere",
        contact="01632 960123",
        meets_on=date(2027, 1, 15),
        answers={section.code: words for section in current_policy().of(Closing).sections_of(kind)},
        started_by=by.id,
        started_at=now,
        saved_by=by.id,
        saved_at=now,
        finalised_by=by.id if finalised else None,
        finalised_at=now if finalised else None,
        policy_version=current_policy().version,
    )
    rows.add(found)
    rows.commit()
    return found


def ask_to_transfer(rows: Session, case: Case, by: User, words: str = "They have moved") -> CaseClosure:
    """Somebody asked that the case be transferred, and it waits for a second person."""
    found = CaseClosure(
        id=new_id(),
        case_id=case.id,
        kind="transferred",
        ground="moved",
        hand_over_id=make_hand_over(rows, case, by).id,
        reason="moved",
        words=words,
        follow_up_name="Hew Helper",
        follow_up_agency="Another county",
        follow_up_contact="01632 960456",
        reopen_if="The child comes back",
        asked_by=by.id,
        asked_at=clock.now(),
        policy_version="test",
    )
    rows.add(found)
    rows.commit()
    return found


def ask_to_end(rows: Session, case: Case, by: User, words: str = "Nothing was found") -> CaseClosure:
    """Somebody asked that the case end, and it waits for a second person."""
    assessment = make_assessment(rows, case, by, state="finalised", finalised_at=clock.now(), level="none")
    found = CaseClosure(
        id=new_id(),
        case_id=case.id,
        kind="closed",
        ground="no_exploitation",
        assessment_id=assessment.id,
        reason="no_exploitation",
        words=words,
        follow_up_name="Hew Helper",
        follow_up_agency="School",
        follow_up_contact="01632 960456",
        reopen_if="The child goes missing",
        asked_by=by.id,
        asked_at=clock.now(),
        policy_version="test",
    )
    rows.add(found)
    rows.commit()
    return found
