"""A worker may die between any two statements, at any message: nothing is lost, nobody else waits for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import MessageState
from portal.reminders import outbox as sending
from portal.reminders.claims import Waiting
from portal.reminders.outbox import Outbox
from portal.reminders.owed import queue_owed
from portal.reminders.smtp import Post
from portal.reminders.still_owed import decide
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.messages import make_message
from tests.reminders.conftest import Send
from tests.reminders.mail_server import Behaviour
from tests.reminders.travel import open_duty

pytestmark = pytest.mark.usefixtures("app", "morning")
LEASE = timedelta(seconds=sending.STEPS + 1)  # of a mail server that has a second for each answer


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


@contextmanager
def killed_after(engine: Engine, steps: int) -> Iterator[None]:
    """The process ends when the database has answered so many times: statements and commits."""
    left = steps

    def step(*_anything: Any) -> None:
        nonlocal left
        if not left:
            raise Killed
        left -= 1

    moments = ("before_cursor_execute", "commit")
    for moment in moments:
        event.listen(engine, moment, step)
    try:
        yield
    finally:
        for moment in moments:
            event.remove(engine, moment, step)


def states(rows: Session) -> dict[UUID, str]:
    rows.rollback()
    return {row.id: row.state for row in rows.execute(select(OutboxMessage.id, OutboxMessage.state))}


def test_whenever_a_worker_dies_each_message_is_sent_and_twice_only_as_the_same(
    send: Send,
    behaviour: Behaviour,
    outbox: Outbox,
    engine: Engine,
    rows: Session,
    cast: Cast,
    morning: time_machine.Traveller,
) -> None:
    deaths = doubles = 0
    while True:
        message = make_message(rows, cast.nurse)
        before = len(behaviour.arrived)
        try:
            with killed_after(engine, deaths):
                outbox.send(engine)
            break
        except Killed:
            pass
        morning.shift(LEASE)
        send()
        morning.shift(timedelta(minutes=1))
        send()
        assert states(rows)[message.id] == MessageState.ACCEPTED, f"after {deaths} steps"
        arrived = [mail.message["Message-ID"] for mail in behaviour.arrived[before:]]
        assert set(arrived) == {f"<{message.id}@portal.example>"}, f"after {deaths} steps"
        doubles += len(arrived) - 1
        deaths += 1
    assert deaths > 10, "a run of the outbox has more steps than that"
    assert doubles, "between the server’s yes and our note of it a message has to go out once more"


def test_whenever_a_worker_dies_what_is_owed_is_written_once(
    engine: Engine, rows: Session, cast: Cast
) -> None:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    deaths = 0
    while True:
        duty = open_duty(
            rows,
            opened=clock.now(),
            due=clock.now() + timedelta(days=9),
            subject=case,
            case_id=case.id,
            owner_id=cast.social_worker.id,
            given_by=cast.coordinator.id,
        )
        try:
            with killed_after(engine, deaths), engine.begin() as connection:
                queue_owed(connection)
            break
        except Killed:
            deaths += 1
        for _ in range(2):
            with engine.begin() as connection:
                queue_owed(connection)
        told = rows.scalars(select(OutboxMessage.key).where(OutboxMessage.key.contains(str(duty.id)))).all()
        assert len(told) == 1, f"after {deaths} steps"
    assert deaths > 5


def test_a_message_that_brings_its_worker_down_lets_the_others_go_first(
    send: Send,
    behaviour: Behaviour,
    rows: Session,
    cast: Cast,
    morning: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    poison = make_message(rows, cast.nurse)
    others = [make_message(rows, cast.officer) for _ in range(3)]

    def fatal(connection: Any, message: Waiting) -> Any:
        if message.id == poison.id:
            raise Killed
        return decide(connection, message)

    monkeypatch.setattr(sending, "decide", fatal)
    for attempt in (1, 2, 3):
        with pytest.raises(Killed):
            send()
        morning.shift(LEASE)
        send()
        assert {states(rows)[one.id] for one in others} == {MessageState.ACCEPTED}, "they wait for the poison"
        rows.refresh(poison)
        assert (poison.state, poison.attempts, poison.outcome) == ("owed", attempt, "worker stopped")
        morning.shift(poison.next_try_at - clock.now() + timedelta(seconds=1))
    assert len(behaviour.arrived) == len(others)


def test_a_message_that_brings_its_worker_down_for_a_day_needs_a_person(
    send: Send, rows: Session, cast: Cast, morning: time_machine.Traveller
) -> None:
    poison = make_message(rows, cast.nurse, state="queued", attempts=200, leased_until=clock.now())
    morning.shift(1)
    send()
    assert states(rows)[poison.id] == MessageState.DEAD


def test_a_message_that_cannot_be_put_on_the_wire_does_not_hold_up_the_others(
    send: Send, rows: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = make_message(rows, cast.nurse), make_message(rows, cast.officer)
    post = Post.send

    def choosy(self: Post, message: Any, **rest: Any) -> Any:
        if str(broken.id) in message["Message-ID"]:
            raise UnicodeEncodeError("ascii", "ł", 0, 1, "not one of ours")
        return post(self, message, **rest)

    monkeypatch.setattr(Post, "send", choosy)
    send()
    rows.refresh(broken)
    assert states(rows)[sound.id] == MessageState.ACCEPTED
    assert (broken.state, broken.attempts, broken.outcome) == ("owed", 1, "not sent: UnicodeEncodeError")
