"""What a team was told, and the ledger: filtered, sorted and in pages, for those alone who may see each."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.records.disclosures.model import Disclosure
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.workspaces.test_workspaces import told

__all__ = ["told"]

ClientFor = Callable[[User | None], Client]


def listed(page: BeautifulSoup) -> list[str]:
    return [one.get_text() for one in page.select("#list-page tbody th")]


@pytest.fixture
def mine(told: list[Disclosure]) -> list[str]:
    """What the nurse was told, the amber first."""
    return [one.reference for one in told[:2]]


def test_what_is_to_be_confirmed_is_filtered_and_sorted(
    rows: Session, cast: Cast, told: list[Disclosure], mine: list[str], client_for: ClientFor
) -> None:
    nurse = client_for(cast.nurse)
    red = next(one.reference for one in told[:2] if one.colour == "red")
    rest = next(one for one in mine if one != red)
    assert listed(nurse.soup("/told")) == [red, rest]
    assert listed(nurse.soup("/told?sort=-urgent")) == [rest, red]
    assert listed(nurse.soup("/told?colour=red")) == [red]
    assert listed(nurse.soup("/told?to=team")) == [red, rest]
    assert listed(nurse.soup("/told?to=you")) == []
    assert "Nothing fits these filters" in nurse.soup("/told?late=late").get_text()
    for duty in rows.scalars(select(Deadline).filter_by(disclosure_id=told[mine.index(rest)].id)):
        duty.due_at = clock.now() - timedelta(hours=1)
    rows.commit()
    assert listed(nurse.soup("/told?late=late")) == [rest]
    page = nurse.soup("/told?sort=due")
    assert listed(page) == [rest, red]
    (head,) = page.select("th[aria-sort]")
    assert (head.get_text(), head["aria-sort"]) == ("Confirm by", "ascending")
    assert "2 not confirmed yet" in page.select("#list-says")[0].get_text()


def test_whoever_confirms_in_a_filtered_list_stays_in_it(
    cast: Cast, told: list[Disclosure], mine: list[str], client_for: ClientFor
) -> None:
    nurse = client_for(cast.nurse)
    (form,) = nurse.soup("/told?colour=red").select("form[action*='/confirm?']:not(#confirm-several)")
    answer = nurse.submit(str(form["action"]), {"back": "list"})
    assert answer.location == "/told?colour=red"
    assert "Nothing fits these filters" in nurse.soup(answer.location).get_text()
    had = nurse.soup("/told?show=confirmed")
    assert [one in mine for one in listed(had)] == [True]
    assert listed(nurse.soup("/told?show=confirmed&colour=green")) == []


def test_nobody_else_reads_or_counts_it(
    cast: Cast, told: list[Disclosure], mine: list[str], client_for: ClientFor
) -> None:
    for person in (cast.stranger, cast.officer, cast.teacher, cast.community_safety):
        for address in ("/told", "/told?sort=told", "/told?show=confirmed", "/told?colour=red"):
            shown = client_for(person).get(address).text
            assert not [one for one in mine if one in shown], (person.name, address)
    page = client_for(cast.stranger).soup("/told")
    assert "Nothing is waiting to be confirmed" in page.select(".app-empty")[0].get_text()


def test_the_ledger_of_governance_is_filtered_and_goes_on_page_by_page(
    rows: Session, cast: Cast, told: list[Disclosure], client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    governance, every = client_for(cast.governance), [one.reference for one in told]
    assert set(listed(governance.soup("/told"))) == set(every)
    newest = listed(governance.soup("/told"))
    assert listed(governance.soup("/told?sort=-newest")) == newest[::-1]
    assert set(listed(governance.soup("/told?receipt=open"))) == set(every)
    assert listed(governance.soup("/told?decision=refuse")) == []
    rows.get_one(Disclosure, told[0].id).withdrawn_at = clock.now()
    rows.commit()
    assert listed(governance.soup("/told?receipt=withdrawn")) == [told[0].reference]
    monkeypatch.setattr("portal.queries.gathered.find_first.__kwdefaults__", {"limit": 1})
    page, seen = governance.soup("/told"), []
    while True:
        seen += listed(page)
        more = page.find("a", rel="next")
        if more is None:
            break
        page = governance.soup(str(more["href"]))
    assert seen == newest
    saved = governance.submit("/told?receipt=open", {"name": "To ask about"})
    assert saved.status_code == 303
    assert "To ask about" in governance.soup("/told").get_text()
