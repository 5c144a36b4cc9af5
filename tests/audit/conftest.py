"""What the tests of the audit trail share: rows, a sealer, somebody who may change all, the report."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from portal.access import audit, verification
from portal.access.verification import Checkpoints, Report, verify
from portal.demo import postgres
from portal.extensions import db
from tests import database

KEY = "the key of the lines, which is another than the portal’s"

Write = Callable[..., None]
Tamper = Callable[..., int]
Look = Callable[[], Report]


@pytest.fixture
def fresh(app: Flask) -> Iterator[Flask]:
    """The application with connections of its own: the rows that others wrote on the pool's are gone."""
    with app.app_context():
        db.engine.dispose()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def worker(app: Flask) -> Iterator[Engine]:
    """The database as the worker."""
    engine = create_engine(app.config["DATABASE_WORKER_URL"])
    yield engine
    engine.dispose()


@pytest.fixture
def write(fresh: Flask) -> Write:
    """Add rows to the trail, each in a transaction of its own, all on one connection."""

    def write(*actions: str) -> None:
        with fresh.app_context():
            for action in actions:
                audit.record(action, level=1.50, words="né à Łódź", nothing=None)
                db.session.commit()

    return write


@pytest.fixture
def seal(worker: Engine) -> Callable[[], int]:
    def seal() -> int:
        with worker.begin() as connection:
            return verification.seal(connection)

    return seal


@pytest.fixture
def tamper(server: postgres.Server) -> Tamper:
    """Run statements as a superuser whom no trigger stops. Returns how many rows the last one changed."""

    def tamper(*statements: str) -> int:
        engine = create_engine(server.url(postgres.SUPERUSER, database.NAME))
        with engine.begin() as connection:
            connection.execute(text("set local session_replication_role = replica"))
            changed = [connection.execute(text(statement)).rowcount for statement in statements]
        engine.dispose()
        return changed[-1]

    return tamper


@pytest.fixture
def notes(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "trail.txt", KEY)


@pytest.fixture
def look(worker: Engine, notes: Checkpoints) -> Look:
    """What a look at the trail comes to, with the lines that there are."""

    def look() -> Report:
        with worker.connect() as connection:
            return verify(connection, notes, tolerance=None)

    return look
