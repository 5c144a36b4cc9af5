"""A connection serves one person after another: nothing of the one is left on it for the next."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import psycopg
import pytest
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from portal.access.connections import Connection
from portal.demo import postgres
from portal.extensions import db
from tests import database
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.client import Client

#: In place of what asks who has arrived, a statement that answers the same and tells a listener the token.
REPLACED = """
do $d$ declare n record; begin
    for n in select name from pg_prepared_statements where statement like '%ctx.arrive%' loop
        execute format('deallocate %I', n.name);
        execute format($p$prepare %I(text) as with kept as materialized (
            select 1 as one from (select pg_notify('kept', $1)) told)
            select a.* from kept, ctx.arrive($1) a where one > 0$p$, n.name);
    end loop;
end $d$
"""
#: The same into a large object, which anybody could read.
LARGE = "select lo_from_bytea(0, convert_to('a token', 'UTF8'))"


@pytest.fixture
def one_connection(app: Flask) -> Iterator[None]:
    """The pool begins with none and opens one for those who come one after another."""
    with app.app_context():
        db.engine.dispose()
    yield
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def listener(server: postgres.Server) -> Iterator[psycopg.Connection]:
    """Whoever waits for what a statement lets out."""
    address = server.url(postgres.SUPERUSER, database.NAME).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as found:
        found.execute("listen kept")
        yield found


def place(session: Session) -> int:
    """The server's process behind the connection."""
    found: int = session.scalars(text("select pg_backend_pid()")).one()
    return found


@pytest.mark.usefixtures("one_connection")
def test_a_statement_left_on_a_connection_does_not_run_as_the_next_person(
    cast: Cast,
    asking: Asking,
    client_for: Callable[..., Client],
    listener: psycopg.Connection,
) -> None:
    nurse = client_for(cast.nurse)
    for _ in range(3):
        nurse.get("/work")
    with asking(cast.nurse) as session:
        session.execute(text(REPLACED))
        replaced = session.scalars(
            text("select count(*) from pg_prepared_statements where from_sql and name like '_pg3%'")
        ).one()
        before = place(session)
        session.commit()
    assert replaced, "the attack does not attack"
    assert client_for(cast.officer).get("/work").status_code == 200
    assert list(listener.notifies(timeout=0.3)) == []
    with asking(cast.officer) as session:
        assert place(session) != before, "a connection that somebody meddled with is closed"


@pytest.mark.usefixtures("one_connection")
def test_a_statement_that_somebody_took_away_is_missed_by_nobody(
    cast: Cast, asking: Asking, client_for: Callable[..., Client]
) -> None:
    nurse = client_for(cast.nurse)
    for _ in range(3):
        nurse.get("/work")
    with asking(cast.nurse) as session:
        session.execute(text("do $$ begin execute 'deallocate all'; end $$"))
        session.commit()
    assert client_for(cast.officer).get("/work").status_code == 200


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize(
    ("left", "seen", "clean"),
    [
        ("select set_config('portal.of_mine', 'x', false)", "current_setting('portal.of_mine', true)", ""),
        ("set search_path = pg_catalog", "current_setting('search_path')", "public"),
        ("set statement_timeout = 0", "current_setting('statement_timeout')", "15s"),
        ("set timezone = 'Asia/Tokyo'", "current_setting('timezone')", "UTC"),
        (
            "set session characteristics as transaction read only",
            "current_setting('default_transaction_read_only')",
            "off",
        ),
        (
            "declare held cursor with hold for select 1",
            "(select count(*) from pg_cursors where name = 'held')",
            0,
        ),
        ("listen told", "(select count(*) from pg_listening_channels())", 0),
        (
            "select pg_advisory_lock(4711)",
            "(select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())",
            0,
        ),
    ],
)
def test_nothing_of_one_person_is_left_for_the_next(
    cast: Cast, asking: Asking, left: str, seen: str, clean: str | int
) -> None:
    with asking(cast.nurse) as session:
        session.execute(text(left))
        before = place(session)
        session.commit()
    with asking(cast.officer) as session:
        assert place(session) == before, "it is the same connection"
        assert session.scalars(text(f"select {seen}")).one() == clean


@pytest.mark.usefixtures("one_connection")
def test_nobody_waits_until_a_connection_is_empty_but_whoever_gets_it_next(
    app: Flask, cast: Cast, asking: Asking
) -> None:
    with asking(cast.nurse) as session:
        used = session.connection().connection.dbapi_connection
        assert isinstance(used, Connection)
        session.execute(text("set statement_timeout = 0"))
        before = place(session)
    assert used.is_being_emptied
    assert used.info.transaction_status is TransactionStatus.ACTIVE
    with asking(cast.officer) as session:
        assert place(session) == before
        assert session.scalars(text("select current_setting('statement_timeout')")).one() == "15s"
        assert not used.is_being_emptied


@pytest.mark.usefixtures("one_connection")
def test_past_the_pool_too_the_connection_is_empty_first(app: Flask, cast: Cast, asking: Asking) -> None:
    with asking(cast.nurse) as session:
        used = session.connection().connection.dbapi_connection
        assert isinstance(used, Connection)
        session.execute(text("set statement_timeout = 0"))
    assert used.is_being_emptied
    assert used.execute("show statement_timeout").fetchone() == ("15s",)


def test_a_pool_that_asks_first_whether_a_connection_is_there_asks_an_empty_one(
    server: postgres.Server,
) -> None:
    engine = create_engine(
        server.url("portal_worker", database.NAME), pool_pre_ping=True, pool_size=1, max_overflow=0
    )
    for _ in range(3):
        with engine.connect() as connection:
            connection.execute(text("set statement_timeout = 1"))
            connection.commit()
            assert connection.scalar(text("select 1")) == 1
            used = connection.connection.dbapi_connection
            assert isinstance(used, Connection)
            assert not used.autocommit
    with engine.connect() as connection:
        assert connection.scalar(text("show statement_timeout")) != "1ms"
    engine.dispose()


@pytest.mark.usefixtures("one_connection")
def test_one_that_cannot_be_emptied_is_closed(
    app: Flask, cast: Cast, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asking(cast.nurse) as session:
        used = session.connection().connection.dbapi_connection
        assert isinstance(used, Connection)
        before = place(session)
        session.execute(text("select 1"))
    monkeypatch.setattr(used, "_prepared", SimpleNamespace(_names={"a": b"meddled"}))
    with pytest.raises(psycopg.OperationalError, match="what is prepared"):
        used.execute("select 1")
    assert used.closed
    with asking(cast.officer) as session:
        assert place(session) != before


def test_nobody_writes_what_is_under_no_row_policy(cast: Cast, asking: Asking) -> None:
    with asking(cast.nurse) as session, pytest.raises(Exception, match="permission denied for function lo_"):
        session.execute(text(LARGE))


@pytest.mark.usefixtures("one_connection")
def test_statements_stay_prepared_from_one_person_to_the_next(
    cast: Cast, asking: Asking, client_for: Callable[..., Client]
) -> None:
    for person in (cast.nurse, cast.officer, cast.nurse):
        client_for(person).get("/work")
    with asking(cast.officer) as session:
        prepared = session.scalars(text("select count(*) from pg_prepared_statements")).one()
    assert prepared >= 1
