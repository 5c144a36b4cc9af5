"""The list of meetings as somebody asks for it: whose, when, what they answered, and page by page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.queries import listing
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import InvitationReply, MeetingState
from portal.records.people.model import User
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.client import Client
from tests.factories.meetings import make_invitation, make_meeting
from tests.statements import beside_the_context, noted, plan_in_order

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case on which social care, the police and health work."""
    return case_of_three(rows, cast)


@pytest.fixture
def meetings(rows: Session, cast: Cast, case: Case) -> dict[str, str]:
    """Meetings on it by name: to the first two the nurse is invited; the last one was."""

    def meet(hours: int, **facts: Any) -> Meeting:
        begins = clock.now() + timedelta(hours=hours)
        return make_meeting(
            rows, cases=[case], chair=cast.chair, note_taker=cast.social_worker, starts_at=begins, **facts
        )

    soon, later, others = meet(50), meet(24 * 20), meet(24 * 3)
    was = meet(-24 * 5, state=MeetingState.HELD)
    make_invitation(rows, soon, person=cast.nurse, by=cast.chair)
    make_invitation(rows, later, person=cast.nurse, by=cast.chair, reply=InvitationReply.COMING)
    return {
        "soon": soon.reference,
        "others": others.reference,
        "later": later.reference,
        "was": was.reference,
    }


def shown(page: BeautifulSoup, meetings: dict[str, str]) -> list[str]:
    names = {reference: name for name, reference in meetings.items()}
    return [names[one.get_text(strip=True)] for one in page.select("#list-page tbody .app-reference")]


def test_what_comes_is_in_its_order_and_what_was_stands_apart(
    cast: Cast, meetings: dict[str, str], client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    for query, found in {
        "": ["soon", "others", "later"],
        "?sort=-when": ["later", "others", "soon"],
        "?sort=answer": ["soon", "later", "others"],
        "?show=lately": ["was"],
        "?part=invited": ["soon", "later"],
        "?part=others": ["others"],
        "?answer=waiting": ["soon"],
        "?answer=coming": ["later"],
        "?when=week": ["soon", "others"],
        "?when=later": ["later"],
        "?when=nonsense&answer=nonsense": ["soon", "others", "later"],
    }.items():
        assert shown(client.soup(f"/meetings{query}"), meetings) == found, query


def test_whoever_neither_reads_the_case_nor_is_invited_finds_none(
    cast: Cast, meetings: dict[str, str], client_for: ClientFor
) -> None:
    for person, coming in (
        (cast.officer, ["soon", "others", "later"]),
        (cast.stranger, []),
        (cast.neighbour, []),
        (cast.teacher, []),
    ):
        client = client_for(person)
        assert shown(client.soup("/meetings"), meetings) == coming, person.name
        assert not shown(client.soup("/meetings?part=invited"), meetings), person.name
        assert shown(client.soup("/meetings?show=lately"), meetings) == (["was"] if coming else [])


def test_an_invitation_leads_to_its_answer_and_another_to_its_meeting(
    cast: Cast, meetings: dict[str, str], client_for: ClientFor
) -> None:
    page = client_for(cast.nurse).soup("/meetings")
    links = [str(one["href"]) for one in page.select("#list-page tbody th a")]
    assert [one.split("/")[1] for one in links] == ["invitations", "meetings", "invitations"]
    assert "Waiting for your answer 1" in page.get_text(" ", strip=True)


def test_a_view_is_saved_and_the_list_begins_with_it(
    cast: Cast, meetings: dict[str, str], client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    client.submit("/meetings?answer=waiting", {"name": "To answer", "default": "y"})
    page = client.get("/meetings", follow_redirects=True).text
    assert meetings["soon"] in page
    assert meetings["later"] not in page
    assert meetings["later"] in client.get("/meetings?view=all").text
    assert "To answer" not in client_for(cast.officer).get("/meetings").text


def test_pages_follow_each_other_by_the_index_in_few_statements(
    app: Flask,
    rows: Session,
    cast: Cast,
    meetings: dict[str, str],
    client_for: ClientFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = client_for(cast.nurse)
    client.get("/meetings")
    with noted(app) as sent:
        client.get("/meetings?when=week")
    assert len(beside_the_context(sent)) <= 8
    monkeypatch.setattr(listing.find, "__kwdefaults__", {"limit": 2})
    for query in ("", "?sort=answer", "?sort=chair", "?sort=-when"):
        page = client.soup(f"/meetings{query}")
        after = page.select_one('a[rel="next"]')
        assert after
        every = shown(page, meetings) + shown(client.soup(str(after["href"])), meetings)
        assert sorted(every) == ["later", "others", "soon"], query
    assert client.get("/meetings?after=nonsense").status_code == 400
    plan = plan_in_order(
        rows, "select id from meeting where starts_at >= now() order by starts_at, id limit 50"
    )
    assert "ix_meeting_starts" in plan
