"""A report follows its meeting: to another date when it moves, and nowhere when it is cancelled."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.pathway.calendar import end_of_day, subtract_working_days
from portal.records.cases.model import Case
from portal.records.meetings.changes import cancel_meeting, move_meeting
from portal.records.meetings.model import Meeting
from portal.records.requests.answering import answer_nothing_held
from portal.records.requests.model import InformationRequest
from tests.cast import Cast
from tests.factories.meetings import make_meeting
from tests.requests.conftest import Acting, asks, changes, questions

IN_TWO_WEEKS = timedelta(days=14)


@pytest.fixture
def meeting(rows: Session, cast: Cast, case: Case) -> Meeting:
    starts = clock.now() + IN_TWO_WEEKS
    return make_meeting(rows, chair=cast.chair, note_taker=cast.social_worker, cases=[case], starts_at=starts)


def usual(starts: datetime) -> datetime:
    """Two working days before, as policy has it."""
    return end_of_day(subtract_working_days(clock.local(starts).date(), 2))


def moves(acting: Acting, cast: Cast, meeting: Meeting, starts: datetime) -> None:
    with acting(cast.chair) as actor:
        found = db.session.get_one(Meeting, meeting.id)
        move_meeting(
            actor=actor,
            meeting=found,
            starts_at=starts,
            ends_at=starts + timedelta(hours=1),
            reason="The chair is ill",
            version=found.version,
        )


@pytest.mark.parametrize("days", [7, 21], ids=["earlier", "later"])
def test_a_report_with_the_usual_date_follows_and_keeps_its_first_date(
    rows: Session, cast: Cast, case: Case, acting: Acting, meeting: Meeting, days: int
) -> None:
    asks(acting, cast.chair, case, cast.health_team, meeting=meeting)
    first = questions(rows)[0].due_at
    assert first == usual(meeting.starts_at)
    starts = clock.now() + timedelta(days=days)
    moves(acting, cast, meeting, starts)
    duty = rows.scalars(select(Deadline).where(Deadline.request_id.is_not(None))).one()
    assert (duty.due_at, duty.original_due_at) == (usual(starts), first)
    assert rows.scalars(select(InformationRequest.due_at)).one() == usual(starts)
    assert meeting.reference in (duty.move_reason or "")


def test_a_date_that_was_chosen_stays_while_it_is_before_the_meeting(
    rows: Session, cast: Cast, case: Case, acting: Acting, meeting: Meeting
) -> None:
    chosen = end_of_day(clock.today() + timedelta(days=3))
    asks(acting, cast.chair, case, cast.health_team, meeting=meeting, due_at=chosen)
    moves(acting, cast, meeting, clock.now() + timedelta(days=21))
    assert rows.scalars(select(InformationRequest.due_at)).one() == chosen
    starts = clock.now() + timedelta(hours=30)
    moves(acting, cast, meeting, starts)
    assert rows.scalars(select(InformationRequest.due_at)).one() <= starts


def test_what_waits_for_a_meeting_that_is_cancelled_is_withdrawn_and_answers_stay(
    rows: Session, cast: Cast, case: Case, acting: Acting, meeting: Meeting
) -> None:
    asks(acting, cast.chair, case, cast.health_team, cast.council_team, meeting=meeting)
    answered = next(one for one in questions(rows) if one.asked_team_id == cast.health_team.id)
    changes(acting, cast.nurse, answered.id, answer_nothing_held)
    with acting(cast.chair) as actor:
        found = db.session.get_one(Meeting, meeting.id)
        cancel_meeting(actor=actor, meeting=found, reason="Not needed", version=found.version)
    after = rows.execute(
        select(InformationRequest.asked_team_id, InformationRequest.withdrawn_reason, Deadline.state).join(
            Deadline, Deadline.request_id == InformationRequest.id
        )
    )
    assert {team: (reason, state) for team, reason, state in after} == {
        cast.health_team.id: (None, DeadlineState.DONE),
        cast.council_team.id: (f"Meeting {meeting.reference} was cancelled", DeadlineState.CANCELLED),
    }


def test_a_question_that_is_for_no_meeting_stays_when_one_is_cancelled(
    rows: Session, cast: Cast, case: Case, acting: Acting, meeting: Meeting
) -> None:
    asks(acting, cast.coordinator, case, cast.health_team)
    with acting(cast.chair) as actor:
        found = db.session.get_one(Meeting, meeting.id)
        cancel_meeting(actor=actor, meeting=found, reason="Not needed", version=found.version)
    assert rows.scalars(select(InformationRequest.withdrawn_at)).one() is None
