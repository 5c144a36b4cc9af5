"""The worker does what is done by the clock, and says when it last ran."""

import threading
import time

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.orm import Session

from portal.access import audit
from portal.access.model import AuditEvent, Heartbeat
from portal.extensions import db
from portal.reminders import worker


@pytest.fixture
def three_rows(app: Flask) -> None:
    with app.app_context():
        for action in ("case:view", "case:view", "child:search"):
            audit.record(action, level=1.50, words="né à Łódź", nothing=None)
        db.session.commit()


def test_a_tick_notes_when_it_ran(engine: Engine, three_rows: None, rows: Session) -> None:
    for _ in range(2):
        worker.run_once(engine, worker.TICKS[0])
    assert [beat.tick for beat in rows.scalars(select(Heartbeat))] == ["seal the audit trail"]
    assert not rows.scalars(select(AuditEvent).where(AuditEvent.seal_number.is_(None))).all()


def test_a_tick_that_fails_notes_nothing_and_does_not_end_the_worker(
    engine: Engine, rows: Session, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_connection: Connection) -> int:
        raise ConnectionError("the post office is closed")

    worker.run_once(engine, worker.Tick("send", 30, fail))
    assert "'send' failed" in caplog.text
    assert not rows.scalars(select(Heartbeat)).all()


def test_the_scheduler_neither_drops_nor_doubles_a_tick(engine: Engine) -> None:
    scheduler = worker.make_scheduler(engine)
    assert scheduler._job_defaults == {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}, (
        "a late tick must still run, and one that is late twice must run once"
    )
    assert str(scheduler.timezone) == "UTC"


def test_a_worker_waits_for_no_database_for_ever(app: Flask) -> None:
    engine = worker.connect(app.config["DATABASE_WORKER_URL"])
    with engine.connect() as connection:
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            assert connection.scalar(text(f"show {limit}")) == "2min", "the others skip what it has locked"
    assert engine.hide_parameters, "a log must not quote what a statement was given"
    engine.dispose()


def test_a_tick_that_takes_longer_than_its_interval_never_runs_beside_itself(engine: Engine) -> None:
    under_way = most = runs = 0

    def slow(_engine: Engine) -> int:
        nonlocal under_way, most, runs
        under_way, runs = under_way + 1, runs + 1
        most = max(most, under_way)
        time.sleep(0.3)
        under_way -= 1
        return 0

    tick = worker.LongTick("slow", 0.1, slow)  # type: ignore[arg-type] # shorter than any real one
    scheduler = worker.make_scheduler(engine, (tick,))
    ending = threading.Timer(1.0, scheduler.shutdown)
    ending.start()
    scheduler.start()
    ending.join()  # it waits for the run under way, which would use the database after its end
    assert (most, runs >= 2) == (1, True)
