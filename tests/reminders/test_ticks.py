"""Claims about ticks: two at once, one after another, and one that dies; each rung is told once, and told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.messages.model import OutboxMessage, OutboxSubject, ReminderPlan
from portal.records.cases.model import Case
from portal.reminders.owed import queue_owed
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.reminders.travel import at, look_from, open_duty

MANY = 40
DAY = at("2026-12-14", "08:00")


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    found = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, found, cast.social_care_team, by=cast.coordinator)
    return found


@pytest.fixture
def duties(rows: Session, cast: Cast, case: Case) -> list[Deadline]:
    """Many of which the rung on their day falls now."""
    found = [
        open_duty(
            rows,
            opened=at("2026-12-12"),
            due=at("2026-12-14", "23:59"),
            subject=case,
            case_id=case.id,
            owner_id=cast.social_worker.id,
            given_by=cast.social_worker.id,
        )
        for _ in range(MANY)
    ]
    for duty in found:
        look_from(rows, duty, DAY)
    return found


def messages(rows: Session) -> dict[str, int]:
    """How many messages each duty has."""
    rows.expire_all()
    counted = select(OutboxSubject.deadline_id, func.count()).group_by(OutboxSubject.deadline_id)
    return {str(duty): count for duty, count in rows.execute(counted)}


def once_for_each(duties: list[Deadline]) -> dict[str, int]:
    return {str(duty.id): 1 for duty in duties}


def test_two_workers_that_tick_at_once_tell_each_rung_once(
    engine: Engine, rows: Session, duties: list[Deadline]
) -> None:
    both = Barrier(2)

    def work() -> int:
        both.wait()
        seen = 0
        for _ in range(MANY):
            with engine.begin() as connection:
                seen += queue_owed(connection, limit=3)
        return seen

    with time_machine.travel(DAY, tick=False), ThreadPoolExecutor(2) as workers:
        seen = [one.result() for one in (workers.submit(work), workers.submit(work))]
    assert messages(rows) == once_for_each(duties)
    assert sum(seen) == MANY, "what one worker holds the other leaves alone"


def test_what_a_worker_holds_another_skips_and_does_not_wait_for(
    engine: Engine, rows: Session, duties: list[Deadline]
) -> None:
    with time_machine.travel(DAY, tick=False), engine.begin() as first:
        assert queue_owed(first) == MANY
        with engine.begin() as second:
            assert queue_owed(second) == 0
    assert messages(rows) == once_for_each(duties)


def test_a_tick_that_dies_half_way_has_told_nothing_and_the_next_tells_all(
    engine: Engine, rows: Session, duties: list[Deadline]
) -> None:
    with time_machine.travel(DAY, tick=False):
        connection = engine.connect()
        assert queue_owed(connection, limit=MANY // 2) == MANY // 2
        connection.invalidate()  # as the database sees a worker that was killed
        connection.close()
        assert messages(rows) == {}
        assert rows.scalar(select(func.min(ReminderPlan.look_at))) == DAY
        with engine.begin() as again:
            queue_owed(again)
    assert messages(rows) == once_for_each(duties)


def test_a_look_that_is_done_twice_writes_nothing_the_second_time(
    engine: Engine, rows: Session, duties: list[Deadline]
) -> None:
    for _ in range(2):
        with time_machine.travel(DAY, tick=False), engine.begin() as connection:
            queue_owed(connection)
        written = dict(rows.execute(select(OutboxMessage.key, OutboxMessage.created_at)).all())
        for duty in duties:
            look_from(rows, duty, DAY, told_until=None)  # as if nobody had noted that it was looked at
    assert len(written) == MANY
    assert messages(rows) == once_for_each(duties)


def test_a_duty_that_cannot_be_counted_does_not_keep_the_others(
    engine: Engine, rows: Session, duties: list[Deadline]
) -> None:
    duties[0].due_at = at("9999-12-30")
    rows.commit()
    look_from(rows, duties[0], DAY)
    with time_machine.travel(DAY, tick=False), engine.begin() as connection:
        assert queue_owed(connection) == MANY
    assert messages(rows) == once_for_each(duties[1:])
