"""The list of what one was told, as somebody asks for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.messages import reading
from portal.records.people.model import User
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.client import Client
from tests.factories.telling import was_told
from tests.statements import beside_the_context, noted, plan_in_order

Browser = Callable[[User | None], Client]
FRAGMENT = {"HX-Request": "true", "HX-Target": "div#list-page", "HX-Request-Type": "partial"}


@pytest.fixture
def told(rows: Session, cast: Cast) -> list[str]:
    """Three messages to the officer, the newest first: one read, one urgent, and one of last month."""
    now = clock.now()
    was_told(rows, cast.officer, reference="REQ-1", at=now - timedelta(hours=2), read_at=now)
    was_told(rows, cast.officer, reference="REQ-2", at=now - timedelta(days=2), urgent=True)
    was_told(rows, cast.officer, reference="REQ-3", at=now - timedelta(days=30), kind="feedback")
    return ["REQ-1", "REQ-2", "REQ-3"]


def shown(page: BeautifulSoup) -> list[str]:
    return [one.get_text(strip=True) for one in page.select(".app-messages__item .app-reference")]


def test_they_are_filtered_by_what_was_read_how_urgent_how_old_and_of_which_kind(
    cast: Cast, told: list[str], client_for: Browser
) -> None:
    client = client_for(cast.officer)
    for query, found in {
        "": told,
        "show=unread": told[1:],
        "show=urgent": told[1:2],
        "since=day": told[:1],
        "since=week&since=day": told[:2],
        "kind=feedback": told[2:],
        "kind=feedback&since=week": [],
        "sort=-newest": told[::-1],
        "show=nonsense&kind=nonsense": told,
    }.items():
        assert shown(client.soup(f"/messages?{query}")) == found, query
    tabs = client.soup("/messages").select("nav[aria-label=Views] a")
    assert [" ".join(one.get_text(" ", strip=True).split()) for one in tabs] == [
        "All 3", "Not read 2", "Urgent 1",
    ]  # fmt: skip


def test_nobody_else_finds_them(cast: Cast, told: list[str], client_for: Browser) -> None:
    for other in (cast.colleague, cast.police_manager, cast.nurse, cast.stranger, cast.coordinator):
        for query in ("", "show=unread", "kind=feedback"):
            assert not shown(client_for(other).soup(f"/messages?{query}")), other.name


def test_marking_stays_in_what_was_asked_for(
    rows: Session, cast: Cast, told: list[str], client_for: Browser
) -> None:
    client = client_for(cast.officer)
    form = client.soup("/messages?show=unread&since=week").select_one(".app-messages form")
    assert form
    address = str(form["action"])
    answer = client.submit(address, headers=FRAGMENT)
    assert "Nothing fits these filters" in answer.text
    assert "hx-swap-oob" in answer.text
    assert client.submit(address).location == "/messages?show=unread&since=week"
    assert shown(client.soup("/messages?show=unread")) == told[2:]


def test_of_very_many_it_goes_on_from_the_newest_uncounted_in_few_statements(
    app: Flask,
    rows: Session,
    cast: Cast,
    told: list[str],
    client_for: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = client_for(cast.officer)
    client.get("/messages")
    with noted(app) as sent:
        client.get("/messages?show=unread")
    assert len(beside_the_context(sent)) <= 8
    monkeypatch.setattr(reading, "MOST", 2)
    monkeypatch.setattr(reading, "PAGE", 2)
    page = client.soup("/messages?sort=-newest")
    assert shown(page) == told[:2]
    after = page.select_one("a[rel=next]")
    assert after
    assert shown(client.soup(str(after["href"]))) == told[2:]
    plan = plan_in_order(
        rows,
        f"select id from outbox_message where recipient_id = '{cast.officer.id}'"  # noqa: S608 - a column of ours
        f" and agency_id = '{cast.police.id}' order by created_at desc, id desc limit 50",
        rival="ix_outbox_message_newest",
    )
    assert "ix_outbox_message_own" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ("action_handed_over", "an action has another owner"),
        ("worker_named", "another worker of a team"),
    ],
)
def test_what_is_no_longer_theirs_is_said_where_the_page_that_it_leads_to_still_opens(
    rows: Session, cast: Cast, client_for: Browser, event: str, says: str
) -> None:
    case = case_of_three(rows, cast)
    facts: dict[str, Any] = {"reference": case.reference, "case_id": case.id, "event": event}
    facts["kind"] = "no_longer_yours"
    here = was_told(rows, cast.nurse, subject=("cre_case", case.id), **facts)
    gone = was_told(rows, cast.stranger, subject=("cre_case", case.id), **facts)
    said = f"Something is no longer yours: {says}"
    nurse = client_for(cast.nurse)
    assert said in nurse.soup("/messages").get_text()
    assert said in nurse.get(f"/go/{here.id}", follow_redirects=True).text
    assert said not in nurse.get(f"/cases/{case.reference}").text, "once"
    stranger = client_for(cast.stranger)
    assert "has ended, or you no longer read it" in stranger.soup(f"/go/{gone.id}").get_text()
    assert says not in stranger.get(f"/go/{gone.id}").text + stranger.get("/messages").text
    for person in (cast.colleague, cast.stranger):
        assert client_for(person).get(f"/go/{here.id}").status_code == 404, person.name
