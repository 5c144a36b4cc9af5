"""My team: who carries what, of one's own agency alone, and what of it is overdue."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.model import new_id
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


def duty(rows: Session, cast: Cast, *, due: int, done: int | None, reason: str = "") -> None:
    """A duty of the social worker that was due so many days ago and done so many days after that."""
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    first = rows.scalars(select(Deadline).where(Deadline.case_id == case.id)).one()
    values = {one.key: getattr(first, one.key) for one in Deadline.__table__.columns}
    due_at = clock.now() - timedelta(days=due)
    values |= {
        "id": new_id(),
        "owner_id": cast.social_worker.id,
        "owner_team_id": None,
        "owner_agency_id": None,
    }
    values |= {"due_at": due_at, "original_due_at": due_at, "started_at": due_at - timedelta(days=30)}
    values |= {"state": "open", "ended_at": None}
    if done is not None:
        values |= {"state": "done", "ended_at": due_at + timedelta(days=done), "late_reason": reason or None}
    rows.add(Deadline(**values))
    first.owner_id, first.owner_team_id, first.owner_agency_id = None, None, cast.hub.id
    rows.commit()


def test_what_became_of_duties_adds_up_in_five_classes(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    for due, done, reason in (
        (10, -1, ""),
        (20, -2, ""),
        (30, 3, "The family was away"),
        (40, 3, ""),
        (-5, None, ""),
        (5, None, ""),
        (500, -1, ""),
    ):
        duty(rows, cast, due=due, done=done, reason=reason)
    page = client_for(cast.social_care_manager).soup("/work/team")
    row = page.select_one("[aria-labelledby=timely] tbody tr")
    assert row is not None
    said = row.get_text(" ", strip=True)
    assert "2 in time, 1 late, with a reason, 1 late, no reason, 1 to come, 1 overdue" in said
    assert row.select("td")[1].get_text() == "6", "all but what was due before the year"
    assert row.select("td")[2].get_text() == "40% of 5", "what is to come is not in the share"
    assert "How this is counted" in page.get_text()
    for other in (cast.police_manager,):
        words = client_for(other).soup("/work/team").select_one("[aria-labelledby=timely]")
        assert words is not None
        assert "40% of 5" not in words.get_text(), other.name


def test_what_was_overdue_at_the_end_of_each_week_is_followed(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    duty(rows, cast, due=20, done=None)
    duty(rows, cast, due=20, done=10, reason="The family was away")
    page = client_for(cast.social_care_manager).soup("/work/team")
    numbers = [one.get_text() for one in page.select("[aria-labelledby=better] tbody td")]
    assert len(numbers) == 26
    assert numbers[-3:] == ["2", "1", "1"]
    assert set(numbers[:-3]) == {"0"}


@pytest.mark.usefixtures("carried")
def test_a_number_of_cases_leads_to_these_cases(cast: Cast, client_for: Browser) -> None:
    manager = client_for(cast.social_care_manager)
    page = manager.soup("/work/team")
    link = page.select_one(f'a[href*="worker={cast.social_worker.id}"]')
    assert link is not None
    listed = manager.soup(str(link["href"]))
    assert len(listed.select("#list-page tbody tr")) == 2
