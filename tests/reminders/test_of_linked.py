"""Claims about reminders of linked processes: whoever sees to them, then their manager, by reference."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import time, timedelta

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.messages.model import OutboxSubject
from portal.pathway.calendar import add_working_days, at_local
from portal.records.people.model import User
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.linked_processes.conftest import begins
from tests.reminders.travel import ticks, told

Acting = Callable[[User], AbstractContextManager[Principal]]


def test_whoever_sees_to_a_step_is_reminded_then_their_manager_and_then_the_lead(
    rows: Session, cast: Cast, acting: Acting, engine: Engine
) -> None:
    case = case_of_three(rows, cast)
    rows.execute(text("update reminder_plan set look_at = '9999-01-01'"))
    rows.commit()
    process = begins(acting, cast.officer, case, "nrm", started_at=clock.now() - timedelta(minutes=5))
    duty = rows.scalars(select(Deadline).where(Deadline.subject_id == process.id)).one()
    assert duty.state == DeadlineState.OPEN
    day = clock.local(duty.due_at).date()
    late = add_working_days(day, 1)
    ticks(engine, [at_local(one, time(8, 30)) for one in (day, late)])
    owner = process.owner_id
    manager = cast.social_care_manager.id if owner == cast.social_worker.id else cast.police_manager.id
    heard = [(rung, to) for rung, _, to in told(rows, duty)]
    assert heard[-2:] == [("on_the_day", {owner}), ("manager", {owner, manager})]
    references = set(
        rows.scalars(select(OutboxSubject.reference).where(OutboxSubject.deadline_id == duty.id))
    )
    assert references == {process.reference}
