"""What the demonstration's history caused to be told is settled, and its worker begins with little."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.vocabulary import MessageState
from portal.policy import current_policy
from portal.reminders import measures
from portal.reminders.digests import queue_digests
from portal.reminders.drafts import queue_drafts
from portal.reminders.owed import AT_ONCE, queue_owed

#: Hundreds were told in the past. How many are due today depends on the hour and the day of the week: at a
#: weekend more of the week before waits for Monday.
LITTLE = 80

WAITS = OutboxMessage.state.in_((MessageState.OWED, MessageState.QUEUED))


@pytest.fixture
def worker(session_app: Flask) -> Iterator[Engine]:
    engine = create_engine(session_app.config["DATABASE_WORKER_URL"])
    yield engine
    engine.dispose()


def test_a_worker_that_begins_has_little_to_send_and_nothing_that_is_late(
    loaded: Session, worker: Engine
) -> None:
    with worker.connect() as connection:
        for do in (queue_owed, queue_drafts, queue_digests):
            do(connection)
        oldest = connection.scalar(select(func.min(OutboxMessage.not_before)).where(WAITS))
        waiting = connection.scalars(select(OutboxMessage.kind).where(WAITS)).all()
        connection.rollback()  # others read what was loaded
    assert not measures.waits_too_long(oldest, clock.now(), current_policy())
    assert 0 < len(waiting) <= LITTLE, Counter(waiting)


@pytest.mark.parametrize("days", [2, 10])
def test_after_days_without_a_worker_nobody_is_told_twice_of_one_duty(
    loaded: Session, worker: Engine, days: int
) -> None:
    now = clock.now() + timedelta(days=days)
    with time_machine.travel(now, tick=False), worker.connect() as connection:
        while queue_owed(connection) == AT_ONCE:
            pass
        told = connection.execute(
            select(
                *(OutboxMessage.recipient_id, OutboxMessage.recipient_team_id, OutboxSubject.deadline_id),
                OutboxMessage.kind,  # that a paper lacks is another thing than that the meeting is soon
            )
            .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
            .where(
                OutboxMessage.created_at == now,
                OutboxSubject.deadline_id.is_not(None),
                OutboxMessage.state != MessageState.CANCELLED,
            )
        ).all()
        connection.rollback()
    assert len(told) > 5
    assert set(Counter(told).values()) == {1}


def test_what_was_told_in_the_past_went_out_at_the_time(loaded: Session) -> None:
    told = loaded.scalars(select(OutboxMessage).where(OutboxMessage.state == MessageState.ACCEPTED)).all()
    assert len(told) > 100
    assert all(one.settled_at == one.not_before and one.address for one in told)


def test_nobody_begins_with_a_heap_of_news(loaded: Session) -> None:
    unread = loaded.scalars(
        select(func.count())
        .where(OutboxMessage.read_at.is_(None), OutboxMessage.recipient_id.is_not(None))
        .group_by(OutboxMessage.recipient_id)
    )
    assert max(unread) <= 25
