"""A child whose case social care leads and the police work on."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]


@pytest.fixture
def child(rows: Session) -> Child:
    return make_child(rows, "Ada", "Fictional", dob=date(2012, 5, 4), nhs_number="9434765919")


@pytest.fixture
def case(rows: Session, cast: Cast, child: Child) -> Case:
    case = make_case(
        rows,
        child,
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
        level="high",
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


@pytest.fixture
def page(child: Child) -> str:
    return f"/children/{child.reference}"
