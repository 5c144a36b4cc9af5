"""What the list of cases asks: little more often than it has to, and as much whoever reads it.

Each statement takes as long to send as most take to answer.
"""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.records.cases import lists
from portal.records.cases.model import Case
from portal.records.cases.vocabulary import WARNING_SET
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.messages.test_news import note

ClientFor = Callable[[User | None], Client]


def asked(client: Client, address: str, statements: list[str]) -> int:
    """How many statements a page takes that was shown before, with who asks and the row of the trail."""
    client.soup(address)
    statements.clear()
    client.soup(address)
    return len(statements)


def made(rows: Session, cast: Cast) -> Case:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    rows.commit()
    return case


def test_a_list_too_long_to_be_counted_takes_five_statements_and_a_short_one_six(
    rows: Session,
    cast: Cast,
    client_for: ClientFor,
    statements: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(3):
        made(rows, cast)
    client = client_for(cast.coordinator)
    assert asked(client, "/cases?whose=hub", statements) <= 6, statements
    monkeypatch.setattr(lists, "MOST", 2)
    assert asked(client, "/cases?whose=hub", statements) <= 5, statements
    assert "on this page, of more than" in client.get("/cases?whose=hub").text


def test_each_case_says_what_is_new_on_it_to_whoever_works_on_it_in_every_way_to_read_the_list(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    changed, quiet = made(rows, cast), made(rows, cast)
    for hours in (1, 2, 3):
        note(rows, changed, WARNING_SET.code, quiet, cast.nurse, hours=hours)
    team = f"/cases?whose={cast.police_team.id}"
    ways = ("/cases?whose=mine", team, f"{team}&sort=child", f"{team}&look=news", f"{team}&sort=-level")
    for address in ways:
        marks = client_for(cast.officer).soup(address).select("#list-page tbody .govuk-tag--blue")
        assert [one.get_text() for one in marks] == ["3 new"], address
    for other, address in (
        (cast.colleague, team),
        (cast.coordinator, "/cases?whose=hub"),
        (cast.stranger, "/cases"),
    ):
        page = client_for(other).soup(address)
        assert not page.select("#list-page .govuk-tag--blue"), other.name
    assert changed.reference in client_for(cast.coordinator).get("/cases?whose=hub").text


def test_the_views_and_the_people_beside_a_list_are_ones_own(cast: Cast, client_for: ClientFor) -> None:
    address = f"/cases?whose={cast.police_team.id}&look=overdue"
    officer, nurse = client_for(cast.officer), client_for(cast.nurse)
    assert officer.submit(address, {"name": "What is late"}).status_code == 303
    assert "What is late" in officer.get("/cases?whose=mine").text
    for other in (cast.colleague, cast.nurse):
        assert "What is late" not in client_for(other).get("/cases?whose=mine").text, other.name
    offered = [one["value"] for one in nurse.soup("/cases?whose=mine").select("input[name=worker]")]
    assert str(cast.nurse.id) in offered
    assert str(cast.officer.id) not in offered
