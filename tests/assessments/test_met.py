"""A meeting that was held meets what the level asked for, and the next review runs from it."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.pathway.calendar import add_working_days
from portal.records.cases.model import Case
from portal.records.meetings.attendance import Mark, Marking, hold
from portal.records.meetings.model import Invitation
from portal.records.meetings.vocabulary import Attendance
from portal.vocabulary import CaseState, RiskLevel
from tests.assessments.conftest import Acting, assessed, open_duties
from tests.cast import Cast
from tests.factories.meetings import make_meeting
from tests.meetings.days import acted


def met(rows: Session, cast: Cast, case: Case, acting: Acting, kind: str) -> None:
    """A meeting of a kind on the case was held just now."""
    began = clock.now() - timedelta(hours=2)
    meeting = make_meeting(
        rows, chair=cast.chair, note_taker=cast.officer, cases=[case], kind=kind, starts_at=began
    )
    invited = rows.scalars(select(Invitation.id).where(Invitation.meeting_id == meeting.id))
    marks = {one: Marking(seen=Mark(), now=Mark(Attendance.PRESENT)) for one in invited}
    with acting(cast.chair) as actor:
        hold(actor=actor, meeting=acted(meeting), marks=marks)


@pytest.mark.parametrize(("kind", "days"), [("first", 20), ("review", 20)])
def test_the_meeting_that_was_owed_is_done_and_the_next_review_is_counted_from_it(
    rows: Session, cast: Cast, case: Case, acting: Acting, kind: str, days: int
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    met(rows, cast, case, acting, kind)
    duties = open_duties(rows, case)
    assert DeadlineKind.MEETING not in duties
    assert DeadlineKind.STRATEGY in duties, "that is another meeting"
    review = duties[DeadlineKind.REVIEW]
    assert clock.local(review.due_at).date() == add_working_days(clock.today(), days)
    assert (review.source, review.confirmed) == ("levels.high.review_working_days", False)
    assert rows.get_one(Case, case.id).state == CaseState.PLAN_UNDER_WAY
    met(rows, cast, case, acting, "review")
    assert open_duties(rows, case)[DeadlineKind.REVIEW].id != review.id


def test_a_strategy_discussion_meets_its_own_duty_alone(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    met(rows, cast, case, acting, "strategy")
    duties = open_duties(rows, case)
    assert DeadlineKind.STRATEGY not in duties
    assert {DeadlineKind.MEETING, DeadlineKind.ASSESSMENT} <= set(duties)
    assert rows.get_one(Case, case.id).state == CaseState.MEETING_DUE


def test_a_meeting_of_professionals_meets_no_duty(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    before = set(open_duties(rows, case))
    met(rows, cast, case, acting, "professionals")
    assert set(open_duties(rows, case)) == before


def test_a_new_first_meeting_replaces_the_review_that_was_counted_from_the_old_one(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    met(rows, cast, case, acting, "first")
    old = open_duties(rows, case)[DeadlineKind.REVIEW]
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    met(rows, cast, case, acting, "first")
    reviews = select(Deadline).where(Deadline.case_id == case.id, Deadline.kind == DeadlineKind.REVIEW)
    assert {one.id: one.state for one in rows.scalars(reviews)} == {
        old.id: DeadlineState.SUPERSEDED,
        open_duties(rows, case)[DeadlineKind.REVIEW].id: DeadlineState.OPEN,
    }
