"""What these tests share: a case that social care leads, with the police and health on it."""

import pytest
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.factories.cases import involve


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case on which every sector works that has kinds of its own."""
    found = case_of_three(rows, cast)
    for team, worker in ((cast.council_team, cast.community_safety), (cast.school_team, cast.teacher)):
        involve(rows, found, team, by=cast.coordinator, worker=worker)
    return found
