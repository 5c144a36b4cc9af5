"""Claims about reminders of an action: its owner on the day, their manager after, the chair at the end."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.messages.vocabulary import CancelReason
from portal.pathway.calendar import add_working_days, at_local
from portal.records.cases.model import Case
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import User
from portal.records.plans.action_changes import hand_over
from portal.records.plans.action_steps import mark_done
from portal.records.plans.model import Action
from portal.reminders.claims import Cancel, Send
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.factories.meetings import make_meeting
from tests.plans.conftest import gives, steps
from tests.reminders.travel import judged, tick, ticks, told

Acting = Callable[[User], AbstractContextManager[Principal]]
DUE = add_working_days(clock.today() + timedelta(days=10), 1)


def morning(working_days: int) -> datetime:
    """Shortly after the day starts, so many working days after the action is due."""
    return at_local(add_working_days(DUE, working_days) if working_days else DUE, time(8, 30))


@pytest.fixture
def action(rows: Session, cast: Cast, acting: Acting) -> Action:
    """A meeting gave it to somebody who does not read the case."""
    case = case_of_three(rows, cast)
    meeting = make_meeting(
        rows, chair=cast.chair, note_taker=cast.nurse, cases=[case], state=MeetingState.HELD
    )
    rows.execute(text("update reminder_plan set look_at = '9999-01-01'"))
    rows.commit()
    return gives(
        acting, cast.nurse, rows.get_one(Case, case.id), cast.community_safety, due_on=DUE, meeting=meeting
    )


def duty_of(rows: Session, action: Action) -> Deadline:
    rows.rollback()
    rows.expire_all()
    return rows.scalars(select(Deadline).where(Deadline.subject_id == action.id)).one()


def test_the_owner_is_reminded_on_the_day_their_manager_after_and_the_chair_last(
    rows: Session, cast: Cast, engine: Engine, action: Action
) -> None:
    duty = duty_of(rows, action)
    owner, hub = cast.community_safety.id, cast.hub_team.id  # who stands in for a manager that nobody is
    ticks(engine, [morning(days) for days in (0, 3, 5)])
    assert [(rung, to) for rung, _, to in told(rows, duty)] == [
        ("on_the_day", {owner}),
        ("manager", {owner, hub}),
        ("chair", {cast.chair.id, cast.social_worker.id}),
    ]


def test_an_owner_who_does_not_read_the_case_is_sent_it_until_it_is_done(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, action: Action
) -> None:
    tick(engine, morning(0))
    assert {standing for _, standing in judged(engine, morning(0))} == {Send(cast.community_safety.email)}
    steps(acting, cast.community_safety, action, mark_done, words="Done")
    of_the_duty = {one for message, one in judged(engine, morning(0)) if message.deadline_id}
    assert of_the_duty == {Cancel(CancelReason.DONE)}


def test_whoever_had_it_before_is_told_only_that_it_is_no_longer_theirs(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, action: Action
) -> None:
    steps(acting, cast.chair, action, hand_over, owner=cast.nurse, reason="She knows the family")
    found = {
        (message.kind, message.recipient_id): standing for message, standing in judged(engine, morning(0))
    }
    gone = cast.community_safety.id
    assert found["action_given", gone] == Cancel(CancelReason.HANDED_OVER)
    assert found["no_longer_yours", gone] == Send(cast.community_safety.email)
    assert found["action_given", cast.nurse.id] == Send(cast.nurse.email)
