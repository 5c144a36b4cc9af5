"""Search finds what one may see, in any spelling, and says why it fits."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.access import pace
from portal.access.model import AuditEvent, AuditSearch
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildIdentifier, NameKey
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, involve, make_case
from tests.factories.children import known_child, tell
from tests.factories.missing import make_episode

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]


@pytest.fixture
def child(rows: Session, cast: Cast) -> Child:
    return known_child(
        rows,
        "Katarzyna",
        "Inventska",
        by=cast.officer,
        aliases=("Mouse",),
        dob=date(2011, 3, 12),
        nhs_number="9434765919",
    )


@pytest.fixture
def case(rows: Session, cast: Cast, child: Child) -> Case:
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator)
    return case


def seek(client: Client, sought: str) -> BeautifulSoup:
    response = client.submit("/search", {"sought": sought})
    assert response.status_code == 200, response.text[:300]
    return BeautifulSoup(response.text, "html.parser")


def opened(client: Client, reference: str) -> str | None:
    """The address that a reference leads to."""
    response = client.submit("/search", {"sought": reference})
    assert response.status_code in {200, 303}, response.text[:300]
    return response.location


def found(client: Client, sought: str) -> list[str]:
    """The references of the children that were found."""
    rows = seek(client, sought).select("#search-results tbody tr")
    return [row.select_one(".app-reference").get_text() for row in rows]  # type: ignore[union-attr] # each row has one


@pytest.mark.parametrize(
    ("sought", "why"),
    [
        ("Inventska", "Name: Inventska"),
        ("katarzyna inventska", "Name: Katarzyna. Name: Inventska"),
        ("Inventska, Katarzyna", "Name: Inventska. Name: Katarzyna"),
        ("Inv", "A name that begins with Inv"),
        ("kat inv", "A name that begins with Kat. A name that begins with Inv"),
        ("Kasia Inventska", "A name that Kasia is a form of. Name: Inventska"),
        ("Catarzina Inventsky", "A name that sounds like Inventsky"),
        ("mouse", "Also known as Mouse"),
        ("12/3/2011", "Date of birth"),
        ("Inventska 12 March 2011", "Name: Inventska. Date of birth"),
        ("3/12/2011", "Date of birth, day and month the other way round"),
        ("2011-03-12", "Date of birth"),
        ("943 476 5919", "NHS number"),
        ("9434765919", "NHS number"),
        ("Inventska 2011", "Name: Inventska. Born in 2011"),
        ("inv 2011", "A name that begins with Inv. Born in 2011"),
    ],
)
def test_a_child_is_found_in_any_spelling_and_by_number_with_the_reason(
    cast: Cast, client_for: Browser, child: Child, case: Case, sought: str, why: str
) -> None:
    for person in (cast.officer, cast.coordinator):
        page = seek(client_for(person), sought)
        row = page.select_one("#search-results tbody tr")
        assert row is not None, f"{person.name} does not find the child by {sought}"
        assert child.reference in row.get_text()
        reason = row.select_one('[data-label="Why it fits"]')
        assert reason is not None
        assert why in reason.get_text(), reason.get_text()


@pytest.mark.parametrize(
    "sought", ["Another", "Inventska 13/3/2011", "Inventska 2012", "Maria Inventska", "400 000 0004"]
)
def test_what_does_not_fit_is_not_found(
    cast: Cast, client_for: Browser, child: Child, case: Case, sought: str
) -> None:
    response = client_for(cast.officer).submit("/search", {"sought": sought})
    assert child.reference not in response.text


def test_the_reach_of_a_search_is_the_reach_of_the_reader(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case
) -> None:
    for person, sees in (
        (cast.officer, True), (cast.colleague, True), (cast.police_manager, True), (cast.social_worker, True),
        (cast.coordinator, True), (cast.neighbour, False), (cast.nurse, False), (cast.stranger, False),
        (cast.teacher, False),
    ):  # fmt: skip
        for sought in ("Inventska", "Inventska 2011", "12/3/2011", "9434765919", "mouse"):
            assert (child.reference in found(client_for(person), sought)) is sees, (person.name, sought)
        for record in (f"/children/{child.reference}", f"/cases/{case.reference}"):
            led = opened(client_for(person), record.rpartition("/")[2].lower())
            assert led == (record if sees else None), (person.name, record)


def test_a_team_that_left_finds_nothing(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case
) -> None:
    involvement = involve(rows, case, cast.health_team, by=cast.coordinator)
    assert found(client_for(cast.nurse), "Inventska") == [child.reference]
    involvement.ended_at = involvement.started_at
    rows.commit()
    assert found(client_for(cast.nurse), "Inventska") == []


@pytest.mark.parametrize("role", ["governance", "administrator", None])
def test_roles_without_cases_do_not_search(
    cast: Cast, client_for: Browser, child: Child, case: Case, role: str | None
) -> None:
    client = client_for(getattr(cast, role) if role else None)
    for response in (client.get("/search"), client.submit("/search", {"sought": "Inventska"})):
        assert response.status_code in {302, 303, 401, 403}
        assert child.reference not in response.text


def test_whoever_knows_only_who_the_child_is_does_not_find_it_by_an_alias(
    rows: Session, cast: Cast, client_for: Browser, asking: Asking, child: Child, case: Case
) -> None:
    tell(rows, child, cast.school_team, by=cast.coordinator)
    teacher = client_for(cast.teacher)
    assert found(teacher, "Inventska") == [child.reference]
    assert found(teacher, "mouse") == []
    assert "Mouse" not in seek(teacher, "Inventska").get_text()
    with asking(cast.teacher) as session:
        keys = set(session.scalars(select(NameKey.key).where(NameKey.child_id == child.id)))
    assert "t:inventska" in keys
    assert not any("mouse" in key for key in keys)


def test_a_sealed_case_and_its_child_are_found_by_nobody_but_those_named(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    hidden = known_child(rows, "Sealda", "Inventska", by=cast.officer)
    case = make_case(
        rows, hidden, lead=cast.social_care, opened_by=cast.coordinator, sensitivity=Sensitivity.SEALED
    )
    involve(rows, case, cast.police_team, by=cast.coordinator)
    for person in (cast.coordinator, cast.officer, cast.social_worker, cast.stranger):
        client = client_for(person)
        for sought in ("Sealda", hidden.reference, case.reference):
            text = seek(client, sought).get_text()
            assert hidden.given_name not in text.replace(sought, ""), person.name
            assert "Nothing that you may see fits" in text


def test_a_restricted_case_is_found_by_its_reference_and_never_by_a_name(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    guarded = known_child(rows, "Restricta", "Inventska", by=cast.officer)
    case = make_case(
        rows, guarded, lead=cast.social_care, opened_by=cast.coordinator, sensitivity=Sensitivity.RESTRICTED
    )
    involve(rows, case, cast.police_team, by=cast.coordinator)
    officer = client_for(cast.officer)
    assert "Nothing that you may see fits" in seek(officer, "Restricta").get_text()
    led = opened(officer, case.reference)
    assert led == f"/cases/{case.reference}"
    assert "Restricta" not in officer.get(led).text


def test_a_number_of_another_system_finds_the_child(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case
) -> None:
    rows.add(
        ChildIdentifier(
            id=new_id(), child_id=child.id, scheme="police", value="NX 4471", agency_id=cast.police.id
        )
    )
    rows.commit()
    assert found(client_for(cast.officer), "nx 4471") == [child.reference]
    assert found(client_for(cast.stranger), "nx 4471") == []


def test_the_audit_row_holds_what_was_sought_and_the_address_no_name(
    rows: Session, cast: Cast, client_for: Browser, asking: Asking, child: Child, case: Case
) -> None:
    seek(client_for(cast.officer), "Inventska  Katarzyna")
    row = rows.scalars(select(AuditEvent).where(AuditEvent.action == "child:search")).one()
    kept = rows.scalars(select(AuditSearch)).one()
    assert (kept.event_id, kept.actor_id, kept.text) == (row.id, cast.officer.id, "Inventska Katarzyna")
    assert not {"Inventska", "Katarzyna"} & set(str(row.details).split()), "the row itself names nobody"
    assert row.details["shown"] == [str(child.id)]
    assert row.address == "/search"
    for person, reads in (
        (cast.governance, 1),
        (cast.officer, 1),
        (cast.colleague, 0),
        (cast.coordinator, 0),
    ):
        with asking(person) as session:
            seen = session.scalars(select(AuditEvent.id).where(AuditEvent.action == "child:search")).all()
            assert len(seen) == reads, f"{person.name} must not learn what others search for"
            texts = session.scalars(select(AuditSearch.text)).all()
            assert len(texts) == (person is cast.governance), f"{person.name} reads what was typed"


def test_a_search_by_get_finds_nothing(cast: Cast, client_for: Browser, child: Child, case: Case) -> None:
    page = client_for(cast.officer).get("/search?sought=Inventska")
    assert child.reference not in page.text, "names never stand in an address"


@pytest.mark.parametrize(
    ("sought", "message"),
    [
        ("", "Type what you are looking for"),
        ("k", "Type at least 2 letters"),
        ("943 476 5910", "Check the NHS number"),
    ],
)
def test_too_little_or_a_wrong_number_is_said_beside_the_box(
    cast: Cast, client_for: Browser, sought: str, message: str
) -> None:
    response = client_for(cast.officer).submit("/search", {"sought": sought})
    assert response.status_code == 422
    page = BeautifulSoup(response.text, "html.parser")
    box = page.select_one("#sought")
    assert box is not None
    assert (box.get("value") or "") == sought, "what was typed stays"
    assert message in page.select_one(".govuk-error-summary").get_text()  # type: ignore[union-attr] # the page has one


def test_a_reader_of_many_children_searches_from_the_keys(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.pages.search.reading.FEW", 0)
    for sought in (
        *("Inventska", "Inv", "Katarzyna Inventska", "kat inv", "mouse", "Kasia Inventska"),
        *("Inventska 2011", "inv 2011", "Inventsky 2011", "kat inv 2011", "Inventska mouse"),
    ):
        assert found(client_for(cast.officer), sought) == [child.reference], sought
        assert found(client_for(cast.stranger), sought) == [], sought


def test_a_fragment_is_the_same_search(cast: Cast, client_for: Browser, child: Child, case: Case) -> None:
    headers = {"HX-Request": "true", "HX-Target": "main#main-content"}
    ours = client_for(cast.officer).submit("/search", {"sought": "Inventska"}, headers=headers)
    theirs = client_for(cast.stranger).submit("/search", {"sought": "Inventska"}, headers=headers)
    assert child.reference in ours.text
    assert "<html" not in ours.text
    assert child.reference not in theirs.text


def episodes_found(client: Client, sought: str) -> list[str]:
    """The references of the missing episodes that were found."""
    pace._pace.seen.clear()  # nobody searches so fast; how fast one may is tested elsewhere
    page = seek(client, sought)
    return [one.get_text() for one in page.select("section[aria-labelledby=found-episodes] .app-reference")]


@pytest.mark.parametrize("typed", ["PC-1801/26", "pc 1801/26", " Pc1801/26", "PC–18 01/26"])
def test_the_reference_of_the_police_finds_the_missing_episode_however_it_is_typed(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case, typed: str
) -> None:
    episode = make_episode(rows, child, cast.officer, team=cast.police_team, police_reference="PC-1801/26")
    for person in (cast.officer, cast.neighbour, cast.social_worker, cast.coordinator):
        assert episodes_found(client_for(person), typed) == [episode.reference], person.name
        assert episodes_found(client_for(person), typed.replace("26", "27")) == []
    for person in (cast.stranger, cast.nurse, cast.teacher, cast.community_safety):
        client = client_for(person)
        assert episodes_found(client, typed) == [], person.name
        assert "Nothing that you may see fits" in seek(client, typed).get_text()


def test_of_a_child_held_closely_it_finds_it_for_those_alone_who_read_the_episode(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case
) -> None:
    episode = make_episode(
        rows, child, cast.officer, team=cast.police_team, police_reference="PC-1801", reported_name="Kat I"
    )
    for person in (cast.social_worker, cast.coordinator):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    for person in (cast.colleague, cast.social_worker, cast.coordinator):
        assert episodes_found(client_for(person), "PC-1801") == [episode.reference], person.name
    for person in (cast.neighbour, cast.social_care_manager, cast.second_coordinator, cast.stranger):
        assert episodes_found(client_for(person), "PC-1801") == [], person.name
    told = seek(client_for(cast.colleague), "PC-1801").get_text(" ", strip=True)
    assert "Kat I, missing from" in told
    assert "Inventska" not in told, "whoever recorded it learns no other name"


def test_it_is_found_by_its_index(rows: Session) -> None:
    body = rows.scalar(text("select prosrc from pg_proc where proname = 'episodes_of_police'"))
    asked = str(body).replace("p_typed", "'PC-1801'")
    rows.execute(text("set local role portal_scope"))
    rows.execute(text("set local enable_seqscan = off"))  # as the function does
    plan = "\n".join(rows.connection().exec_driver_sql(f"explain {asked}").scalars())
    assert "ix_missing_episode_police" in plan
    assert "Seq Scan on missing_episode" not in plan
