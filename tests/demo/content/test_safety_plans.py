"""The demonstration has a safety plan in force, one about to run out and one that ended."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.vocabulary import SafetyPlanState


def test_a_plan_is_in_force_one_runs_out_within_days_and_one_is_ended(loaded: Session) -> None:
    plans = loaded.scalars(select(SafetyPlan)).all()
    left = sorted(
        one.valid_until - clock.today()
        for one in plans
        if one.state == SafetyPlanState.IN_FORCE and one.valid_until
    )
    assert len(left) == 2
    assert left[0] <= timedelta(days=7) < left[1]
    assert [one.ended_reason for one in plans if one.state == SafetyPlanState.ENDED]
    owed = select(Deadline).filter_by(kind=DeadlineKind.SAFETY_PLAN, state=DeadlineState.OPEN)
    assert len(loaded.scalars(owed).all()) == 2
