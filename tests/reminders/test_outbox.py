"""What waits is sent once, tried again while it fails, and never dropped without a reason."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import CancelReason, DeadReason, HandReason, MessageState
from portal.policy import current_policy
from portal.reminders import claims, outbox
from portal.reminders.claims import Cancel, HandOn, Nobody, Show
from tests.cast import Cast
from tests.factories.messages import make_message
from tests.reminders.conftest import ENVELOPE, MORNING, Send, outbox_at
from tests.reminders.mail_server import DROP, HANG, OK, Behaviour, listening

pytestmark = pytest.mark.usefixtures("app", "morning")


def now_of(rows: Session, message: OutboxMessage) -> OutboxMessage:
    rows.rollback()
    rows.refresh(message)
    return message


def test_what_waits_is_sent_once(send: Send, behaviour: Behaviour, rows: Session, cast: Cast) -> None:
    message = make_message(rows, cast.nurse, about={"reference": "CRE-7K4M-2PXA"})
    team = make_message(rows, cast.police_team)
    assert send() == 2
    assert send() == 0

    one, other = behaviour.arrived
    assert one.to == (cast.nurse.email,)
    assert other.to == (cast.police_team.duty_email,)
    assert one.message["Message-ID"] == f"<{message.id}@portal.example>"
    assert one.sender == ENVELOPE.returns_for(message.id)
    assert behaviour.connections == 1
    sent = now_of(rows, message)
    assert (sent.state, sent.attempts, sent.outcome, sent.lease) == (
        MessageState.ACCEPTED,
        1,
        "250 2.0.0",
        None,
    )
    assert sent.address == cast.nurse.email
    assert sent.settled_at is not None
    assert now_of(rows, team).state == MessageState.ACCEPTED


def test_what_is_owed_later_or_shown_in_the_portal_stays(
    send: Send, behaviour: Behaviour, rows: Session, cast: Cast
) -> None:
    make_message(rows, cast.nurse, next_try_at=MORNING + timedelta(hours=1))
    make_message(rows, cast.nurse, channel="portal", state="shown")
    make_message(rows, cast.nurse, state="accepted")
    assert send() == 0
    assert not behaviour.arrived


def test_without_a_mail_server_messages_wait(engine: Engine, rows: Session, cast: Cast) -> None:
    message = make_message(rows, cast.nurse)
    assert outbox.Outbox(None, ENVELOPE).send(engine) == 0
    assert now_of(rows, message).state == MessageState.OWED


def test_a_message_that_was_held_up_until_the_evening_waits_for_the_morning(
    send: Send, behaviour: Behaviour, rows: Session, cast: Cast, morning: time_machine.Traveller
) -> None:
    message = make_message(rows, cast.nurse)
    urgent = make_message(rows, cast.nurse, kind="late_urgent", urgent=True)
    morning.move_to(datetime(2026, 11, 27, 20, 0, tzinfo=UTC))  # a Friday
    send()
    assert [mail.message["Message-ID"] for mail in behaviour.arrived] == [f"<{urgent.id}@portal.example>"]
    waiting = now_of(rows, message)
    assert (waiting.state, waiting.attempts) == (MessageState.OWED, 0)
    assert waiting.next_try_at == datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("answer", ["451 4.3.0 Later", DROP, HANG])
def test_what_fails_for_now_is_tried_again_later_and_later(
    answer: str,
    send: Send,
    behaviour: Behaviour,
    rows: Session,
    cast: Cast,
    morning: time_machine.Traveller,
) -> None:
    message = make_message(rows, cast.nurse)
    behaviour.at_data = lambda _address: answer
    for attempt in (1, 2):
        before = clock.now()
        assert send() == 1
        waiting = now_of(rows, message)
        assert (waiting.state, waiting.attempts, waiting.lease) == (MessageState.OWED, attempt, None)
        pause = outbox.pause(attempt, urgent=False)
        assert 0.7 * pause < waiting.next_try_at - before < 1.3 * pause + timedelta(seconds=3)
        morning.shift(waiting.next_try_at - clock.now() + timedelta(seconds=1))
    behaviour.at_data = lambda _address: OK
    assert send() == 1
    assert now_of(rows, message).state == MessageState.ACCEPTED
    assert len({mail.message["Message-ID"] for mail in behaviour.arrived}) == 1


def test_a_message_is_given_up_after_as_long_as_policy_allows_of_trying(
    send: Send, behaviour: Behaviour, rows: Session, cast: Cast
) -> None:
    behaviour.at_rcpt = lambda _address: "450 Busy"
    late = make_message(rows, cast.nurse, not_before=MORNING - timedelta(days=9))
    tried = make_message(rows, cast.nurse, attempts=200)
    send()
    assert (now_of(rows, late).state, late.attempts) == (MessageState.OWED, 1), "nobody had tried it"
    assert (now_of(rows, tried).state, tried.outcome) == (MessageState.DEAD, DeadReason.GAVE_UP)


@pytest.mark.parametrize("urgent", [True, False])
def test_trying_goes_on_for_a_day(urgent: bool) -> None:
    reminders = current_policy().reminders
    hours = replace(reminders.hours, opens=time.min, closes=time.max, working_days_only=False)
    around_the_clock = replace(reminders, hours=hours)
    attempts, moment = 1, MORNING
    while at := outbox.next_try(moment, attempts, urgent=urgent, reminders=around_the_clock):
        attempts, moment = attempts + 1, at
    assert timedelta(hours=22) < moment - MORNING < timedelta(hours=26)


def test_a_mail_server_that_is_away_costs_every_message_one_attempt(
    engine: Engine, rows: Session, cast: Cast
) -> None:
    messages = [make_message(rows, cast.nurse) for _ in range(3)]
    with listening(Behaviour()) as port:
        pass
    assert outbox_at(port).send(engine) == 3
    assert [(now_of(rows, m).state, m.attempts, m.outcome) for m in messages] == [
        ("owed", 1, "ConnectionRefusedError")
    ] * 3


def test_a_mail_server_that_hangs_is_left_alone_for_a_while(
    send: Send, behaviour: Behaviour, rows: Session, cast: Cast
) -> None:
    messages = [make_message(rows, cast.nurse) for _ in range(5)]
    behaviour.at_data = lambda _address: DROP
    send()
    tried = [now_of(rows, message).attempts for message in messages]
    assert sum(tried) == outbox.BREAKS
    assert {message.state for message in messages} == {MessageState.OWED}


def test_a_message_that_the_server_will_not_have_needs_a_person(
    send: Send, behaviour: Behaviour, rows: Session, cast: Cast
) -> None:
    message = make_message(rows, cast.nurse)
    behaviour.at_data = lambda _address: "554 5.7.1 Spam, said a filter"
    send()
    assert (now_of(rows, message).state, message.outcome) == (MessageState.DEAD, "554 5.7.1")


@pytest.mark.parametrize(
    ("standing", "state", "outcome"),
    [
        (Cancel(CancelReason.DONE), MessageState.CANCELLED, "done"),
        (Show(), MessageState.SHOWN, None),
        (Nobody(HandReason.AWAY), MessageState.DEAD, "nobody_to_tell"),
    ],
)
def test_what_is_not_to_be_sent_is_settled_with_its_reason(
    standing: Cancel | Show | Nobody,
    state: MessageState,
    outcome: str | None,
    send: Send,
    behaviour: Behaviour,
    rows: Session,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "decide", lambda _connection, _message: standing)
    message = make_message(rows, cast.nurse)
    send()
    assert not behaviour.arrived
    settled = now_of(rows, message)
    assert (settled.state, settled.outcome, settled.lease) == (state, outcome, None)
    assert settled.settled_at is not None


def test_a_message_that_is_handed_on_goes_to_the_other_and_says_so(
    send: Send, behaviour: Behaviour, rows: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = cast.police_manager
    to = HandOn(other.email, HandReason.AWAY, other.agency_id, user_id=other.id)
    monkeypatch.setattr(outbox, "decide", lambda _connection, _message: to)
    message = make_message(rows, cast.officer)
    send()
    (mail,) = behaviour.arrived
    assert mail.to == (other.email,)
    assert "meant for somebody else" in mail.message.get_content()
    sent = now_of(rows, message)
    assert (sent.state, sent.recipient_id, sent.address) == (MessageState.ACCEPTED, other.id, other.email)
    assert (sent.handed_from_id, sent.handed_reason) == (cast.officer.id, HandReason.AWAY)


def test_one_that_cannot_be_written_does_not_hold_up_the_others(
    send: Send, behaviour: Behaviour, rows: Session, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    broken = make_message(rows, cast.nurse, kind="of an edition that is gone")
    sound = make_message(rows, cast.nurse)
    send()
    assert now_of(rows, sound).state == MessageState.ACCEPTED
    assert (now_of(rows, broken).state, broken.attempts) == (MessageState.OWED, 1)
    assert str(broken.id) in caplog.text
    assert cast.nurse.email not in caplog.text


def test_two_workers_take_different_messages(engine: Engine, rows: Session, cast: Cast) -> None:
    for _ in range(4):
        make_message(rows, cast.nurse)
    until = clock.now() + timedelta(minutes=1)
    with engine.begin() as one, engine.begin() as other:
        first = claims.claim(one, lease=uuid4(), moment=clock.now(), until=until, most=3)
        second = claims.claim(other, lease=uuid4(), moment=clock.now(), until=until, most=3)
    assert (len(first), len(second)) == (3, 1)
    assert not {m.id for m in first} & {m.id for m in second}


def test_what_a_worker_that_died_held_is_sent_when_its_lease_runs_out(
    send: Send,
    behaviour: Behaviour,
    engine: Engine,
    rows: Session,
    cast: Cast,
    morning: time_machine.Traveller,
) -> None:
    message = make_message(rows, cast.nurse)
    with engine.begin() as connection:
        until = clock.now() + timedelta(seconds=60)
        claims.claim(connection, lease=uuid4(), moment=clock.now(), until=until, most=1)
    assert send() == 0
    morning.shift(61)
    assert send() == 1
    assert now_of(rows, message).state == MessageState.ACCEPTED


def test_a_worker_that_was_too_slow_changes_nothing(engine: Engine, rows: Session, cast: Cast) -> None:
    message = make_message(rows, cast.nurse)
    slow, quick = uuid4(), uuid4()
    for lease, after in ((slow, 0), (quick, 61)):
        moment = clock.now() + timedelta(seconds=after)
        with engine.begin() as connection:
            claims.claim(connection, lease=lease, moment=moment, until=moment + timedelta(minutes=1), most=1)
    with engine.begin() as connection:
        for settled in (
            claims.begin(connection, message.id, lease=slow, until=clock.now()),
            claims.settle(
                connection, message.id, lease=slow, state=MessageState.ACCEPTED, moment=clock.now()
            ),
            claims.try_later(connection, message.id, lease=slow, at=clock.now(), attempts=1),
        ):
            assert not settled
    assert (now_of(rows, message).state, message.lease) == (MessageState.OWED, quick)


def test_urgent_messages_go_first(send: Send, behaviour: Behaviour, rows: Session, cast: Cast) -> None:
    make_message(rows, cast.nurse)
    urgent = make_message(rows, cast.nurse, kind="due_urgent", urgent=True)
    send()
    assert behaviour.arrived[0].message["Message-ID"] == f"<{urgent.id}@portal.example>"
    assert rows.scalars(select(OutboxMessage.state).distinct()).all() == [MessageState.ACCEPTED]
