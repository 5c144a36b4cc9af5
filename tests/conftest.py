"""What every test shares: the database, the application, and people who are signed in."""

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from portal import create_app
from portal.access import pace, principal
from portal.access.principal import Principal
from portal.access.sign_in import attempt
from portal.demo import postgres
from portal.extensions import db
from portal.records.people.model import User
from tests import database, prepared, told
from tests.cast import Cast, KeptCast
from tests.client import Client
from tests.factories.people import open_session
from tests.messages.driven import by_test
from tests.personal_data.whole_run import (
    pytest_configure,
    pytest_runtest_setup,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)
from tests.sharing_out import pytest_collection_modifyitems, pytest_xdist_make_scheduler
from tests.statements import noted

__all__ = [
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_runtest_setup",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "pytest_testnodedown",
    "pytest_xdist_make_scheduler",
]


def pytest_collection_finish() -> None:
    """Leave what was collected out of every later search for garbage, and search less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@event.listens_for(Pool, "connect")
def _keep_more_prepared(connection: psycopg.Connection[Any], _record: object) -> None:
    """One connection serves all pages that the tests ask for, and would forget each before it is back."""
    connection.prepared_max = 1_000


@pytest.fixture(autouse=True)
def drives_its_rows(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that `tests/messages/rows.csv` names for a row of the table of who is told looks at that row."""
    told.LOOKED_AT.clear()
    yield
    unseen = by_test().get(request.node.nodeid, frozenset()) - told.LOOKED_AT
    assert not unseen, f"rows.csv says that this test drives them: {sorted(unseen)}"


@pytest.fixture(autouse=True)
def at_the_pace_of_a_person() -> None:
    """What people of earlier tests did in this process is not held against the same people in this one."""
    pace._pace.seen.clear()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    with database.running_server(tmp_path_factory.mktemp("database")) as running:
        yield running


@pytest.fixture(scope="session")
def owner(server: postgres.Server) -> Iterator[Engine]:
    engine = database.owner_engine(server)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def session_app(server: postgres.Server) -> Iterator[Flask]:
    prepared.TEMPLATES.mkdir(parents=True, exist_ok=True)
    app = create_app(database.configuration(server))
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(prepared.TEMPLATES))
    app.test_client_class = Client
    yield app
    attempt.dispose(app)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(session_app: Flask, owner: Engine) -> Iterator[Flask]:
    """The application over an empty database. No application context is open around the test."""
    yield session_app
    database.empty(owner)


@pytest.fixture
def rows(app: Flask, owner: Engine) -> Iterator[Session]:
    """The owner's session: what factories write with, and what tests look at the truth with."""
    with database.owner_session(owner) as session:
        yield session


@pytest.fixture(scope="session")
def kept_cast() -> KeptCast:
    return KeptCast()


@pytest.fixture
def cast(rows: Session, kept_cast: KeptCast) -> Cast:
    """The fixed cast: in every access test a colleague, a stranger and a second agency."""
    return kept_cast.written(rows)


@pytest.fixture
def client_for(app: Flask, rows: Session) -> Callable[[User | UUID | None], Client]:
    """A browser in which somebody (or nobody) is signed in."""

    def sign_in(person: User | UUID | None) -> Client:
        client = app.test_client()
        assert isinstance(client, Client)
        if person is not None:
            token = open_session(rows, person.id if isinstance(person, User) else person)
            client.set_cookie(app.config["PORTAL_SESSION_COOKIE"], token)
        return client

    return sign_in


@pytest.fixture
def asking(app: Flask, rows: Session) -> Callable[[User | None], AbstractContextManager[Session]]:
    """A session of the application's role in which somebody (or nobody) is asking.

    `with asking(cast.nurse) as session:` reads what the nurse may read, and no more.
    """

    @contextmanager
    def ask(person: User | None) -> Iterator[Session]:
        token = open_session(rows, person.id) if person else ""
        with app.app_context():
            engine = db.engine
        principal.use_token(token)
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield session
        finally:
            principal.use_token("")

    return ask


@pytest.fixture
def acting(app: Flask, rows: Session) -> Callable[[User], AbstractContextManager[Principal]]:
    """Call services as somebody who is signed in; what they wrote is committed at the end.

    `with acting(cast.coordinator) as actor: create_child(actor=actor, …)`
    """

    @contextmanager
    def act(person: User) -> Iterator[Principal]:
        token = open_session(rows, person.id)
        with app.test_request_context("/test"):
            principal.use_token(token)
            try:
                yield principal.current()
                db.session.commit()
            finally:
                db.session.rollback()
                principal.use_token("")
        rows.rollback()
        rows.expire_all()

    return act


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """Every statement that the application sends."""
    with noted(app) as sent:
        yield sent
