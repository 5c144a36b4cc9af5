"""The list of places and people as somebody asks for it: filtered, sorted, and as a file."""

import csv
import io
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal.queries import listing
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.concerns import make_concern

SignIn = Callable[[User], Client]
NAMES = ("Zelphane yard", "Aldwyss lane", "Mirquell park", "Brunhox shop")


@pytest.fixture
def concerns(rows: Session, cast: Cast) -> list[str]:
    """Four places that the police own, in the order in which they were recorded."""
    for name in NAMES:
        make_concern(rows, cast.officer, name=name)
    return list(NAMES)


def shown(page: BeautifulSoup) -> list[str]:
    return [one.get_text(strip=True) for one in page.select("#list-page tbody th a")]


def test_the_list_sorts_by_its_heads_and_pages_without_gap(
    cast: Cast, concerns: list[str], client_for: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(cast.officer)
    page = client.soup("/concerns")
    assert shown(page) == concerns[::-1]
    assert "4 places, people and things" in page.get_text()
    by_name = next(one for one in page.select("thead a") if one.get_text(strip=True) == "Name")
    assert shown(client.soup(str(by_name["href"]))) == sorted(concerns)
    monkeypatch.setattr(listing.find, "__kwdefaults__", {"limit": 3})
    page = client.soup("/concerns?sort=name")
    after = page.select_one('a[rel="next"]')
    assert after
    assert shown(page) + shown(client.soup(str(after["href"]))) == sorted(concerns)


def test_a_filter_and_the_file_hold_the_same_and_nobody_else_sees_them(
    cast: Cast, concerns: list[str], client_for: SignIn
) -> None:
    client = client_for(cast.officer)
    page = client.soup("/concerns?kind=place&stands=ours&sort=-name")
    assert shown(page) == sorted(concerns)[::-1]
    assert not shown(client.soup("/concerns?kind=person"))
    link = page.select_one("a[href*=csv]")
    assert link
    answer = client.get(str(link["href"]))
    names = [one["Name"] for one in csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))]
    assert names == shown(page)
    for other in (cast.nurse, cast.stranger):
        assert not shown(client_for(other).soup("/concerns?stands=ours"))
        assert b"Zelphane" not in client_for(other).get("/concerns/list.csv?kind=place").data
    for person in (cast.governance, cast.administrator):
        assert client_for(person).get("/concerns/list.csv").status_code == 403


def test_of_very_many_the_list_keeps_the_order_that_has_an_index(
    cast: Cast, concerns: list[str], client_for: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST", 3)
    client = client_for(cast.officer)
    page = client.soup("/concerns?sort=name")
    assert shown(page) == concerns[::-1]
    assert not page.select("thead a")
    answer = client.get("/concerns/list.csv", follow_redirects=True)
    assert "filter the list first" in answer.text
