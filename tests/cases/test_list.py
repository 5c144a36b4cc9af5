"""Lists of cases: one reader chosen, in the order of urgency, a page at a time."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.queries.paging import OddCursor
from portal.records.cases.model import Case
from portal.records.cases.reading.lists import (
    CaseCursor,
    ReaderKind,
    choose_reader,
    list_cases,
    list_notices,
    readers,
)
from portal.records.people.model import User
from portal.vocabulary import CaseState, Sensitivity
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child


def references(acting: Acting, person: User, code: str | None, closed: bool = False) -> list[str]:
    with acting(person) as actor:
        reader = choose_reader(actor, code)
        assert reader
        return [row.reference for row in list_cases(reader=reader, closed=closed).rows]


def level(rows: Session, case: Case, value: str, due_in: int) -> None:
    case.level, case.level_since = value, date(2026, 11, 2)
    deadline = rows.scalars(select(Deadline).where(Deadline.case_id == case.id)).one()
    deadline.due_at = clock.now() + timedelta(days=due_in)
    rows.commit()


def made(rows: Session, cast: Cast, **facts: Any) -> Case:
    return make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator, **facts)


def test_a_person_is_offered_the_readers_that_they_are(cast: Cast, acting: Acting) -> None:
    for person, kinds in (
        (cast.coordinator, ["hub", "mine"]),
        (cast.officer, ["mine", "team"]),
        (cast.police_manager, ["mine", "team", "agency"]),
        (cast.administrator, []),
    ):
        with acting(person) as actor:
            assert [reader.kind for reader in readers(actor)] == kinds, person.name


def test_high_comes_first_then_not_yet_assessed_then_least_time_left(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    low, high_late, high_soon, new = (made(rows, cast) for _ in range(4))
    level(rows, low, "low", 1)
    level(rows, high_late, "high", 9)
    level(rows, high_soon, "high", 2)
    expected = [one.reference for one in (high_soon, high_late, new, low)]
    assert references(acting, cast.coordinator, "hub") == expected


def test_mine_are_those_where_one_is_the_worker_or_named(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    named, others = made(rows, cast), made(rows, cast)
    grant(rows, named, cast.officer, by=cast.coordinator)
    involve(rows, others, cast.police_team, by=cast.coordinator, worker=cast.colleague)
    assert set(references(acting, cast.officer, "mine")) == {case.reference, named.reference}
    assert set(references(acting, cast.officer, str(cast.police_team.id))) == {
        case.reference,
        others.reference,
    }


def test_an_agency_list_is_for_its_managers(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    roads = made(rows, cast)
    involve(rows, roads, cast.police_other_team, by=cast.coordinator)
    assert set(references(acting, cast.police_manager, "agency")) == {case.reference, roads.reference}
    assert references(acting, cast.officer, "agency") == references(acting, cast.officer, "mine")


def test_somebody_elses_team_in_the_address_gives_ones_own_list(
    cast: Cast, case: Case, acting: Acting
) -> None:
    assert references(acting, cast.neighbour, str(cast.police_team.id)) == []


def test_pages_follow_each_other_without_gap_or_repeat(rows: Session, cast: Cast, acting: Acting) -> None:
    made_cases = {made(rows, cast).reference for _ in range(5)}
    seen: list[str] = []
    with acting(cast.coordinator) as actor:
        reader, after = choose_reader(actor, "hub"), None
        assert reader
        for _ in range(3):
            page = list_cases(reader=reader, after=after, limit=2)
            seen += [row.reference for row in page.rows]
            after = CaseCursor.read(str(page.next)) if page.next else None
            assert after == page.next, "a cursor survives its way through an address"
    assert len(seen) == len(made_cases) == len(set(seen))


@pytest.mark.parametrize("typed", ["x", "1.2", "1.2.3", "1.999999999999999999999999.0"])
def test_a_cursor_that_makes_no_sense_is_refused(typed: str) -> None:
    with pytest.raises(OddCursor):
        CaseCursor.read(typed)


def test_closed_cases_have_a_list_of_their_own(rows: Session, cast: Cast, acting: Acting) -> None:
    open_case, closed = made(rows, cast), made(rows, cast, state=CaseState.CLOSED)
    assert references(acting, cast.coordinator, "hub") == [open_case.reference]
    assert references(acting, cast.coordinator, "hub", closed=True) == [closed.reference]


def test_a_restricted_case_shows_ones_team_that_it_exists_and_no_more(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    with acting(cast.officer) as actor:
        team = next(one for one in readers(actor) if one.kind is ReaderKind.TEAM)
        assert not list_cases(reader=team).rows
        notice = list_notices(reader=team)[0]
    assert set(notice._fields) == {"reference", "sensitivity", "lead_agency"}
    assert (notice.reference, notice.lead_agency) == (case.reference, cast.social_care.name)
