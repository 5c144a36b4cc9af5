"""The plans of the demonstration show actions in every state, and somebody who owns one without the case."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.pathway.states import OPEN_ACTION_STATES
from portal.records.plans.model import Action, PlanText
from portal.records.plans.vocabulary import ActionState, PlanPart


def test_the_actions_of_the_demonstration_stand_in_many_states(loaded: Session) -> None:
    states = set(loaded.scalars(select(Action.state)))
    assert states >= {
        *(ActionState.NOT_STARTED, ActionState.UNDER_WAY, ActionState.BLOCKED, ActionState.DONE),
        *(ActionState.CONFIRMED, ActionState.COVERED),
    }


def test_one_action_is_overdue_and_one_belongs_to_a_team(loaded: Session) -> None:
    late = loaded.scalars(
        select(Action).where(
            Action.case_id.is_not(None),
            Action.state.in_(OPEN_ACTION_STATES),
            Action.due_on < clock.today(),
        )
    ).all()
    assert len(late) == 1
    assert loaded.scalars(select(Action.owner_team_id).where(Action.owner_team_id.is_not(None))).all()


def test_plans_say_what_the_child_wants_or_why_nobody_could_ask(loaded: Session) -> None:
    goals = loaded.scalars(select(PlanText).where(PlanText.kind == PlanPart.GOAL)).all()
    assert {one.not_obtained for one in goals} == {True, False}
    assert len({one.plan_id for one in goals}) == 3
