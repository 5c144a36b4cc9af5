"""What the health pages say to whoever watches the service: words, and nothing about anybody."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import create_engine, delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access import audit, verification
from portal.access.model import Heartbeat
from portal.deadlines.rules import due
from portal.documents import jobs as document_jobs
from portal.extensions import db
from portal.messages.model import OutboxMessage, Untold
from portal.messages.vocabulary import MessageState
from portal.model import new_id
from portal.policy import current_policy
from portal.records.people.model import User
from portal.reminders.measures import EXPECTED
from portal.reminders.untold import OnList, messages_to_hub
from portal.reminders.worker import CHECKPOINTING
from portal.reminders.writing import write
from tests.cast import Cast
from tests.client import Client
from tests.factories.telling import beat, suspend, was_told

Browser = Callable[[User | None], Client]


def health(client: Client, address: str = "/healthz") -> tuple[int, dict[str, str]]:
    answer = client.get(address)
    return answer.status_code, answer.get_json()


MORNING = datetime(2026, 11, 25, 9, tzinfo=UTC)
WELL = {
    **dict.fromkeys(("status", "database", "worker", "messages", "hub", "audit", "documents"), "ok"),
    **dict.fromkeys(("mail", "scanner"), "not configured"),
}


@pytest.fixture
def time(rows: Session) -> Iterator[time_machine.Traveller]:
    """A working morning on which the worker has just run."""
    with time_machine.travel(MORNING, tick=False) as traveller:
        beat(rows)
        yield traveller


def test_it_fails_when_nobody_makes_long_documents(
    rows: Session, client_for: Browser, time: time_machine.Traveller
) -> None:
    client = client_for(None)
    assert health(client) == (200, WELL)
    rows.merge(Heartbeat(tick=document_jobs.NAME, beat_at=MORNING - timedelta(minutes=6)))
    rows.commit()
    assert health(client) == (503, WELL | {"status": "failing", "documents": "stopped"})
    assert health(client, "/healthz/web")[0] == 200, "the pages are there all the same"


def test_a_worker_that_never_ran_is_a_failure(client_for: Browser) -> None:
    assert health(client_for(None))[0] == 503


def test_it_fails_when_the_worker_is_silent_for_longer_than_the_settings_allow(
    app: Flask, rows: Session, client_for: Browser, time: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    client = client_for(None)
    assert health(client) == (200, WELL)
    time.move_to(MORNING + timedelta(minutes=5))
    assert health(client)[0] == 200
    time.move_to(MORNING + timedelta(minutes=5, seconds=1))
    failing = {"status": "failing", "worker": "stopped", "audit": "not sealed", "documents": "stopped"}
    assert health(client) == (503, WELL | failing)
    monkeypatch.setitem(app.config, "WORKER_SILENCE", timedelta(minutes=10))
    assert health(client)[0] == 200
    monkeypatch.undo()
    beat(rows)
    assert health(client)[0] == 200, "it runs again"


def test_it_fails_when_a_message_has_waited_for_longer_than_policy_allows(
    rows: Session, cast: Cast, client_for: Browser, time: time_machine.Traveller
) -> None:
    client = client_for(None)
    waiting = was_told(rows, cast.officer, state=MessageState.OWED)
    late = due(current_policy().reminders.waiting_too_long, MORNING)
    for moment, status in ((late, 200), (late + timedelta(seconds=1), 503)):
        time.move_to(moment)
        beat(rows)
        assert health(client)[0] == status, moment
    assert health(client)[1] == WELL | {"status": "failing", "messages": "waiting too long"}
    waiting.attempts, waiting.next_try_at = 4, clock.now() + timedelta(minutes=15)
    rows.commit()
    assert health(client)[0] == 503, "a next attempt does not hide how long it has waited"
    waiting.state = MessageState.CANCELLED
    rows.commit()
    assert health(client)[0] == 200


def test_it_fails_while_nobody_at_the_hub_was_told_who_could_not_be(
    rows: Session, cast: Cast, client_for: Browser, time: time_machine.Traveller
) -> None:
    client = client_for(None)
    open_one = Untold(
        id=new_id(), event="warning_set", ground="worker", reason="no_reach", subject_kind="cre_case",
        subject_id=new_id(), urgent=True, created_at=MORNING, seen_to_words="",
    )  # fmt: skip
    rows.add(open_one)
    rows.commit()
    assert health(client) == (503, WELL | {"status": "failing", "hub": "not told"})
    connection = rows.connection()
    write(connection, messages_to_hub(connection, OnList(open_one.id, urgent=True), obstacles=lambda *_: {}))
    rows.commit()
    assert health(client) == (200, WELL)
    sent = list(rows.scalars(select(OutboxMessage).filter_by(kind="nobody_told_urgent")))
    assert {one.channel for one in sent} == {"mail", "portal"}
    mails = [one for one in sent if one.channel == "mail"]
    for one in sent:
        if one in mails:
            one.state = MessageState.DEAD
        else:
            rows.delete(one)
    rows.commit()
    assert health(client)[0] == 503, "none of it reached anybody"
    mails[0].key += ":again"
    mails[0].state = MessageState.OWED
    rows.commit()
    assert health(client) == (200, WELL), "it goes out once more"
    mails[0].state = MessageState.DEAD
    open_one.seen_to_at, open_one.seen_to_by = MORNING, cast.coordinator.id
    rows.commit()
    assert health(client) == (200, WELL), "somebody saw to it"


def test_what_was_put_off_until_the_hours_open_waits_only_from_then(
    rows: Session, cast: Cast, client_for: Browser, time: time_machine.Traveller
) -> None:
    opens = MORNING + timedelta(hours=23)
    was_told(rows, cast.officer, state=MessageState.OWED, next_try_at=opens)
    for moment, status in (
        (opens - timedelta(hours=3), 200),
        (opens + timedelta(minutes=59), 200),
        (opens + timedelta(minutes=61), 503),
    ):
        time.move_to(moment)
        beat(rows)
        assert health(client_for(None))[0] == status, moment


def test_strangers_learn_a_word_for_each_part_and_nothing_else(
    rows: Session, cast: Cast, client_for: Browser, time: time_machine.Traveller
) -> None:
    was_told(rows, cast.officer, state=MessageState.DEAD, reference="REQ-7KQ2-9XWD", outcome="451 busy")
    suspend(rows, cast.nurse)
    for address in ("/healthz", "/healthz/web"):
        answer = client_for(None).get(address)
        words = {"ok", "stopped", "failing", "waiting too long", "not configured", "no answer"}
        assert set(answer.get_json().values()) <= words
        assert not any(word in answer.text for word in ("Ola", "REQ", "@", "451", "2026"))
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("tick", EXPECTED)
def test_each_tick_has_to_run(rows: Session, client_for: Browser, tick: str) -> None:
    beat(rows, without=tick)
    assert health(client_for(None))[0] == 503


def test_the_load_balancer_asks_only_for_the_process_and_the_database(
    app: Flask, client_for: Browser
) -> None:
    assert health(client_for(None), "/healthz/web") == (200, {"database": "ok"})


def test_a_message_that_is_not_due_yet_does_not_wait(rows: Session, cast: Cast, client_for: Browser) -> None:
    beat(rows)
    was_told(rows, cast.officer, state=MessageState.OWED, at=clock.now() + timedelta(hours=12))
    assert health(client_for(None))[0] == 200


def test_it_fails_when_the_audit_trail_is_not_sealed_or_where_it_stands_is_not_noted(
    app: Flask, rows: Session, client_for: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the database's clock, whatever the tick that seals says of itself."""
    client = client_for(None)
    beat(rows)
    with app.app_context():
        audit.record("case:view")
        db.session.commit()
    assert health(client) == (200, WELL)
    unsealed = (503, WELL | {"status": "failing", "audit": "not sealed"})
    with monkeypatch.context() as impatient:
        impatient.setitem(app.config, "AUDIT_SEAL_LAG", timedelta(0))
        assert health(client) == unsealed
        engine = create_engine(app.config["DATABASE_WORKER_URL"])
        with engine.begin() as connection:
            assert verification.seal(connection) == 1
        engine.dispose()
        assert health(client) == (200, WELL), "nothing waits"
    rows.execute(delete(Heartbeat).where(Heartbeat.tick == CHECKPOINTING))
    rows.commit()
    assert health(client) == (503, unsealed[1] | {"worker": "stopped"})
