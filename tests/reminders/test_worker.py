"""The worker seals the audit trail, so that an alteration shows, and says when it last ran."""

import threading
import time

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.orm import Session

from portal.access import audit, sealing
from portal.extensions import db
from portal.models import AuditEvent, AuditSeal, Heartbeat
from portal.reminders import worker


@pytest.fixture
def three_rows(app: Flask) -> None:
    with app.app_context():
        for action in ("case:view", "case:view", "child:search"):
            audit.record(action, level=1.50, words="né à Łódź", nothing=None)
        db.session.commit()


def seal(engine: Engine) -> int:
    with engine.begin() as connection:
        return sealing.seal(connection)


def first_broken(engine: Engine) -> int | None:
    with engine.begin() as connection:
        return sealing.first_broken(connection)


def test_rows_are_sealed_once_in_batches_without_gaps(
    app: Flask, engine: Engine, three_rows: None, rows: Session
) -> None:
    assert seal(engine) == 3
    assert seal(engine) == 0
    with app.app_context():
        audit.record("case:close")
        db.session.commit()
    assert seal(engine) == 1
    assert [
        (batch.number, batch.rows) for batch in rows.scalars(select(AuditSeal).order_by(AuditSeal.number))
    ] == [
        (1, 3),
        (2, 1),
    ]
    assert first_broken(engine) is None


@pytest.mark.parametrize(
    "alteration",
    [
        "update audit_event set action = 'case:edit' where action = 'child:search'",
        "update audit_event set at = at + interval '1 second' where action = 'child:search'",
        "delete from audit_event where action = 'child:search'",
        "update audit_event set seal_number = null where action = 'child:search'",
        "update audit_seal set digest = sha256('x')",
        "delete from audit_seal where number = 1",
    ],
)
def test_an_alteration_of_a_sealed_row_is_found(
    app: Flask, engine: Engine, three_rows: None, rows: Session, alteration: str
) -> None:
    seal(engine)
    with app.app_context():
        audit.record("case:close")
        db.session.commit()
    seal(engine)
    changed = rows.execute(text(alteration))
    rows.commit()
    assert changed.rowcount  # type: ignore[attr-defined] # the result of a statement that changes rows has it
    assert first_broken(engine) == 1


def test_a_row_of_an_open_transaction_waits_for_the_next_batch(
    app: Flask, engine: Engine, three_rows: None
) -> None:
    with app.app_context():
        audit.record("case:open")  # its transaction is still open
        assert seal(engine) == 3
        db.session.commit()
    assert seal(engine) == 1
    assert first_broken(engine) is None


def test_of_two_workers_one_seals(engine: Engine, three_rows: None) -> None:
    with engine.begin() as first, engine.begin() as second:
        assert sealing.seal(first) == 3
        assert sealing.seal(second) == 0


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
    threading.Timer(1.0, scheduler.shutdown).start()
    scheduler.start()
    assert (most, runs >= 2) == (1, True)


def test_a_command_verifies_the_trail(app: Flask, engine: Engine, three_rows: None, rows: Session) -> None:
    seal(engine)
    intact = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert (intact.exit_code, intact.output) == (0, "The audit trail is as it was sealed.\n")

    rows.execute(text("update audit_event set ground = 'curiosity'"))
    rows.commit()
    altered = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert altered.exit_code == 1
    assert "Batch 1" in altered.output


def test_rows_restored_from_a_server_that_had_given_out_higher_numbers_are_sealed_too(
    app: Flask, engine: Engine, three_rows: None, rows: Session
) -> None:
    rows.execute(text("alter table audit_event disable trigger user"))
    rows.execute(text("update audit_event set xact = 4000000000 where action = 'child:search'"))
    rows.execute(text("alter table audit_event enable trigger user"))
    rows.commit()
    assert seal(engine) == 3
    assert first_broken(engine) is None
