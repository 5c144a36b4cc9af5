"""Whoever goes on faster than a person reads is asked to wait, over all processes, and loses nothing."""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access import pace
from portal.access.model import AuditEvent
from portal.model import new_id
from portal.policy import current_policy
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.disclosures.model import TakenCopy
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.people.model import User
from portal.vocabulary import RateKind
from portal.web import date_boxes
from tests.access.typesetting import set_nothing
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child

Browser = Callable[[User | None], Client]

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def most(kind: RateKind) -> int:
    return min(current_policy().rates.of(kind), key=lambda rate: rate.seconds).most


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    made = make_case(
        rows, make_child(rows, "Ada", "Fictional"), lead=cast.social_care, opened_by=cast.coordinator
    )
    involve(rows, made, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return made


def opened(rows: Session, person: User, number: int, *, ago: float = 1, same: bool = False) -> None:
    """Somebody has opened so many cases, with whichever processes."""
    one = new_id()
    for _ in range(number):
        rows.add(
            AuditEvent(
                id=new_id(),
                at=clock.now() - timedelta(seconds=ago),
                actor_id=person.id,
                action="case:view",
                case_id=one if same else new_id(),
            )
        )
    rows.commit()


def hurry(browser: Client, address: str) -> None:
    """Ask so often that this process takes notice."""
    for _ in range(pace.EASY):
        browser.get(address)


def test_whoever_opens_too_many_cases_waits_and_is_told_until_when(
    rows: Session, client_for: Browser, cast: Cast, case: Case, time: time_machine.Traveller
) -> None:
    browser, address = client_for(cast.officer), f"/cases/{case.reference}"
    hurry(browser, address)
    opened(rows, cast.officer, most(RateKind.CASE) - 2, ago=20)
    assert browser.get(address).status_code == 200, "the last that is allowed"
    opened(rows, cast.officer, 1, ago=20)
    slowed = browser.get(address)
    assert slowed.status_code == 429
    assert slowed.headers["Retry-After"] == "40"
    assert "You can go on in 40 seconds, at 9:00:40am." in browser.page_of(slowed).get_text()
    assert "Ada" not in slowed.text
    other = client_for(cast.officer)
    assert other.get(address).status_code == 429, "in another sign-in too"
    assert browser.get("/work").status_code == 200, "what is due is never kept from anybody"
    assert client_for(cast.colleague).get(address).status_code == 200, "and nobody else waits"
    time.shift(timedelta(seconds=41))
    assert browser.get(address).status_code == 200


def test_one_case_looked_at_again_and_again_counts_once(
    rows: Session, client_for: Browser, cast: Cast, case: Case, time: time_machine.Traveller
) -> None:
    browser, address = client_for(cast.officer), f"/cases/{case.reference}"
    opened(rows, cast.officer, 5 * most(RateKind.CASE), same=True)
    hurry(browser, address)
    assert browser.get(address).status_code == 200


def test_an_hour_has_a_rate_of_its_own(
    rows: Session, client_for: Browser, cast: Cast, case: Case, time: time_machine.Traveller
) -> None:
    browser, address = client_for(cast.officer), f"/cases/{case.reference}"
    an_hour = max(current_policy().rates.of(RateKind.CASE), key=lambda rate: rate.most)
    opened(rows, cast.officer, an_hour.most, ago=1800)
    hurry(browser, address)
    slowed = browser.get(address)
    assert (slowed.status_code, slowed.headers["Retry-After"]) == (429, "1800")
    assert "You can go on in 30 minutes, at 9:30am." in browser.page_of(slowed).get_text()


def test_what_is_sent_to_be_saved_is_never_slowed(
    rows: Session, client_for: Browser, cast: Cast, case: Case, time: time_machine.Traveller
) -> None:
    browser, address = client_for(cast.officer), f"/cases/{case.reference}"
    hurry(browser, address)
    opened(rows, cast.officer, most(RateKind.CASE))
    assert browser.get(address).status_code == 429
    entry = {
        "kind": "information",
        **date_boxes.posted("happened_on", clock.today()),
        "text": "Seen with two adults at the bus station.",
        "handling": Handling.NETWORK,
        "family_safe": FamilySafe.ASK,
    }
    assert browser.submit(f"{address}/entries/new", entry).status_code == 303
    assert len(rows.scalars(select(ChronologyEntry)).all()) == 1


def test_what_two_people_wrote_in_one_place_counts_by_its_address(
    rows: Session, client_for: Browser, cast: Cast, case: Case, time: time_machine.Traveller
) -> None:
    browser, address = client_for(cast.officer), f"/cases/{case.reference}"
    hurry(browser, address)
    for number in range(most(RateKind.CASE)):
        conflict = {"actor_id": cast.officer.id, "action": "conflict:view", "address": f"/plans/{number}"}
        rows.add(AuditEvent(id=new_id(), at=clock.now(), **conflict))
    rows.commit()
    assert browser.get(address).status_code == 429


@pytest.mark.parametrize("form", ["entries/new", "alerts/new"])
def test_a_form_that_comes_back_counts_as_the_look_that_it_is(
    rows: Session, client_for: Browser, cast: Cast, case: Case, time: time_machine.Traveller, form: str
) -> None:
    browser, address = client_for(cast.officer), f"/cases/{case.reference}/{form}"
    for _ in range(pace.EASY):
        assert browser.submit(address).status_code == 422
    opened(rows, cast.officer, most(RateKind.CASE) - 1, ago=20)
    last = browser.submit(address)
    assert last.status_code == 422, "a case that is open already counts once"
    assert "Ada" in last.text
    opened(rows, cast.officer, 1, ago=20)
    slowed = browser.submit(address, {"typed": "Quill"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert slowed.status_code == 429
    assert slowed.headers["Retry-After"] == "40"
    assert "Ada" not in slowed.text
    again = browser.page_of(slowed).select_one(f'form[action="{address}"] input[name="typed"]')
    assert again
    assert again["value"] == "Quill", "what was typed is kept"
    time.shift(timedelta(seconds=41))
    assert browser.submit(address).status_code == 422


def test_too_many_searches_wait_and_what_was_typed_is_kept(
    client_for: Browser, cast: Cast, time: time_machine.Traveller
) -> None:
    browser = client_for(cast.officer)
    for number in range(most(RateKind.SEARCH)):
        assert browser.submit("/search", {"sought": f"Quillsought {number}"}).status_code == 200
    slowed = browser.submit(
        "/search", {"sought": "Quillsought once more"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert slowed.status_code == 429
    assert slowed.headers["Retry-After"] == "60"
    kept = browser.page_of(slowed).select_one('main form[action="/search"] input[name="sought"]')
    assert kept
    assert kept["value"] == "Quillsought once more"
    assert browser.get("/search").status_code == 200
    time.shift(timedelta(seconds=61))
    assert browser.submit("/search", {"sought": "Quillsought once more"}).status_code == 200


def test_too_many_files_wait_and_none_is_on_the_ledger_for_it(
    rows: Session,
    client_for: Browser,
    cast: Cast,
    case: Case,
    time: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_nothing(monkeypatch)
    browser, address = client_for(cast.officer), f"/cases/{case.reference}/chronology.pdf"
    for _ in range(most(RateKind.FILE)):
        assert browser.get(address).status_code == 200
    assert browser.get(address).status_code == 429
    rows.rollback()
    assert rows.query(TakenCopy).count() == most(RateKind.FILE)


def test_it_costs_one_statement_at_most_and_none_at_the_pace_of_a_person(
    client_for: Browser, cast: Cast, case: Case, statements: list[str]
) -> None:
    browser, address = client_for(cast.officer), f"/cases/{case.reference}"
    counts = []
    for _ in range(pace.EASY + 2):
        statements.clear()
        browser.get(address)
        counts.append(len([one for one in statements if re.search(r"nth_\d", one)]))
    assert counts == [0] * pace.EASY + [1, 1]


def test_what_a_process_remembers_is_bounded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_PEOPLE", 3)
    remembered = pace.Pace(OrderedDict())
    for _ in range(10):
        remembered.is_easy(new_id(), RateKind.CASE, current_policy().rates.of(RateKind.CASE))
    assert len(remembered.seen) == 3
