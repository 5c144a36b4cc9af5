"""What the tests of the shared case share: a case with three agencies on it, and people who act."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.access import principal
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.people.model import User
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.people import open_session

Acting = Callable[[User], AbstractContextManager[Principal]]


@pytest.fixture
def acting(app: Flask, rows: Session) -> Acting:
    """Call services as somebody would who is signed in; what they wrote is committed at the end.

    `with acting(cast.coordinator) as actor: open_case(actor=actor, …)`
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
def case(rows: Session, cast: Cast) -> Case:
    """A normal case that social care leads; police and the health trust work on it too."""
    case = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
        types=["cse"],
        contexts=["group"],
        authority="derbyshire",
        district="high_peak",
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    return case
