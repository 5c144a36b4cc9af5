"""The test database: one temporary server per run, migrated once, emptied between tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from config import settings
from portal import create_app
from portal.demo import postgres
from portal.extensions import db

NAME = "portal_test"
KEPT = {"alembic_version", "state_transition"}


def configuration(server: postgres.Server, **changes: Any) -> dict[str, Any]:
    """The settings of a deployment whose database is `server`, in test mode."""
    found = settings.from_environment(
        {
            "PORTAL_MODE": "test",
            "SECRET_KEY": "for tests only, and long enough to be one",
            "DATABASE_URL": server.url("portal_app", NAME),
            "DATABASE_OWNER_URL": server.url("portal_owner", NAME),
            "DATABASE_WORKER_URL": server.url("portal_worker", NAME),
        }
    )
    return found | {"TESTING": True, "SERVER_NAME": None} | changes


@contextmanager
def running_server(directory: Path) -> Iterator[postgres.Server]:
    """A server with a migrated test database, gone afterwards."""
    with postgres.start(directory, durable=False) as server:
        server.create_database(NAME)
        app = create_app(configuration(server))
        with app.app_context():
            upgrade()
            db.engine.dispose()
        yield server


def owner_engine(server: postgres.Server) -> Engine:
    """For factories and for looking at what is really there: every row, as the owner of the tables."""
    return create_engine(server.url("portal_owner", NAME))


def empty(engine: Engine) -> None:
    """Take every row away. Only tables that hold something are touched: a truncation costs milliseconds."""
    names = [
        f'"{t.schema}"."{t.name}"' if t.schema else f'"{t.name}"'
        for t in db.metadata.sorted_tables
        if t.name not in KEPT
    ]
    with engine.begin() as connection:
        held = " union all ".join(f"select '{n}' where exists (select 1 from {n})" for n in names)  # noqa: S608 - names from our own models
        full = connection.scalars(text(held)).all()
        if full:
            connection.exec_driver_sql(f"truncate {', '.join(full)} cascade")


def owner_session(engine: Engine) -> Session:
    """A session of the owner's, for factories."""
    return Session(engine, expire_on_commit=False)
