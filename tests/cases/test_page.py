"""The page of a case: what it shows, to whom, and what each look leaves on record."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.deadlines.model import Deadline
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildStatement, ChildStatus
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import User
from portal.vocabulary import CaseState, Sensitivity
from portal.web.filters import brief_day
from tests.cases.pages import attribute, words
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_alert, add_entry, grant, involve, make_case, make_child
from tests.factories.children import say

ClientFor = Callable[[User | None], Client]

BUDGET = 8
"""Statements of a list or a case, beside context, session, touch and audit."""


def test_a_case_is_seen_at_a_glance(rows: Session, cast: Cast, case: Case, client_for: ClientFor) -> None:
    case.level, case.level_since = "high", date(2026, 11, 2)
    rows.add(
        ChildStatus(
            id=new_id(),
            child_id=case.child_id,
            status="cp",
            starts_on=date(2026, 9, 1),
            agency_id=cast.social_care.id,
            created_at=clock.now(),
        )
    )
    rows.commit()
    add_alert(rows, case, cast.social_worker)
    add_entry(rows, case, cast.nurse, "Seen at the walk-in clinic")
    page = client_for(cast.officer).soup(f"/cases/{case.reference}")
    text = page.get_text(" ", strip=True)
    for shown in (
        "Ada Fictional",
        case.reference,
        "High since 2 November 2026",
        "Child protection plan",
        "Finish the risk assessment",
        "County social care",
        "Wanda Worker",
        "01632 960001",
        "Do not contact the family",
        "Ring Wanda before any call",
        "Seen at the walk-in clinic",
        "OFFICIAL-SENSITIVE",
    ):
        assert shown in text, f"show {shown!r}"


def test_a_case_without_a_level_says_that_it_is_not_yet_assessed(
    cast: Cast, case: Case, client_for: ClientFor
) -> None:
    page = client_for(cast.officer).soup(f"/cases/{case.reference}")
    assert "Not assessed" in words(page, ".app-identity")


@pytest.mark.parametrize(
    ("who", "sensitivity", "status"),
    [
        ("officer", Sensitivity.NORMAL, 200),
        ("colleague", Sensitivity.NORMAL, 200),
        ("police_manager", Sensitivity.NORMAL, 200),
        ("nurse", Sensitivity.NORMAL, 200),
        ("coordinator", Sensitivity.NORMAL, 200),
        ("neighbour", Sensitivity.NORMAL, 404),
        ("stranger", Sensitivity.NORMAL, 404),
        ("teacher", Sensitivity.NORMAL, 404),
        ("administrator", Sensitivity.NORMAL, 403),
        ("stranger", Sensitivity.RESTRICTED, 404),
        ("officer", Sensitivity.SEALED, 404),
        ("coordinator", Sensitivity.SEALED, 404),
    ],
)
def test_whoever_reaches_a_case_sees_it_and_nobody_else_learns_of_it(
    rows: Session,
    cast: Cast,
    case: Case,
    client_for: ClientFor,
    who: str,
    sensitivity: Sensitivity,
    status: int,
) -> None:
    case.sensitivity = int(sensitivity)
    rows.commit()
    client = client_for(getattr(cast, who))
    parts = ("", "/print", "/sharing", "/files", "/meetings", "/manage", "/network", "/told", "/level")
    for address in (f"/cases/{case.reference}{part}" for part in parts):
        assert client.get(address).status_code == status, address
        fragment = client.get(address, headers={"HX-Request": "true", "HX-Target": "div#case-entries"})
        assert fragment.status_code == status, f"the fragment of {address}"


def test_a_stranger_gets_the_answer_of_a_case_that_does_not_exist_and_leaves_the_address(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.stranger)
    hidden = client.get(f"/cases/{case.reference}?before=x")
    missing = client.get("/cases/CRE-0000-0000?before=x")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert without_reference(hidden.text) == without_reference(missing.text)
    refused = rows.scalars(select(AuditEvent).where(AuditEvent.action == "access:refused")).all()
    assert {(event.actor_id, event.address) for event in refused} == {
        (cast.stranger.id, f"/cases/{case.reference}?before=x"),
        (cast.stranger.id, "/cases/CRE-0000-0000?before=x"),
    }
    assert all(event.case_id is None for event in refused), "the trail says what was asked, not what it was"


def without_reference(html: str) -> str:
    """An error page without what is random on it."""
    html = re.sub(r'app-reference">[^<]*<', "><", html)
    html = re.sub(r'value="[^"]*"', "", html)
    html = re.sub(r'data-clock="[^"]*"', "", html)  # a second may end between two answers
    return re.sub(r"(data-token|hx-headers:inherited)=(\"[^\"]*\"|'[^']*')", "", html)


@pytest.mark.parametrize("who", ["officer", "police_manager", "governance"])
def test_a_restricted_case_is_a_notice_to_its_teams_and_to_governance(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, who: str
) -> None:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    client = client_for(getattr(cast, who))
    page = client.soup(f"/cases/{case.reference}").get_text(" ", strip=True)
    assert "not what is in it" in page
    assert "County social care" in page
    assert "Fictional" not in page, "a notice never names the child"
    assert client.get(f"/cases/{case.reference}/print").status_code == 403
    event = rows.scalars(select(AuditEvent).where(AuditEvent.action == "case:notice")).one()
    assert (event.case_id, event.child_id) == (case.id, None)


def test_someone_who_worked_on_it_before_sees_nothing(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    involve(
        rows,
        case,
        cast.council_team,
        by=cast.coordinator,
        since=clock.now() - timedelta(days=9),
        until=clock.now() - timedelta(days=1),
    )
    assert client_for(cast.community_safety).get(f"/cases/{case.reference}").status_code == 404


@pytest.mark.parametrize(
    ("who", "ground"),
    [("coordinator", "hub"), ("officer", "team"), ("police_manager", "team"), ("nurse", "team")],
)
def test_every_look_is_on_record_with_its_ground(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, who: str, ground: str
) -> None:
    person = getattr(cast, who)
    client_for(person).soup(f"/cases/{case.reference}")
    client_for(person).soup(f"/cases/{case.reference}/print")
    events = rows.scalars(select(AuditEvent).order_by(AuditEvent.at)).all()
    assert [event.action for event in events] == ["case:view", "case:print"]
    assert {(e.actor_id, e.case_id, e.child_id, e.ground) for e in events} == {
        (person.id, case.id, case.child_id, ground)
    }


def test_a_named_person_reaches_by_name(rows: Session, cast: Cast, case: Case, client_for: ClientFor) -> None:
    grant(rows, case, cast.teacher, by=cast.coordinator)
    client_for(cast.teacher).soup(f"/cases/{case.reference}")
    assert rows.scalars(select(AuditEvent.ground)).one() == "named"


@pytest.mark.parametrize(
    ("handling", "who", "shown"),
    [
        (Handling.NETWORK, "nurse", True),
        (Handling.AGENCIES, "nurse", False),
        (Handling.AGENCIES, "social_worker", True),
        (Handling.OWN, "colleague", True),
        (Handling.OWN, "coordinator", False),
    ],
)
def test_an_entry_shows_to_those_whom_its_handling_names_on_page_and_print(
    rows: Session,
    cast: Cast,
    case: Case,
    client_for: ClientFor,
    handling: Handling,
    who: str,
    shown: bool,
) -> None:
    add_entry(rows, case, cast.officer, "WORDS OF AN ENTRY", handling=handling, listed=(cast.social_care.id,))
    client = client_for(getattr(cast, who))
    for address in (f"/cases/{case.reference}", f"/cases/{case.reference}/print"):
        assert ("WORDS OF AN ENTRY" in client.get(address).text) is shown


def test_the_newest_entries_stand_on_the_overview_and_each_has_a_page_of_its_own(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    for number in range(9):
        by = cast.nurse if number % 2 else cast.officer
        entry = add_entry(rows, case, by, f"Entry number {number}.")
        entry.happened_at = clock.now() - timedelta(days=number)
        if number == 7:
            entry.critical_moment = "Found with a weapon"
    rows.commit()
    client = client_for(cast.officer)
    page = client.soup(f"/cases/{case.reference}")
    assert [f"Entry number {n}." in page.get_text() for n in range(9)] == [True] * 6 + [False] * 3
    own = client.soup(attribute(page, ".app-latest a", "href"))
    assert "Entry number 0." in own.get_text()
    assert "Everyone working on this case" in own.get_text()
    fragment = {"HX-Request": "true", "HX-Target": "div#case-entries"}
    critical = client.get(f"/cases/{case.reference}?only=critical", headers=fragment).text
    assert "<html" not in critical
    assert "Entry number 7." in critical
    assert "Entry number 0." not in critical
    health = client.get(f"/cases/{case.reference}?only=health", headers=fragment).text
    assert "Entry number 1." in health
    assert "Entry number 0." not in health


def test_an_entry_that_one_may_not_read_has_no_page(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    entry = add_entry(rows, case, cast.nurse, "For health alone", handling=Handling.OWN)
    rows.commit()
    address = f"/cases/{case.reference}/entries/{entry.id}"
    assert client_for(cast.nurse).get(address).status_code == 200
    for who in (cast.officer, cast.colleague, cast.stranger, cast.teacher):
        assert client_for(who).get(address).status_code == 404
    other = make_case(rows, make_child(rows), lead=cast.health, opened_by=cast.coordinator)
    involve(rows, other, cast.health_team, by=cast.coordinator)
    assert client_for(cast.nurse).get(f"/cases/{other.reference}/entries/{entry.id}").status_code == 404


def test_a_do_not_disclose_address_is_on_no_print(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    rows.add(
        ChildStatement(
            id=new_id(),
            child_id=case.child_id,
            agency_id=cast.social_care.id,
            author_id=cast.social_worker.id,
            kind="home",
            value="1 Hidden Street",
            do_not_disclose=True,
            named_agencies=[],
            created_at=clock.now(),
        )
    )
    rows.commit()
    for address in (f"/cases/{case.reference}", f"/cases/{case.reference}/print"):
        assert "Hidden Street" not in client_for(cast.social_worker).get(address).text


def test_the_overview_says_how_to_reach_the_child_and_who_added_something_last(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    child = rows.get_one(Child, case.child_id)
    said = say(rows, child, cast.social_worker, "07700 900202", kind="phone", code="own")
    say(rows, child, cast.social_worker, "07700 900999", kind="phone", code="carer")
    add_entry(rows, case, cast.officer, "Seen at school")
    for person in (cast.social_worker, cast.officer):
        page = client_for(person).soup(f"/cases/{case.reference}")
        assert "07700 900202" in words(page)
        assert "07700 900999" not in words(page)
        rows_shown = [row.get_text(" ") for row in page.select("section[aria-labelledby=network] tr")]
        assert [brief_day(clock.now()) in one for one in rows_shown if cast.officer.name in one] == [True]
    assert "07700 900202" not in client_for(cast.officer).get(f"/cases/{case.reference}/print").text
    said.do_not_disclose = True
    rows.commit()
    for person in (cast.social_worker, cast.officer):
        assert "07700 900202" not in client_for(person).get(f"/cases/{case.reference}").text


def test_an_entry_that_one_may_not_read_is_nobodys_last(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    add_entry(rows, case, cast.officer, "For us", handling=Handling.OWN)
    day = brief_day(clock.now())
    for person, reads in ((cast.officer, True), (cast.social_worker, False)):
        page = client_for(person).soup(f"/cases/{case.reference}")
        last = [one.get_text() for one in page.select("section[aria-labelledby=network] time")]
        assert (day in last) == reads, person.name


def test_a_print_carries_alerts_and_marking(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    add_alert(rows, case, cast.social_worker)
    page = client_for(cast.officer).soup(f"/cases/{case.reference}/print")
    assert page.select_one(".app-alerts")
    assert "OFFICIAL-SENSITIVE" in page.get_text()
    assert "Ola Officer" in words(page, ".app-print-only")


def test_overdue_is_said_in_words(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    rows.scalars(select(Deadline)).one().due_at = clock.now() - timedelta(days=1)
    rows.commit()
    client = client_for(cast.coordinator)
    assert "1 day late" in words(client.soup(f"/cases/{case.reference}"), "[aria-labelledby=owed]")
    assert ", late" in words(client.soup("/cases"), "tr.app-queue__row--overdue")


def statements_of(client: Client, address: str) -> list[str]:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    furniture = ("set_config", "ctx.arrive", "ctx.touch_session", "INSERT INTO audit_event")
    return [one for one in found if not any(word in one for word in furniture)]


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/cases", BUDGET),
        ("/cases?whose=mine", BUDGET),
        ("/cases/{}", BUDGET + 1),  # it says what changed, which is then seen
        ("/cases/{}/print", BUDGET),
    ],
)
def test_pages_keep_to_their_statements_however_much_there_is(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, address: str, most: int
) -> None:
    for number in range(6):
        add_entry(rows, case, cast.officer, f"Entry {number}")
        add_alert(rows, case, cast.social_worker)
        other = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
        involve(rows, other, cast.police_team, by=cast.coordinator, worker=cast.officer)
    client = client_for(cast.officer)
    client.get("/cases")
    found = statements_of(client, address.format(case.reference))
    assert len(found) <= most, "\n".join(found)


def test_the_list_is_on_record_and_shows_restricted_cases_as_notices(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    child = rows.get_one(Child, case.child_id)
    child.given_name = "Onlyhere"
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    page = client_for(cast.officer).soup(f"/cases?whose={cast.police_team.id}")
    assert case.reference in page.get_text()
    assert "Onlyhere" not in page.get_text()
    event = rows.scalars(select(AuditEvent)).one()
    assert (event.action, event.ground) == ("case:list", "team")


def test_a_list_has_pages_and_comes_as_a_fragment(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    for _ in range(51):
        make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    client = client_for(cast.coordinator)
    page = client.soup("/cases")
    assert len(page.select("tbody tr")) == 50
    following = client.get(
        attribute(page, "a[rel=next]", "href"), headers={"HX-Request": "true", "HX-Target": "div#case-list"}
    )
    assert "<html" not in following.text
    assert following.text.count('scope="row"') == 1


def test_governance_is_told_how_to_find_a_notice(cast: Cast, client_for: ClientFor) -> None:
    assert "exact reference" in client_for(cast.governance).soup("/cases").get_text()


def test_closed_cases_are_read_but_listed_apart(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    case = make_case(
        rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator, state=CaseState.CLOSED
    )
    client = client_for(cast.coordinator)
    assert case.reference not in client.soup("/cases").get_text()
    assert case.reference in client.soup("/cases?show=closed").get_text()


def test_a_birth_date_is_written_in_the_same_way_on_every_part(
    cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    assert "4 May 2012, aged " in client.get(f"/cases/{case.reference}/manage").text
    assert "born 4 May 2012" in client.get(f"/cases/{case.reference}").text
