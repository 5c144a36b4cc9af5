"""The worlds of the bench: whoever walks holds the same in a large one as in a small one."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.demo import postgres
from portal.records.cases.model import Case, CaseScope
from portal.records.referrals.model import Referral
from tests import database
from tests.bench.crowds import FORM, WAITING, crowd
from tests.bench.multiply import HOME, IN_HAND, PLACES, multiply
from tests.cast import Cast
from tests.factories.referrals import make_sent_referral
from tests.meetings.calls import make_called_case

FUNCTIONS = "drop function bench_back, bench_place, bench_again, bench_at, bench_reference"


@pytest.fixture
def superuser(server: postgres.Server) -> Iterator[psycopg.Connection]:
    """Of the server: whoever multiplies."""
    address = server.url(postgres.SUPERUSER, database.NAME).replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        yield connection
        connection.rollback()
        connection.execute(FUNCTIONS.encode())


def held(rows: Session, reader: UUID) -> int:
    """How many cases a reader sees, those that have ended among them."""
    return rows.scalar(select(func.count()).select_from(CaseScope).where(CaseScope.reader == reader)) or 0


@pytest.mark.parametrize("times", [HOME + 3, HOME + 30])
def test_who_walks_holds_what_they_hold_in_any_world(
    rows: Session, cast: Cast, superuser: psycopg.Connection, times: int
) -> None:
    make_called_case(rows, cast)
    rows.commit()
    multiply(superuser, times)
    team, hub = held(rows, cast.social_care_team.id), held(rows, UUID(int=0))
    assert (team, hub) == (1 + HOME, 1 + times)
    known = [*(one.id for one in vars(cast).values()), UUID(int=0)]
    readers = set(rows.scalars(select(CaseScope.reader))) - set(known)
    assert len(readers) >= 2 * len(PLACES)  # teams and agencies of other places
    opened = rows.scalars(select(Case.id).where(Case.state != "closed")).all()
    assert len(opened) <= 1 + IN_HAND
    superuser.autocommit = True
    assert superuser.execute(b"select ctx.scope_drift()").fetchone() == (0,)


def test_a_crowd_waits_as_the_forms_do_that_it_is_made_of(
    rows: Session, cast: Cast, superuser: psycopg.Connection
) -> None:
    for hours in (1, 2):
        make_sent_referral(rows, cast.officer, received_at=clock.now() - timedelta(hours=hours))
    rows.commit()
    multiply(superuser, 1)
    crowd(superuser, FORM, WAITING, 40)
    references = rows.scalars(select(Referral.reference).where(Referral.state == "sent")).all()
    assert len(references) == len(set(references)) == 2 * 2 + 40
    superuser.autocommit = True
    assert superuser.execute(b"select ctx.scope_drift()").fetchone() == (0,)
