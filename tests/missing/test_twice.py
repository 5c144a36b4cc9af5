"""That a child is reported twice is told whoever may settle it, and nobody who may read neither report."""

import pytest
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.missing.conftest import Acting, reports
from tests.missing.test_reporting import NAME, hide, known
from tests.missing.test_telling import at_desks
from tests.told import of_event

EVENT = "missing_twice"
MAIL = "mail"


@pytest.fixture
def reported(rows: Session, cast: Cast, acting: Acting) -> Case:
    """A child whom a teacher has reported, and whom two coordinators work with."""
    at_desks(rows, cast)
    case = known(rows, cast)
    reports(acting, cast.teacher, name=NAME)
    return case


def told_twice(rows: Session, acting: Acting, by: User) -> set[object]:
    """Who is told, once somebody else reports the child too."""
    reports(acting, by, name=NAME)
    return {who for who, way, _ in of_event(rows, EVENT, last_word=None) if way == MAIL}


def test_of_a_sealed_child_those_who_are_named_hear_that_it_is_reported_twice_and_nobody_who_may_read_neither(
    rows: Session, cast: Cast, acting: Acting, reported: Case
) -> None:
    hide(rows, reported, by=cast.second_coordinator)
    assert told_twice(rows, acting, cast.nurse) == {cast.second_coordinator.id}
    assert {who for who, _, _ in of_event(rows, EVENT, last_word=None)} == {cast.second_coordinator.id}


def test_of_a_restricted_child_the_hub_hears_it_which_reads_the_reports_and_no_desk(
    rows: Session, cast: Cast, acting: Acting, reported: Case
) -> None:
    hide(rows, reported, by=cast.second_coordinator, sensitivity=Sensitivity.RESTRICTED)
    assert told_twice(rows, acting, cast.nurse) == {cast.hub_team.id}


def test_a_desk_that_reads_a_report_of_its_own_alone_hears_it_too(
    rows: Session, cast: Cast, acting: Acting, reported: Case
) -> None:
    hide(rows, reported, by=cast.second_coordinator)
    reports(acting, cast.neighbour, name=NAME)
    found = told_twice(rows, acting, cast.nurse)
    assert found == {cast.police_other_team.id, cast.second_coordinator.id}


def test_of_any_other_child_the_desk_and_the_hub_hear_it(
    rows: Session, cast: Cast, acting: Acting, reported: Case
) -> None:
    assert told_twice(rows, acting, cast.nurse) == {cast.police_other_team.id, cast.hub_team.id}
