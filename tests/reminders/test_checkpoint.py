"""Lines outside the database show that a trail was sealed anew, which the chain alone cannot."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from portal.access import audit, sealing
from portal.access.checkpoint import Checkpoints
from portal.extensions import db

KEY = "the key of the lines, which is another than the portal’s"


@pytest.fixture
def notes(tmp_path: Path, app: Flask) -> Checkpoints:
    return Checkpoints(tmp_path / "trail.txt", KEY)


def seal_a_row(app: Flask, worker: Engine) -> None:
    with app.app_context():
        audit.record("case:view")
        db.session.commit()
    with worker.begin() as connection:
        assert sealing.seal(connection) == 1


@pytest.fixture
def worker(app: Flask) -> Iterator[Engine]:
    engine = create_engine(app.config["DATABASE_WORKER_URL"])
    yield engine
    engine.dispose()


def test_where_the_trail_stands_is_noted_once(app: Flask, worker: Engine, notes: Checkpoints) -> None:
    with worker.connect() as connection:
        assert notes.write(connection) == 0, "an empty trail has nothing to note"
    seal_a_row(app, worker)
    with worker.connect() as connection:
        assert [notes.write(connection), notes.write(connection)] == [1, 0]
        assert notes.first_broken(connection) is None


def test_a_trail_that_was_altered_and_sealed_anew_is_found(
    app: Flask, worker: Engine, notes: Checkpoints, rows: Session
) -> None:
    seal_a_row(app, worker)
    with worker.connect() as connection:
        notes.write(connection)
    for statement in (
        "update audit_event set action = 'case:close', seal_number = null",
        "delete from audit_seal",
    ):
        rows.execute(text(statement))
    rows.commit()
    with worker.begin() as connection:
        assert sealing.seal(connection) == 1
    with worker.connect() as connection:
        assert sealing.first_broken(connection) is None, "the chain alone is whole again"
        assert notes.first_broken(connection) == 1


def test_a_line_that_somebody_else_wrote_is_found(app: Flask, worker: Engine, notes: Checkpoints) -> None:
    seal_a_row(app, worker)
    with worker.connect() as connection:
        Checkpoints(notes.path, "another secret").write(connection)
        assert notes.first_broken(connection) == 1


def test_the_command_compares_the_trail_with_the_lines(
    app: Flask, worker: Engine, notes: Checkpoints, monkeypatch: pytest.MonkeyPatch, rows: Session
) -> None:
    monkeypatch.setitem(app.config, "AUDIT_CHECKPOINTS", str(notes.path))
    monkeypatch.setitem(app.config, "AUDIT_CHECKPOINT_KEY", KEY)
    seal_a_row(app, worker)
    with worker.connect() as connection:
        notes.write(connection)
    verify = app.test_cli_runner().invoke
    assert verify(args=["audit", "verify"]).exit_code == 0
    rows.execute(text("update audit_event set seal_number = null"))
    rows.execute(text("delete from audit_seal"))
    rows.commit()
    answer = verify(args=["audit", "verify"])
    assert (answer.exit_code, "line 1" in answer.output) == (1, True)
