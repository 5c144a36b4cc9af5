"""My team: who carries what, of one's own agency alone, and what of it is overdue."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.statements import beside_the_context

Browser = Callable[[User | None], Client]


@pytest.fixture
def carried(rows: Session, cast: Cast) -> None:
    """Two cases of one social worker, one high and one not assessed, and a sealed one."""
    for level, sensitivity in (
        ("high", Sensitivity.NORMAL),
        (None, Sensitivity.NORMAL),
        ("low", Sensitivity.SEALED),
    ):
        case = make_case(
            rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator, sensitivity=sensitivity
        )
        case.level, case.level_since = level, clock.today() if level else None
        involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    rows.commit()


def line_of(client: Client, name: str) -> str:
    page = client.soup("/work/team")
    row = next(one for one in page.select("[aria-labelledby=people] tbody tr") if name in one.get_text())
    return row.get_text(" ", strip=True)


@pytest.mark.usefixtures("carried")
def test_a_manager_sees_who_carries_what_of_what_they_may_see(cast: Cast, client_for: Browser) -> None:
    line = line_of(client_for(cast.social_care_manager), cast.social_worker.name)
    assert "1 high, 1 not assessed" in line
    assert "low" not in line, "a sealed case is for named people"


@pytest.mark.parametrize(
    ("who", "status"),
    [("social_care_manager", 200), ("police_manager", 200), ("social_worker", 403), ("governance", 403)],
)
def test_the_page_is_for_managers(cast: Cast, client_for: Browser, who: str, status: int) -> None:
    assert client_for(getattr(cast, who)).get("/work/team").status_code == status


@pytest.mark.usefixtures("carried")
def test_nobody_sees_the_people_of_another_agency(cast: Cast, client_for: Browser) -> None:
    assert cast.social_worker.name not in client_for(cast.police_manager).get("/work/team").text


@pytest.mark.usefixtures("carried")
def test_what_is_overdue_is_counted_by_kind(rows: Session, cast: Cast, client_for: Browser) -> None:
    for duty in rows.scalars(select(Deadline)):
        duty.owner_id, duty.owner_team_id, duty.owner_agency_id = cast.social_worker.id, None, None
        duty.due_at = clock.now() - timedelta(days=3)
    rows.commit()
    manager = client_for(cast.social_care_manager)
    words = manager.soup("/work/team").select_one("[aria-labelledby=overdue]")
    assert words is not None
    assert "Finish the risk assessment" in words.get_text()
    assert "3 days" in words.get_text()


@pytest.mark.usefixtures("carried")
def test_the_page_asks_at_most_eight_times(cast: Cast, client_for: Browser, statements: list[str]) -> None:
    manager = client_for(cast.social_care_manager)
    manager.soup("/work/team")
    statements.clear()
    manager.soup("/work/team")
    counted = beside_the_context(statements)
    assert len(counted) <= 8, counted
