"""The lists of questions as somebody asks for them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.pathway.calendar import end_of_day
from portal.queries import gathered
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.children import ask
from tests.statements import beside_the_context, noted, plan_in_order

Browser = Callable[[User | None], Client]
#: Questions to health in the order in which they are due, with the day from today.
DAYS = {"Zwelk?": -2, "Aldrup?": 3, "Mirzen?": 20}


@pytest.fixture
def questions(rows: Session, cast: Cast, case: Case) -> list[str]:
    """What social care asked health about the child of a case, as it is due."""
    child = rows.get_one(Child, case.child_id)
    for words, days in DAYS.items():
        due_at = clock.now() + timedelta(days=days)
        ask(rows, child, cast.health_team, by=cast.social_worker, question=words, due_at=due_at, case=case)
    return list(DAYS)


def shown(page: BeautifulSoup) -> list[str]:
    return [one.get_text(strip=True) for one in page.select("#list-page tbody .app-words")]


def test_what_is_asked_of_a_team_is_filtered_and_sorted(
    cast: Cast, questions: list[str], client_for: Browser
) -> None:
    client = client_for(cast.nurse)
    for query, found in {
        "": questions,
        "sort=-due": questions[::-1],
        "when=overdue": questions[:1],
        "when=overdue&when=week": questions[:2],
        "source=meeting": [],
        "show=answered": [],
        "show=asked": [],
        "when=nonsense&show=nonsense": questions,
    }.items():
        assert shown(client.soup(f"/requests?{query}")) == found, query
    tabs = client.soup("/requests").select("nav[aria-label=Views] a")
    assert " ".join(tabs[1].get_text(" ", strip=True).split()) == "Overdue 1"


def test_the_next_seven_days_end_with_the_last_of_them(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    child, ends = rows.get_one(Child, case.child_id), end_of_day(clock.today() + timedelta(days=7))
    for words, due_at in (("Kelb?", ends), ("Orsk?", ends + timedelta(seconds=1))):
        ask(rows, child, cast.health_team, by=cast.social_worker, question=words, due_at=due_at, case=case)
    client = client_for(cast.nurse)
    assert shown(client.soup("/requests?when=week")) == ["Kelb?"]
    assert shown(client.soup("/requests?when=later")) == ["Orsk?"]


def test_what_one_asked_stands_by_itself_with_where_it_stands(
    rows: Session, cast: Cast, case: Case, questions: list[str], client_for: Browser
) -> None:
    child = rows.get_one(Child, case.child_id)
    answered = ask(rows, child, cast.health_team, by=cast.social_worker, question="Brunk?", case=case)
    answered.answered_at = clock.now()
    answered.reach_until = clock.now() + timedelta(days=5)
    rows.commit()
    client = client_for(cast.social_worker)
    assert not shown(client.soup("/requests"))
    assert sorted(shown(client.soup("/requests?show=asked"))) == sorted([*questions, "Brunk?"])
    assert shown(client.soup("/requests?show=asked&sort=due")) == ["Zwelk?", "Brunk?", *questions[1:]]
    assert shown(client.soup("/requests?show=asked&stands=late")) == questions[:1]
    assert shown(client.soup("/requests?show=asked&stands=answered")) == ["Brunk?"]
    nurse = client_for(cast.nurse)
    assert shown(nurse.soup("/requests?show=answered")) == ["Brunk?"]
    assert shown(nurse.soup("/requests")) == questions


def test_nobody_else_is_shown_a_question(cast: Cast, questions: list[str], client_for: Browser) -> None:
    for other in (cast.officer, cast.stranger, cast.teacher, cast.neighbour):
        for query in ("", "show=asked", "show=answered", "when=week"):
            assert not shown(client_for(other).soup(f"/requests?{query}")), f"{other.name} {query}"


def test_pages_follow_each_other_by_an_index_in_few_statements(
    app: Flask,
    rows: Session,
    cast: Cast,
    questions: list[str],
    client_for: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = client_for(cast.nurse)
    client.get("/requests")
    with noted(app) as sent:
        client.get("/requests?when=week")
    assert len(beside_the_context(sent)) <= 8
    monkeypatch.setattr(gathered.find_first, "__kwdefaults__", {"limit": 2})
    page = client.soup("/requests")
    after = page.select_one("a[rel=next]")
    assert after
    assert shown(page) + shown(client.soup(str(after["href"]))) == questions
    monkeypatch.setattr(gathered, "MOST", 2)
    page = client.soup("/requests?sort=child")
    after = page.select_one("a[rel=next]")
    assert after
    assert shown(page) + shown(client.soup(str(after["href"]))) == questions
    for whom, column in (("person", "asked_user_id"), ("team", "asked_team_id")):
        plan = plan_in_order(
            rows,
            f"select id from information_request where {column} = '{cast.nurse.id}' and answered_at is null"  # noqa: S608 - columns of ours
            " and withdrawn_at is null order by due_at, id limit 50",
        )
        assert f"ix_information_request_open_to_{whom}" in plan
        assert "Sort" not in plan
