"""What a team was told, and the ledger: filtered, sorted and in pages, for those alone who may see each."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.queries import listing
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.disclosures.model import Disclosure
from portal.records.people.model import User
from portal.vocabulary import Sensitivity, TriageColour
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.factories.children import tell
from tests.statements import beside_the_context
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


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case on which the police and the health trust work."""
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    for team in (cast.police_team, cast.health_team):
        involve(rows, case, team, by=cast.coordinator)
    return case


@pytest.fixture
def of_case(rows: Session, cast: Cast, case: Case) -> list[str]:
    """What was told of the case to health, to the council in red, and then to the school."""
    child = rows.get_one(Child, case.child_id)
    health, council, school = (
        tell(rows, child, team, by=cast.coordinator, case=case, colour=colour)
        for team, colour in (
            (cast.health_team, TriageColour.GREEN),
            (cast.council_team, TriageColour.RED),
            (cast.school_team, TriageColour.GREEN),
        )
    )
    council.withdrawn_at = clock.now()
    rows.commit()
    return [one.reference for one in (school, council, health)]


def test_the_ledger_of_a_case_is_filtered_sorted_and_goes_on_to_its_end(
    cast: Cast,
    case: Case,
    of_case: list[str],
    client_for: ClientFor,
    statements: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    school, council, health = of_case
    client, place = client_for(cast.coordinator), f"/told/ledger/{case.reference}"
    client.soup(place)
    statements.clear()
    page = client.soup(place)
    assert len(beside_the_context(statements)) <= 8
    assert listed(page) == of_case
    tabs = [" ".join(one.get_text(" ").split()) for one in page.select("nav a")]
    assert {"Told, and refused 3", "Files that were taken 0", "All 3", "Not confirmed 2"} <= set(tabs)
    assert listed(client.soup(f"{place}?sort=-newest")) == of_case[::-1]
    (head,) = client.soup(f"{place}?sort=-newest").select("th[aria-sort]")
    assert (head.get_text(), head["aria-sort"]) == ("Decided", "ascending")
    assert listed(client.soup(f"{place}?colour=red")) == [council]
    assert listed(client.soup(f"{place}?receipt=open")) == [school, health]
    assert "Nothing fits these filters" in client.soup(f"{place}?decision=refuse").get_text()
    monkeypatch.setattr(listing.find, "__kwdefaults__", {"limit": 1})
    page, seen = client.soup(place), []
    while True:
        seen += listed(page)
        more = page.find("a", rel="next")
        if more is None:
            break
        page = client.soup(str(more["href"]))
    assert seen == of_case


@pytest.fixture
def from_form(rows: Session, cast: Cast, case: Case) -> list[str]:
    """What was told of the same child before there was a case: to health in red, and to social care."""
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    child, forms = rows.get_one(Child, case.child_id), (cast.health_team, cast.social_care_team)
    told_of = [tell(rows, child, team, by=cast.coordinator, colour=TriageColour.RED) for team in forms]
    other = make_child(rows, "Bertram", "Elsewhere")
    tell(rows, other, cast.health_team, by=cast.coordinator)
    rows.commit()
    return [one.reference for one in told_of]


def test_the_ledger_of_a_case_holds_what_was_told_of_its_child_from_forms_for_whoever_reads_the_case(
    rows: Session,
    cast: Cast,
    case: Case,
    of_case: list[str],
    from_form: list[str],
    client_for: ClientFor,
) -> None:
    place, (to_health, to_social_care) = f"/told/ledger/{case.reference}", from_form
    health = of_case[-1]
    every = {*of_case, *from_form}
    page = client_for(cast.coordinator).soup(place)
    assert set(listed(page)) == every
    for_all = "whoever was told one, or told it, finds that one here while they read the case"
    for person, is_part in ((cast.coordinator, False), (cast.colleague, False), (cast.governance, True)):
        says = client_for(person).soup(place).select("main")[0].get_text()
        assert for_all in says, person.name
        assert ("this is a part" in says) is is_part, person.name
    assert set(listed(client_for(cast.nurse).soup(place))) == {health, to_health}
    assert listed(client_for(cast.social_worker).soup(place)) == [to_social_care]
    assert listed(client_for(cast.colleague).soup(place)) == [], "works on the case, and was told nothing"
    assert client_for(cast.stranger).get(place).status_code == 404
    assert set(listed(client_for(cast.governance).soup(place))) == set(of_case), (
        "who the child is stays unsaid"
    )
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    assert listed(client_for(cast.nurse).soup(place)) == [health], "does not read the case any more"


def test_whoever_was_told_reads_that_of_the_ledger_of_a_case_and_others_nothing(
    cast: Cast, case: Case, of_case: list[str], client_for: ClientFor
) -> None:
    place, health = f"/told/ledger/{case.reference}", of_case[-1]
    for query in ("", "?colour=green", "?sort=-newest", "?receipt=open"):
        assert listed(client_for(cast.nurse).soup(place + query)) == [health], query
        page = client_for(cast.colleague).soup(place + query)
        assert not [one for one in of_case if one in page.get_text()], query
        assert client_for(cast.stranger).get(place + query).status_code == 404
    tabs = client_for(cast.nurse).soup(place).select("nav[aria-label='Which part of the ledger'] a")
    assert [" ".join(one.get_text(" ").split()) for one in tabs] == [
        "Told, and refused 1",
        "Files that were taken 0",
    ]
    (empty,) = client_for(cast.colleague).soup(place).select(".app-empty")
    assert "once there is something that you may see" in empty.get_text()


def test_a_view_of_the_ledger_of_a_case_is_for_each_case_and_whoever_saved_it(
    rows: Session, cast: Cast, case: Case, of_case: list[str], client_for: ClientFor
) -> None:
    client, place = client_for(cast.coordinator), f"/told/ledger/{case.reference}"
    assert (
        client.submit(f"{place}?receipt=open", {"name": "To ring about"}).location == f"{place}?receipt=open"
    )
    other = make_case(rows, make_child(rows, "Bo"), lead=cast.social_care, opened_by=cast.coordinator)
    elsewhere = f"/told/ledger/{other.reference}"
    link = client.soup(elsewhere).find("a", string=re.compile("To ring about"))
    assert link is not None
    assert str(link["href"]) == f"{elsewhere}?receipt=open"
    assert "To ring about" not in client_for(cast.second_coordinator).soup(place).get_text()
