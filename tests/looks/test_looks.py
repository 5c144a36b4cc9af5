"""Who looked at a case, and what somebody looked at: for those who answer for it, and for nobody else."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.access.permissions import PERMISSIONS
from portal.model import new_id
from portal.queries import listing
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.looks.model import LookReason
from portal.records.people.model import Team, User
from portal.vocabulary import CaseState, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, involve, make_case, make_child
from tests.statements import beside_the_context

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]

WIDE: dict[str, Any] = {"since": "1970-01-01", "until": "9999-01-01", "most": 100}


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """Led by a social worker; police and health are on it. The officer and the nurse have looked."""
    case = make_case(
        rows,
        make_child(rows, "Amy", "Kowalski"),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    return case


def look(client_for: Browser, case: Case, *people: User) -> None:
    for person in people:
        assert client_for(person).get(f"/cases/{case.reference}").status_code == 200


def page(case: Case) -> str:
    return f"/looks/cases/{case.reference}"


def test_whoever_answers_for_a_case_sees_who_looked_and_nobody_else_does(
    cast: Cast, case: Case, client_for: Browser
) -> None:
    look(client_for, case, cast.officer, cast.nurse)
    for person in (cast.social_worker, cast.social_care_manager, cast.governance):
        answer = client_for(person).get(page(case))
        assert answer.status_code == 200, person.name
        for said in ("Ola Officer", "Police", "Nell Nurse", "Opened the case", "A team on the case"):
            assert said in answer.text, (person.name, said)
    for person in (cast.officer, cast.nurse, cast.police_manager, cast.coordinator):
        assert client_for(person).get(page(case)).status_code == 403, person.name
    for person in (cast.colleague, cast.chair):
        assert client_for(person).get(page(case)).status_code == 403, (
            person.name
        )  # on the case, not leading it
    for person in (cast.stranger, cast.neighbour, cast.teacher, cast.community_safety):
        assert client_for(person).get(page(case)).status_code == 404, person.name
    assert client_for(cast.administrator).get(page(case)).status_code in {403, 404}
    assert client_for(None).get(page(case)).status_code in {302, 303, 401}


def test_the_page_of_sharing_leads_those_there_who_may_see_it(
    cast: Cast, case: Case, client_for: Browser
) -> None:
    place = f"/cases/{case.reference}/sharing"
    assert page(case) in client_for(cast.social_worker).get(place).text
    assert page(case) not in client_for(cast.officer).get(place).text


def test_governance_reads_references_and_no_name_of_a_child(
    cast: Cast, case: Case, client_for: Browser
) -> None:
    look(client_for, case, cast.officer)
    client = client_for(cast.governance)
    for place in (page(case), f"/looks/people/{cast.officer.id}"):
        answer = client.get(place)
        assert answer.status_code == 200
        assert case.reference in answer.text
        assert "Kowalski" not in answer.text


def test_governance_finds_a_case_by_its_exact_reference_and_people_by_their_agency(
    cast: Cast, case: Case, client_for: Browser
) -> None:
    client = client_for(cast.governance)
    assert client.get(f"/looks?reference={case.reference.lower()}").headers["Location"].endswith(page(case))
    assert "There is no case with this reference" in client.get("/looks?reference=CRE-2222-2222").text
    listed = client.soup(f"/looks?agency={cast.police.code}").select("#list-page")[0].get_text()
    assert "Ola Officer" in listed
    assert "Nell Nurse" not in listed
    assert "who looked at it</a>" in client.get("/cases").text
    assert f'href="/cases/{case.reference}"' in client.get(page(case)).text


def open_child(rows: Session, client_for: Browser, case: Case, *people: User) -> None:
    reference = rows.get_one(Child, case.child_id).reference
    for person in people:
        assert client_for(person).get(f"/children/{reference}").status_code == 200, person.name


def test_looks_at_the_record_of_the_child_stand_among_those_at_the_case(
    rows: Session, cast: Cast, case: Case, client_for: Browser, asking: Asking
) -> None:
    open_child(rows, client_for, case, cast.officer)
    with asking(cast.nurse) as session:
        session.add(_event(cast.nurse, "return_interview:view", case, case_id=None))
        session.commit()
    for person in (cast.social_worker, cast.social_care_manager, cast.governance):
        said = client_for(person).get(page(case)).text
        assert "Opened the child’s record" in said, person.name
        assert "Ola Officer" in said, person.name
        assert ("Opened or changed a record of the child" in said) is (person is not cast.governance), (
            person.name
        )
    for other in (cast.colleague, cast.nurse, cast.police_manager):
        assert client_for(other).get(page(case)).status_code == 403, other.name
    for other in (cast.stranger, cast.neighbour, cast.community_safety):
        assert client_for(other).get(page(case)).status_code == 404, other.name
    other_case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    assert "Ola Officer" not in client_for(cast.governance).get(page(other_case)).text


def test_a_look_at_the_child_by_somebody_on_a_sealed_case_does_not_give_that_case_away(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    child = rows.get_one(Child, case.child_id)
    case.state = CaseState.CLOSED
    rows.flush()
    held = make_case(
        rows, child, lead=cast.health, opened_by=cast.coordinator, sensitivity=Sensitivity.SEALED
    )
    grant(rows, held, cast.stranger, by=cast.coordinator)
    rows.commit()
    open_child(rows, client_for, case, cast.stranger, cast.officer)
    for person in (cast.social_worker, cast.social_care_manager):
        said = client_for(person).get(page(case)).text
        assert "Ola Officer" in said, person.name
        assert cast.stranger.name not in said, person.name
    assert cast.stranger.name in client_for(cast.governance).get(page(case)).text
    held.sensitivity = int(Sensitivity.NORMAL)
    rows.commit()
    assert cast.stranger.name in client_for(cast.social_worker).get(page(case)).text


def test_a_manager_is_led_to_what_their_people_looked_at_and_nobody_else_is(
    cast: Cast, client_for: Browser
) -> None:
    team = client_for(cast.police_manager).get("/work/team").text
    assert 'href="/looks"' in team
    assert 'href="/looks"' not in client_for(cast.coordinator).get("/work/team").text
    assert "Ola Officer" in client_for(cast.police_manager).get("/looks").text
    for person in (cast.officer, cast.stranger, cast.social_worker):
        assert client_for(person).get("/looks").status_code == 403, person.name


def said_why(rows: Session, person: User, *, days: int = 1) -> None:
    at = clock.now() - timedelta(days=days)
    rows.add(LookReason(id=new_id(), user_id=person.id, kind="case", reason="I took over.", said_at=at))
    rows.commit()


def people(found: BeautifulSoup) -> list[str]:
    return [one.get_text() for one in found.select("#list-page tbody th a")]


def test_governance_filters_and_sorts_all_people_and_turns_the_pages(
    rows: Session, cast: Cast, client_for: Browser, monkeypatch: pytest.MonkeyPatch, statements: list[str]
) -> None:
    client = client_for(cast.governance)
    said_why(rows, cast.officer)
    said_why(rows, cast.nurse, days=40)
    rows.get_one(User, cast.teacher.id).active = False
    rows.commit()
    client.soup("/looks")
    statements.clear()
    every = people(client.soup("/looks"))
    assert len(beside_the_context(statements)) <= 8
    assert every == sorted(every, key=str.lower)
    assert {cast.officer.name, cast.teacher.name, cast.stranger.name} <= set(every)
    assert people(client.soup("/looks?sort=-name")) == every[::-1]
    assert people(client.soup("/looks?look=why")) == [cast.officer.name]
    assert people(client.soup("/looks?look=left")) == [cast.teacher.name]
    assert people(client.soup(f"/looks?agency={cast.health.code}")) == [cast.nurse.name]
    assert (
        "Nothing fits these filters" in client.soup(f"/looks?agency={cast.health.code}&look=left").get_text()
    )
    found = client.soup("/looks?sort=agency")
    (head,) = found.select("th[aria-sort]")
    assert (head.get_text(), head["aria-sort"]) == ("Agency", "ascending")
    tabs = [" ".join(one.get_text(" ").split()) for one in found.select("nav[aria-label=Views] a")]
    assert tabs == [f"All {len(every)}", "Said lately why they look at so much 1", "Has left 1"]
    monkeypatch.setattr(listing.find, "__kwdefaults__", {"limit": 5})
    found, seen = client.soup("/looks"), []
    while True:
        seen += people(found)
        more = found.find("a", rel="next")
        if more is None:
            break
        found = client.soup(str(more["href"]))
    assert seen == every
    assert client.submit("/looks?look=why", {"name": "To look into"}).status_code == 303
    assert "To look into" in client.soup("/looks").get_text()


def test_a_manager_lists_the_people_of_their_teams_alone(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    said_why(rows, cast.nurse)
    said_why(rows, cast.colleague)
    client = client_for(cast.police_manager)
    own = {cast.officer.name, cast.colleague.name, cast.police_manager.name}
    assert set(people(client.soup("/looks"))) == own
    assert people(client.soup("/looks?look=why")) == [cast.colleague.name]
    assert set(people(client.soup(f"/looks?look=left&agency={cast.health.code}"))) == own
    nurses = client_for(cast.social_care_manager).soup("/looks?look=why")
    assert cast.nurse.name not in nurses.get_text()
    rows.get_one(Team, cast.police_team.id).manager_id = None
    rows.commit()
    (empty,) = client.soup("/looks").select(".app-empty")
    assert "An administrator says who manages which team" in empty.get_text()


def test_a_look_at_who_looked_is_on_the_trail_too(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    client_for(cast.governance).get(page(case))
    assert "audit:view" in [
        one.action for one in rows.query(AuditEvent).filter_by(actor_id=cast.governance.id)
    ]
    assert "Gwen Governance" in client_for(cast.social_worker).get(page(case)).text


def test_of_a_record_that_not_everybody_may_know_of_it_says_that_something_was_opened(
    rows: Session, cast: Cast, case: Case, client_for: Browser, asking: Asking
) -> None:
    with asking(cast.officer) as session:
        session.add(_event(cast.officer, "intelligence:view", case))
        session.add(_event(cast.officer, "minutes:closed_view", case))
        session.commit()
    for person, hidden in (
        (cast.social_worker, True),
        (cast.social_care_manager, True),
        (cast.governance, False),
    ):
        said = client_for(person).get(page(case)).text
        assert (
            "Opened or changed a record of the case" in said,
            PERMISSIONS["intelligence:view"].sentence in said,
        ) == (
            hidden,
            not hidden,
        )
        assert ("closed view" in said) is not hidden, person.name
    of_officer = client_for(cast.police_manager).get(f"/looks/people/{cast.officer.id}").text
    assert "closed view" not in of_officer


def test_of_a_sealed_case_only_who_is_named_and_leads_sees_it(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    look(client_for, case, cast.officer)
    case.sensitivity = int(Sensitivity.SEALED)
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    rows.commit()
    assert "Ola Officer" in client_for(cast.social_worker).get(page(case)).text
    assert client_for(cast.social_care_manager).get(page(case)).status_code == 404
    assert client_for(cast.governance).get(page(case)).status_code == 200


def test_everybody_sees_what_they_looked_at_themselves_and_only_that(
    cast: Cast, case: Case, client_for: Browser
) -> None:
    look(client_for, case, cast.officer, cast.nurse)
    said = client_for(cast.officer).get("/looks/mine").text
    assert case.reference in said
    assert "Opened the case" in said
    assert case.reference not in client_for(cast.stranger).get("/looks/mine").text


def test_what_somebody_looked_at_is_for_the_manager_of_their_team_and_governance(
    cast: Cast, case: Case, client_for: Browser
) -> None:
    look(client_for, case, cast.officer)
    place = f"/looks/people/{cast.officer.id}"
    for person in (cast.police_manager, cast.governance):
        assert case.reference in client_for(person).get(place).text, person.name
    assert client_for(cast.social_care_manager).get(place).status_code == 404
    for person in (cast.colleague, cast.stranger, cast.coordinator, cast.nurse, cast.administrator):
        assert client_for(person).get(place).status_code == 403, person.name
    assert client_for(cast.police_manager).get(f"/looks/people/{cast.neighbour.id}").status_code == 404
    assert client_for(cast.governance).get(f"/looks/people/{UUID(int=7)}").status_code == 404


def test_a_manager_is_not_shown_what_they_may_not_know_of(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    grant(rows, case, cast.officer, by=cast.coordinator)
    rows.commit()
    look(client_for, case, cast.officer)
    place = f"/looks/people/{cast.officer.id}"
    said = client_for(cast.police_manager).get(place).text
    assert "Opened the case" not in said
    assert case.reference not in said
    assert case.reference in client_for(cast.governance).get(place).text


def test_the_days_narrow_it_and_pages_follow_one_another(
    rows: Session, cast: Cast, case: Case, client_for: Browser, asking: Asking
) -> None:
    with asking(cast.officer) as session:
        for _ in range(60):
            session.add(_event(cast.officer, "case:view", case))
        session.commit()
    client, today = client_for(cast.governance), clock.today()
    first = client.get(page(case))
    assert first.text.count("Ola Officer") == 49  # the first row is this look itself
    assert client.get(_after(first.text)).text.count("Ola Officer") == 11
    tomorrow = f"?since-day={today.day}&since-month={today.month}&since-year={today.year + 1}"
    assert "Nothing on these days" in client.get(page(case) + tomorrow).text
    assert client.get(page(case) + "?after=nonsense").status_code in {400, 404}
    assert client.get(page(case) + "?since-day=31&since-month=2&since-year=2026").status_code == 422


def test_the_file_is_on_the_ledger_and_says_what_the_page_says(
    cast: Cast, case: Case, client_for: Browser
) -> None:
    look(client_for, case, cast.officer)
    answer = client_for(cast.social_worker).get(f"{page(case)}/list.csv")
    assert answer.mimetype == "text/csv"
    assert "Ola Officer" in answer.text
    assert client_for(cast.officer).get(f"{page(case)}/list.csv").status_code == 403
    assert client_for(cast.stranger).get(f"{page(case)}/list.csv").status_code == 404
    assert "Who looked" in client_for(cast.social_worker).get(f"/cases/{case.reference}/sharing").text
    person = f"/looks/people/{cast.officer.id}/list.csv"
    assert case.reference in client_for(cast.governance).get(person).text
    assert client_for(cast.nurse).get(person).status_code == 403


@pytest.mark.parametrize(
    "name", ["officer", "colleague", "stranger", "nurse", "coordinator", "administrator"]
)
def test_as_sql_nobody_gets_more(
    cast: Cast, case: Case, client_for: Browser, asking: Asking, name: str
) -> None:
    look(client_for, case, cast.officer)
    with asking(getattr(cast, name)) as session:
        at_case = text("select count(*) from ctx.looks_at_case(:about, :since, :until, :until, :id, :most)")
        of_person = text(
            "select count(*) from ctx.looks_of_person(:about, :since, :until, :until, :id, :most)"
        )
        asked = {**WIDE, "id": UUID(int=0)}
        assert session.scalar(at_case, {**asked, "about": case.id}) == 0
        other = cast.officer if name != "officer" else cast.social_worker
        assert session.scalar(of_person, {**asked, "about": other.id}) == 0


def _event(person: User, action: str, case: Case, **facts: Any) -> AuditEvent:
    values = {"child_id": case.child_id, "case_id": case.id} | facts
    return AuditEvent(
        id=new_id(),
        at=clock.now(),
        actor_id=person.id,
        agency_id=person.agency_id,
        action=action,
        subject_kind="case",
        subject_id=case.id,
        details={},
        **values,
    )


def _after(page: str) -> str:
    found = re.search(r'href="([^"]*after=[^"]*)"', page)
    assert found
    return found[1].replace("&amp;", "&")
