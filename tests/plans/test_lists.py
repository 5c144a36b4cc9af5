"""The lists of actions as somebody asks for them: filtered, sorted, paged, as a view and as a file."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from portal.queries import gathered
from portal.records.cases.model import Case
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.concerns import make_concern
from tests.factories.plans import make_action
from tests.statements import beside_the_context, noted, plan_in_order

ClientFor = Callable[[User | None], Client]
#: What the officer has to do, by the day on which it is due from today.
DAYS = {"Zwelk": -3, "Aldrup": 2, "Mirzen": 5, "Brunk": 30}


@pytest.fixture
def given(rows: Session, cast: Cast, case: Case) -> list[str]:
    """Four actions on a case in the order in which they are due: the officer's, one of them their team's."""
    for what, days in DAYS.items():
        owner = cast.police_team if what == "Mirzen" else cast.officer
        make_action(rows, case, owner, cast.social_worker, what=what, due_on=clock.today() + timedelta(days))
    return list(DAYS)


def shown(page: BeautifulSoup) -> list[str]:
    return [one.get_text(strip=True) for one in page.select("#list-page tbody th a")]


def as_file(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    return [one["What"] for one in csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))]


def test_what_is_due_first_stands_first_and_the_other_way_round(
    cast: Cast, given: list[str], client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    page = client.soup("/actions")
    assert shown(page) == given
    assert "4 actions." in page.get_text()
    head = page.select_one("th[aria-sort=ascending] a")
    assert head
    assert head.get_text(strip=True) == "By when"
    page = client.soup(str(head["href"]))
    assert shown(page) == given[::-1]
    assert page.select_one("th[aria-sort=descending]")


def test_it_is_filtered_by_whose_when_and_where_it_stands(
    rows: Session, cast: Cast, case: Case, given: list[str], client_for: ClientFor
) -> None:
    make_action(
        rows, case, cast.officer, cast.social_worker, what="Stuck", state="blocked", blocked_reason="Locked"
    )
    make_action(rows, case, cast.officer, cast.social_worker, what="Urgent", priority="high")
    client = client_for(cast.officer)
    for query, found in {
        "whose=team": ["Mirzen"],
        "whose=mine&when=overdue": ["Zwelk"],
        "when=overdue&when=week": ["Zwelk", "Aldrup", "Mirzen"],
        "stands=blocked": ["Stuck"],
        "priority=high": ["Urgent"],
        "purpose=disrupt": [],
        "sort=stands": ["Stuck", "Urgent", "Zwelk", "Aldrup", "Mirzen", "Brunk"],
        "when=nonsense&whose=nonsense&stands=done": [*given[:3], "Stuck", "Urgent", "Brunk"],
    }.items():
        assert sorted(shown(client.soup(f"/actions?{query}"))) == sorted(found), query
    assert shown(client.soup("/actions?sort=stands"))[:2] == ["Stuck", "Urgent"]
    boxes = client.soup("/actions").select("#filter .govuk-checkboxes__label")
    assert "Overdue 1" in [" ".join(one.get_text(" ", strip=True).split()) for one in boxes]


def test_only_its_owner_and_their_team_find_it(cast: Cast, given: list[str], client_for: ClientFor) -> None:
    assert shown(client_for(cast.colleague).soup("/actions")) == ["Mirzen"], "their team's"
    for other in (cast.nurse, cast.stranger, cast.neighbour, cast.social_worker):
        client = client_for(other)
        for query in ("", "whose=team", "show=over", "sort=about"):
            assert not shown(client.soup(f"/actions?{query}")), f"{other.name} {query}"
        assert "Zwelk" not in client.get("/actions/list.csv").text
    for person in (cast.governance, cast.administrator):
        assert client_for(person).get("/actions/list.csv").status_code == 403


def test_the_file_holds_what_the_page_shows(cast: Cast, given: list[str], client_for: ClientFor) -> None:
    client = client_for(cast.officer)
    page = client.soup("/actions?when=week&sort=-due")
    link = page.select_one("a[href*=csv]")
    assert link
    assert as_file(client, str(link["href"])) == shown(page) == ["Mirzen", "Aldrup"]


def test_pages_follow_each_other_without_gap_also_when_one_ends_meanwhile(
    rows: Session, cast: Cast, given: list[str], client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathered.find_first, "__kwdefaults__", {"limit": 2})
    client = client_for(cast.officer)
    for query in ("", "?sort=stands", "?sort=about", "?sort=-due"):
        page = client.soup(f"/actions{query}")
        after = page.select_one('a[rel="next"]')
        assert after
        assert sorted(shown(page) + shown(client.soup(str(after["href"])))) == sorted(given), query
    page = client.soup("/actions")
    rows.execute(text("update action set what = 'Zwelk, moved', due_on = due_on + 90 where what = 'Zwelk'"))
    rows.commit()
    after = page.select_one('a[rel="next"]')
    assert after
    assert shown(client.soup(str(after["href"]))) == ["Mirzen", "Brunk"]
    assert client.get("/actions?after=nonsense").status_code == 400


def test_of_very_many_it_keeps_its_order_and_looks_through_so_many_at_a_time(
    cast: Cast, given: list[str], client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathered, "MOST", 3)
    monkeypatch.setattr(gathered.find_first, "__kwdefaults__", {"limit": 2})
    client = client_for(cast.officer)
    page = client.soup("/actions?sort=-due")
    assert shown(page) == given[:2]
    assert not page.select("thead a"), "a list that is too long is not sorted"
    after = page.select_one('a[rel="next"]')
    assert after
    assert shown(client.soup(str(after["href"]))) == given[2:]
    page = client.soup("/actions?when=later")
    assert not shown(page)
    found = page.find("a", string="Look on")
    assert found
    assert shown(client.soup(str(found["href"]))) == ["Brunk"]
    answer = client.get("/actions/list.csv?when=later", follow_redirects=True)
    assert "filter the list first" in answer.text


def test_what_is_over_stands_in_a_list_of_its_own(
    rows: Session, cast: Cast, case: Case, given: list[str], client_for: ClientFor
) -> None:
    now = clock.now()
    over: dict[str, Any] = {"done_by": cast.officer.id, "state": "done"}
    for what, days in (("Older", 9), ("Newer", 12)):
        until = now + timedelta(days=days)
        make_action(
            rows, case, cast.officer, cast.social_worker, what=what, done_at=now, reach_until=until, **over
        )
    client = client_for(cast.officer)
    assert shown(client.soup("/actions?show=over")) == ["Newer", "Older"]
    assert shown(client.soup("/actions?show=over&sort=-over")) == ["Older", "Newer"]
    assert not shown(client.soup("/actions?show=over&stands=confirmed"))
    assert as_file(client, "/actions/list.csv?show=over") == ["Newer", "Older"]
    assert shown(client.soup("/actions")) == given


def test_those_on_places_and_people_are_of_ones_agency_or_all_that_one_sees(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    place = make_concern(rows, cast.officer, owner_team_id=cast.police_team.id)
    for what, owner, means in (("Ours", cast.officer, "patrol"), ("Theirs", cast.nurse, "licensing")):
        make_action(rows, place, owner, cast.officer, what=what, target="place", means=means)
    client, address = client_for(cast.officer), "/actions/places-and-people"
    assert shown(client.soup(address)) == ["Ours"]
    assert sorted(shown(client.soup(f"{address}?whose=all"))) == ["Ours", "Theirs"]
    assert shown(client.soup(f"{address}?whose=all&means=licensing")) == ["Theirs"]
    assert not shown(client.soup(f"{address}?show=over"))
    assert as_file(client, f"{address}.csv") == ["Ours"]
    for other, seen in ((cast.stranger, []), (cast.nurse, ["Theirs"])):
        assert shown(client_for(other).soup(f"{address}?whose=all")) == seen, other.name


def test_a_page_takes_few_statements_and_finds_what_is_open_by_its_index(
    app: Flask, rows: Session, cast: Cast, given: list[str], client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    client.get("/actions")
    with noted(app) as sent:
        client.get("/actions?when=week")
    assert len(beside_the_context(sent)) <= 8
    for owner in ("person", "team"):
        column = "owner_id" if owner == "person" else "owner_team_id"
        found = (("open", "due_on", "is null"), ("over", "reach_until", "is not null"))
        for which, day, until in found:
            plan = plan_in_order(
                rows,
                f"select id from action where {column} = '{cast.officer.id}' and reach_until {until}"  # noqa: S608 - columns of ours
                f" order by {day}, id limit 50",
            )
            assert f"ix_action_{which}_of_{owner}" in plan
            assert "Sort" not in plan
