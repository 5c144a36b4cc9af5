"""A role may change its own settings, and hold locks: nobody fails by it, and nobody waits for long."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from portal.access import principal
from portal.changes.versions import take_turns
from portal.extensions import db
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import open_session

#: By somebody who runs statements as the application; each would be there until a superuser looked.
CHANGED = [
    "alter role portal_app set row_security = off",
    "alter role portal_app set search_path = ''",
    "alter role portal_app set statement_timeout = 1",
    "alter role portal_app set lock_timeout = 1",
    "alter role portal_app set idle_in_transaction_session_timeout = 1",
    "alter role portal_app set idle_session_timeout = 1",
    "alter role portal_app set default_transaction_read_only = on",
    "alter role portal_app set default_transaction_isolation = 'serializable'",
    "alter role portal_app set client_encoding = 'SQL_ASCII'",
    "alter role portal_app set datestyle = 'SQL, DMY'",
    "alter role portal_app set intervalstyle = 'iso_8601'",
    "alter role portal_app set timezone = 'Asia/Tokyo'",
    "alter role portal_app set gin_fuzzy_search_limit = 1",
]


@pytest.fixture
def restored(app: Flask) -> Iterator[None]:
    yield
    with app.app_context():
        db.engine.dispose()
        with db.engine.begin() as connection:
            connection.execute(text("alter role portal_app reset all"))
        db.engine.dispose()


@pytest.mark.usefixtures("restored")
def test_what_a_role_sets_for_itself_reaches_none_of_the_portals_connections(
    app: Flask, cast: Cast, asking: Asking, client_for: Callable[..., Client]
) -> None:
    def settings(session: Session) -> dict[str, str]:
        rows = session.execute(text("select name, setting from pg_settings")).all()
        return {row.name: row.setting for row in rows}

    with asking(cast.nurse) as session:
        before = settings(session)
        for statement in CHANGED:
            session.execute(text(statement))
        session.commit()
    with app.app_context():
        db.engine.dispose()
    assert client_for(cast.officer).get("/work").status_code == 200
    with asking(cast.officer) as session:
        now = settings(session)
    assert {name: now[name] for name in now if now[name] != before[name]} == {}


@pytest.mark.lock_timeouts
def test_a_lock_that_somebody_holds_delays_and_stops_nobody(
    app: Flask, rows: Session, cast: Cast, asking: Asking
) -> None:
    with asking(cast.nurse) as attacker:
        for key in (f"documents of {cast.officer.id}", "absence of somebody"):
            attacker.execute(text("select pg_advisory_lock(hashtextextended(:key, 0))"), {"key": key})
        token = open_session(rows, cast.officer.id)
        started = clock.ticks()
        with app.test_request_context("/test"):
            principal.use_token(token)
            assert db.session.scalar(text("select ctx.documents_under_way()")) == 0
            take_turns("absence of somebody")
            db.session.rollback()
            principal.use_token("")
        assert 2 < clock.ticks() - started < 8


def test_who_takes_turns_waits_for_the_other(cast: Cast, asking: Asking) -> None:
    held = text(
        "select count(*) from pg_locks where locktype = 'advisory' and granted and pid = pg_backend_pid()"
    )
    with asking(cast.officer) as session:
        session.execute(text("select ctx.take_turn('x')"))
        assert session.scalar(held) == 1, "until the transaction ends"
        assert session.scalar(text("select current_setting('lock_timeout')")) == "0"
        session.commit()
        assert session.scalar(held) == 0
