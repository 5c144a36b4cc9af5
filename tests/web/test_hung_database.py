"""The database hangs: people are told within seconds, what needs none is there, and it mends by itself."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access import connections
from portal.demo import postgres
from portal.extensions import db
from portal.policy import current_policy
from portal.reminders import worker
from portal.web.filters import numbers_to_ring
from tests.cast import Cast
from tests.client import Client
from tests.frozen import frozen

ClientFor = Callable[[object], Client]

#: Within which somebody who waits is answered, on two busy cores.
A_FEW_SECONDS = 8.0
NEEDS_NO_DATABASE = (
    "/",
    "/guidance",
    "/guidance/cse",
    "/guidance/meetings",
    "/contacts",
    "/accessibility",
    "/what-we-record",
    "/cookies",
)


@pytest.fixture
def officer(client_for: ClientFor, cast: Cast) -> Client:
    browser = client_for(cast.officer)
    assert browser.get("/work").status_code == 200, "the pool holds a connection that is alive"
    return browser


@pytest.fixture
def visitor(client_for: ClientFor) -> Client:
    return client_for(None)


@pytest.fixture(autouse=True)
def known_again(rows: Session) -> Iterator[None]:
    yield
    connections.Servers.forget()


def test_a_page_answers_with_our_own_words_within_seconds_and_all_is_well_afterwards(
    officer: Client, visitor: Client, server: postgres.Server
) -> None:
    with frozen(server):
        began = clock.ticks()
        first = officer.get("/work")
        took = clock.ticks() - began
        assert first.status_code == 503
        assert first.headers["Retry-After"] == "30"
        assert "cannot reach its records" in first.text
        assert took < A_FEW_SECONDS
        began = clock.ticks()
        for address in ("/work", "/cases", "/healthz/web"):
            assert officer.get(address).status_code == 503
        assert clock.ticks() - began < connections.SIGN_OF_LIFE + 1, "only the first waits"
        assert visitor.get("/healthz").get_json()["database"] == "no answer"
    assert _comes_back(officer)
    assert officer.get("/work").status_code == 200


def _comes_back(officer: Client) -> bool:
    """Without a restart: within the pause for which a silent server is left alone."""
    ends = clock.ticks() + connections.LEFT_ALONE + A_FEW_SECONDS
    while clock.ticks() < ends:
        if officer.get("/work").status_code == 200:
            return True
    return False


def test_what_needs_no_database_is_there_for_a_visitor_and_for_somebody_with_a_session(
    officer: Client, visitor: Client, server: postgres.Server
) -> None:
    with frozen(server):
        for address in NEEDS_NO_DATABASE:
            began = clock.ticks()
            page = visitor.get(address)
            assert page.status_code == 200
            assert clock.ticks() - began < 1, f"{address} waited for the database"
            assert "cannot be checked" not in page.text
        for address in NEEDS_NO_DATABASE:
            began = clock.ticks()
            page = officer.get(address)
            assert page.status_code == 200, address
            assert clock.ticks() - began < A_FEW_SECONDS
            header = officer.page_of(page).select_one(".app-header")
            assert header
            assert "Whether you are signed in cannot be checked just now" in header.text
            assert not officer.page_of(page).select("form[action='/sign-out']")
        assert officer.get("/no-such-address").status_code == 404


def test_nobody_can_sign_in_and_the_page_says_so_with_numbers_to_ring(
    visitor: Client, server: postgres.Server
) -> None:
    with frozen(server):
        page = visitor.get("/sign-in")
        assert page.status_code == 503
        assert "Nobody can sign in just now" in page.text
        assert "This portal never asks for your password" in page.text
        _has_the_numbers(page.text)
        assert visitor.page_of(page).select_one('a[href="/contacts"]')


def _has_the_numbers(page: str) -> None:
    given = numbers_to_ring()
    assert {"999", "101"} <= {one.number for one in given}
    for one in given:
        assert one.number in page
    for one in current_policy().hub.contacts:
        assert (one in given) is not one.number.startswith("01632 960"), "an example is nobody's number"


def test_a_statement_that_is_only_slow_goes_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.2)
    with app.app_context():
        assert db.session.scalar(text("select 7 from pg_sleep(1)")) == 7
        db.session.rollback()


def test_a_server_that_said_goodbye_is_not_asked_anything(app: Flask) -> None:
    """Nobody meets an error because the database was started again while their process was idle."""
    with app.app_context():
        db.engine.dispose()
        with db.engine.connect() as other:
            with db.engine.connect() as ours:
                gone = ours.scalar(text("select pg_backend_pid()"))
            assert other.scalar(text("select pg_terminate_backend(:it, 5000)"), {"it": gone})
            again = db.session.scalar(text("select pg_backend_pid()"))
            db.session.rollback()
    assert again != gone


def test_the_worker_gives_a_hung_database_up_and_goes_on_afterwards(
    app: Flask, server: postgres.Server, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[int] = []

    def count(connection: Connection) -> int:
        done.append(connection.scalar(text("select 1")) or 0)
        return 1

    tick = worker.Tick("count", 30, count)
    engine = worker.connect(app.config["DATABASE_WORKER_URL"])
    try:
        worker.run_once(engine, tick)
        with frozen(server):
            began = clock.ticks()
            worker.run_once(engine, tick)
            assert clock.ticks() - began < A_FEW_SECONDS
        assert "will run again" in caplog.text
        assert len(done) == 1
        connections.Servers.forget()
        worker.run_once(engine, tick)
        assert len(done) == 2
    finally:
        engine.dispose()


def test_a_fault_of_ours_shows_the_numbers_too(app: Flask) -> None:
    with app.test_request_context("/"):
        page = app.error_handler_spec[None][None][Exception]
        app.config["PROPAGATE_EXCEPTIONS"] = False
        try:
            answer = app.make_response(app.ensure_sync(page)(ValueError("fault")))
        finally:
            app.config["PROPAGATE_EXCEPTIONS"] = None
        assert answer.status_code == 500
        _has_the_numbers(answer.get_data(as_text=True))
