"""Whoever looked for a child can report it again, whoever else works with it."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.children.model import Child
from tests.cast import Cast
from tests.factories.missing import make_episode
from tests.missing.conftest import Acting, reports


def test_the_police_report_a_child_again_whom_they_know_by_an_earlier_report_alone(
    rows: Session, cast: Cast, acting: Acting, case: Case
) -> None:
    child = rows.get_one(Child, case.child_id)
    ago = {name: clock.now() - timedelta(hours=hours) for name, hours in (("since", 30), ("returned_at", 20))}
    make_episode(rows, child, cast.teacher, team=cast.school_team, **ago)
    assert reports(acting, cast.neighbour, child=child).child_id == child.id
    with pytest.raises(NoResultFound):  # it is nobody whom they know of
        reports(acting, cast.stranger, child=child)
