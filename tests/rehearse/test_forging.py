"""Forging finds what there is: with rights that the application's role had once, it becomes somebody."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from portal.demo import postgres
from portal.model import new_id
from tests import database
from tests.cast import Cast
from tests.factories.cases import make_case, make_child
from tests.factories.people import open_session
from tests.rehearse import forging
from tests.rehearse.world import join

ISSUER = "https://id.example"
OPENS = "function ctx.open_session"


@pytest.fixture
def known(rows: Session, cast: Cast) -> forging.Known:
    make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    join(rows, ISSUER)
    subject = str(cast.coordinator.id)
    return forging.Known(ISSUER, [subject], [subject], [str(new_id())], [b"0" * 32])


@pytest.fixture
def may_open_sessions(server: postgres.Server, app: Flask) -> Iterator[None]:
    engine = create_engine(server.url(postgres.SUPERUSER, database.NAME))
    with engine.begin() as connection:
        connection.execute(text(f"grant execute on {OPENS} to portal_app"))
    yield
    with engine.begin() as connection:
        connection.execute(text(f"revoke execute on {OPENS} from portal_app"))
    engine.dispose()


def test_nobody_becomes_somebody(
    server: postgres.Server, rows: Session, cast: Cast, known: forging.Known
) -> None:
    found = forging.forge(
        server.url("portal_app", database.NAME), known, open_session(rows, cast.coordinator.id)
    )
    assert found.rows == 0, found.by
    assert found.through > 50, "most calls go through, and give nobody anything"


@pytest.mark.usefixtures("may_open_sessions")
def test_it_would_notice_who_does(
    server: postgres.Server, rows: Session, cast: Cast, known: forging.Known
) -> None:
    found = forging.forge(
        server.url("portal_app", database.NAME), known, open_session(rows, cast.coordinator.id)
    )
    assert found.rows > 0
    assert found.by == "ctx.open_session"
