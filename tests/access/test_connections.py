"""A connection that died while nobody used it is replaced without anyone noticing."""

from collections.abc import Callable
from contextlib import suppress

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from portal import clock
from portal.access import connections, principal
from portal.demo import postgres
from portal.extensions import db
from portal.records.people.model import User
from tests import database
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import open_session
from tests.statements import noted

ClientFor = Callable[[User | None], Client]


def test_a_connection_that_died_in_a_pause_is_replaced(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        dead = db.session.scalar(text("select pg_backend_pid()"))
        db.session.rollback()
        raw = db.engine.raw_connection()
        raw.driver_connection.pgconn.finish()  # type: ignore[union-attr] # it is psycopg's connection
        raw.close()
        later = clock.ticks() + connections.IDLE + 1
        monkeypatch.setattr(clock, "ticks", lambda: later)
        alive = db.session.scalar(text("select pg_backend_pid()"))
        db.session.rollback()
    assert alive != dead


def test_a_connection_that_the_server_ended_while_it_was_emptied_is_replaced(
    app: Flask, server: postgres.Server
) -> None:
    address = server.url(postgres.SUPERUSER, database.NAME).replace("+psycopg", "")
    with app.app_context(), psycopg.connect(address, autocommit=True) as administrator:
        dead = db.session.scalar(text("select pg_backend_pid()"))
        db.session.commit()
        assert administrator.execute("select pg_terminate_backend(%s, 5000)", [dead]).fetchone() == (True,)
        assert db.session.scalar(text("select pg_backend_pid()")) != dead
        db.session.rollback()


def test_what_is_prepared_outlasts_an_answer_that_undoes(
    client_for: ClientFor, cast: Cast, app: Flask
) -> None:
    browser = client_for(cast.nurse)
    for _again in range(3):
        browser.get("/messages")
    prepared = _prepared(app)
    assert browser.get("/cases/CRE-0000-0000").status_code == 404
    assert browser.get("/messages").status_code == 200
    assert prepared <= _prepared(app), "a rollback let go of what was prepared"


def test_after_a_statement_failed_what_was_prepared_in_vain_is_gone(app: Flask) -> None:
    with app.app_context():
        for _again in range(3):
            with pytest.raises(DataError):
                db.session.execute(text("select 1 / cast(:by as integer)"), {"by": 0})
            db.session.rollback()
            assert db.session.scalar(text("select 1")) == 1
        db.session.rollback()


def _prepared(app: Flask) -> set[bytes]:
    """The names of what is prepared on the connection that the next page gets."""
    with app.app_context():
        raw = db.engine.raw_connection()
        found = raw.driver_connection._prepared._names.values()  # type: ignore[union-attr] # it is psycopg's connection
        raw.close()
        assert found, "nothing is prepared"
        return set(found)


def test_who_asks_is_said_once_a_transaction_and_holds_after_something_was_tried_and_undone(
    app: Flask, cast: Cast, rows: Session
) -> None:
    token, other = open_session(rows, cast.officer.id), open_session(rows, cast.nurse.id)
    me = text("select ctx.user_id()")
    with app.test_request_context("/test"), noted(app) as sent:
        principal.use_token(token)
        with suppress(ZeroDivisionError), db.session.begin_nested():
            assert db.session.scalar(me) == cast.officer.id
            raise ZeroDivisionError
        with db.session.begin_nested():
            assert db.session.scalar(me) == cast.officer.id
        assert db.session.scalar(me) == cast.officer.id
        assert sum("ctx.arrive" in one for one in sent) == 1
        db.session.rollback()
        principal.use_token(other)
        with db.session.begin_nested():
            assert db.session.scalar(me) == cast.nurse.id
        db.session.rollback()
        principal.use_token("")
        with db.session.begin_nested():
            assert db.session.scalar(me) is None
        db.session.rollback()
