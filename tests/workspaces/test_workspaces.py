"""Each sector has its own workspace, closed to the others, that shows its own work and nobody else's."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.disclosures.model import Disclosure
from portal.records.people.model import User
from portal.records.requests.model import InformationRequest
from portal.vocabulary import Role, Sensitivity, TriageColour
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.factories.children import ask, propose, tell
from tests.factories.people import make_user
from tests.statements import beside_the_context

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]

OWN = {
    "/police": ("officer", "colleague", "neighbour", "police_manager"),
    "/social-care": ("social_worker", "social_care_manager", "chair"),
    "/health": ("nurse",),
    "/council": ("community_safety", "stranger"),
}
EVERYBODY = (
    *(name for people in OWN.values() for name in people),
    *("coordinator", "teacher", "governance", "administrator"),
)
FRAGMENT = {"HX-Request": "true", "HX-Target": "div#case-list"}


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    child = make_child(rows, "Ada", "Fictional")
    case = make_case(
        rows, child, lead=cast.social_care, opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )  # fmt: skip
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


@pytest.mark.parametrize("address", OWN)
@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "fragment"])
def test_a_workspace_is_open_to_its_own_sector_and_closed_to_every_other(
    cast: Cast, client_for: Browser, case: Case, address: str, name: str, headers: dict[str, str]
) -> None:
    response = client_for(getattr(cast, name)).get(address, headers=headers)
    assert response.status_code == (200 if name in OWN[address] else 403), response.text[:200]
    if response.status_code == 403:
        assert case.reference not in response.text


@pytest.mark.parametrize("address", [*OWN, "/home", "/told"])
def test_nobody_who_is_not_signed_in_sees_a_workspace(app: object, client_for: Browser, address: str) -> None:
    assert client_for(None).get(address).status_code in {302, 303, 401}


@pytest.mark.parametrize(
    ("name", "lands"),
    [
        ("officer", "/police"),
        ("social_worker", "/social-care"),
        ("nurse", "/health"),
        ("community_safety", "/council"),
    ],
)
def test_home_leads_to_ones_own_workspace(cast: Cast, client_for: Browser, name: str, lands: str) -> None:
    response = client_for(getattr(cast, name)).get("/home")
    assert response.status_code == 303
    assert response.location == lands


def test_a_sector_without_a_workspace_has_the_shared_home(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    child = make_child(rows, "Schoola", "Fictional")
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.school_team, by=cast.coordinator)
    page = client_for(cast.teacher).soup("/home?whose=" + str(cast.school_team.id))
    assert case.reference in str(page)


@pytest.mark.parametrize("name", ["governance", "administrator"])
def test_roles_without_cases_land_on_their_own_links(
    cast: Cast, client_for: Browser, case: Case, name: str
) -> None:
    page = client_for(getattr(cast, name)).soup("/home").get_text()
    assert "does not see cases" in page
    assert case.reference not in page


def references(client: Client, address: str) -> str:
    return str(client.soup(address).select_one("#case-list"))


def test_mine_my_teams_and_my_agencys_are_three_lists(cast: Cast, client_for: Browser, case: Case) -> None:
    team = f"/police?whose={cast.police_team.id}"
    officer, colleague, manager = (
        client_for(cast.officer), client_for(cast.colleague), client_for(cast.police_manager)
    )  # fmt: skip
    assert case.reference in references(officer, "/police"), "the named worker finds it among mine"
    assert case.reference in references(officer, team)
    assert case.reference not in references(colleague, "/police")
    assert case.reference in references(colleague, team)
    assert case.reference in references(manager, "/police?whose=agency")
    assert case.reference not in references(colleague, "/police?whose=agency"), "only a manager reads that"
    neighbour = client_for(cast.neighbour)
    assert case.reference not in references(neighbour, team), "another team's list is not mine"
    assert case.reference not in references(client_for(cast.stranger), "/council")


def test_a_restricted_case_stands_there_by_its_reference_alone(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    child = make_child(rows, "Restricta", "Fictional")
    case = make_case(
        rows, child, lead=cast.social_care, opened_by=cast.coordinator, sensitivity=Sensitivity.RESTRICTED
    )
    involve(rows, case, cast.police_team, by=cast.coordinator)
    page = client_for(cast.colleague).soup(f"/police?whose={cast.police_team.id}").get_text()
    assert case.reference in page
    assert "Restricta" not in page


@pytest.fixture
def told(rows: Session, cast: Cast) -> list[Disclosure]:
    """An amber and then a red telling to the health team, and one to the council."""
    child = make_child(rows, "Toldia", "Fictional")
    other = make_child(rows, "Otheria", "Fictional")
    return [
        tell(rows, child, cast.health_team, by=cast.coordinator),
        tell(rows, child, cast.health_team, by=cast.coordinator, colour=TriageColour.RED),
        tell(rows, other, cast.council_team, by=cast.coordinator),
    ]


def test_what_was_told_and_not_confirmed_stands_there_what_runs_out_first_above(
    rows: Session, cast: Cast, client_for: Browser, told: list[Disclosure]
) -> None:
    for duty in rows.scalars(select(Deadline).filter_by(disclosure_id=told[1].id)):
        duty.due_at -= timedelta(hours=1)  # what is red is confirmed sooner
    rows.commit()
    page = client_for(cast.nurse).soup("/health")
    shown = [one.get_text() for one in page.select("#told-list .app-reference")]
    assert shown == [told[1].reference, told[0].reference]
    assert "Toldia" not in page.select_one("#told-list").get_text()  # type: ignore[union-attr] # the page has one


def test_what_is_to_be_confirmed_late_is_counted_as_overdue_as_on_the_list_of_work(
    rows: Session, cast: Cast, client_for: Browser, told: list[Disclosure]
) -> None:
    for one, by in ((told[0], timedelta(days=3)), (told[1], timedelta(hours=-10))):
        duty = rows.scalars(select(Deadline).filter_by(disclosure_id=one.id)).one()
        duty.due_at = clock.now() + by
    rows.commit()
    nurse = client_for(cast.nurse)
    page = nurse.soup("/health")
    (overdue,) = (one for one in page.select(".app-counts a") if "overdue" in one.get_text())
    assert (overdue.get_text(strip=True), overdue["href"]) == ("1overdue", "#told")
    assert len(page.select("#told-list .app-late")) == 1
    assert "Nothing else is due in the next four working days" in page.get_text()
    assert len(nurse.soup("/work?when=overdue&whose=all").select("tbody tr")) == 1


def test_one_click_confirms_receipt_and_a_second_changes_nothing(
    rows: Session, cast: Cast, client_for: Browser, told: list[Disclosure]
) -> None:
    nurse = client_for(cast.nurse)
    address = f"/told/{told[1].reference}/confirm"
    response = nurse.submit(address, {"back": "home"})
    assert (response.status_code, response.location) == (303, "/health")
    rows.expire_all()
    first = rows.get_one(Disclosure, told[1].id)
    moment = first.confirmed_at
    assert moment is not None
    assert first.confirmed_by == cast.nurse.id
    nurse.submit(address)
    rows.expire_all()
    assert rows.get_one(Disclosure, told[1].id).confirmed_at == moment
    assert told[1].reference not in str(nurse.soup("/health").select_one("#told-list"))
    assert told[1].reference not in nurse.soup("/told").get_text()
    assert told[1].reference in nurse.soup("/told?show=confirmed").get_text()
    assert len(nurse.soup("/health").select("#told-list li")) == 1, "the duty ended with it"


def test_confirming_in_the_list_answers_with_the_fresh_list(
    cast: Cast, client_for: Browser, told: list[Disclosure]
) -> None:
    response = client_for(cast.nurse).submit(
        f"/told/{told[0].reference}/confirm",
        {"back": "list"},
        headers={"HX-Request": "true", "HX-Target": "div#list-page"},
    )
    assert response.status_code == 200
    assert "<html" not in response.text
    assert told[1].reference in response.text
    assert "confirmed" in response.text, "the live region says so"


@pytest.mark.parametrize(
    ("name", "sees", "confirms"),
    [
        ("nurse", 200, 303),
        ("coordinator", 200, 403),
        ("governance", 200, 403),
        ("community_safety", 404, 404),
        ("officer", 404, 404),
        ("stranger", 404, 404),
        ("teacher", 404, 404),
        ("administrator", 403, 403),
    ],
)
def test_who_reads_a_telling_and_who_confirms_it(
    cast: Cast, client_for: Browser, told: list[Disclosure], name: str, sees: int, confirms: int
) -> None:
    client = client_for(getattr(cast, name))
    response = client.get(f"/told/{told[0].reference}")
    assert response.status_code == sees
    assert ("should know" in response.text) is (name in {"nurse", "coordinator"}), "the text is for few"
    assert ("Toldia" in response.text) is (name in {"nurse", "coordinator"})
    assert client.submit(f"/told/{told[0].reference}/confirm").status_code == confirms


def test_a_colleague_of_the_team_and_the_manager_confirm_too(
    rows: Session, cast: Cast, client_for: Browser, told: list[Disclosure]
) -> None:
    manager = make_user(rows, cast.health, "Meg Manager", Role.MANAGER, teams=(cast.health_team,))
    assert client_for(manager).submit(f"/told/{told[0].reference}/confirm").status_code == 303


def test_governance_reads_the_ledger_without_names_or_texts(
    cast: Cast, client_for: Browser, told: list[Disclosure]
) -> None:
    page = client_for(cast.governance).soup("/told").get_text()
    assert all(one.reference in page for one in told)
    assert "Toldia" not in page
    assert "should know" not in page


def test_the_ledger_of_a_case_is_for_those_who_see_the_case(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    child = rows.get_one(Child, case.child_id)
    telling = tell(rows, child, cast.health_team, by=cast.coordinator, case=case)
    address = f"/told/ledger/{case.reference}"
    assert telling.reference in client_for(cast.coordinator).soup(address).get_text()
    assert telling.reference not in client_for(cast.officer).soup(address).get_text(), (
        "a telling is for giver, receiver and coordinators"
    )
    assert client_for(cast.stranger).get(address).status_code == 404
    part, files = "This is a part of it", "those that people of your agency took"
    for person, said in (
        (cast.officer, {part}), (cast.social_care_manager, {part, files}), (cast.coordinator, set()),
        (cast.governance, set()),
    ):  # fmt: skip
        shown = client_for(person).soup(address).get_text()
        assert {one for one in (part, files) if one in shown} == said, person.name
    seen_by_governance = client_for(cast.governance).soup(address).get_text()
    assert telling.reference in seen_by_governance
    assert child.family_name not in seen_by_governance


def owe_an_answer(rows: Session, asked: InformationRequest, due: datetime) -> Deadline:
    """The duty that the service opens with a question."""
    duty = Deadline(
        id=new_id(),
        kind=DeadlineKind.INFORMATION_REQUEST,
        subject_kind="information_request",
        subject_id=asked.id,
        request_id=asked.id,
        owner_team_id=asked.asked_team_id,
        started_at=clock.now(),
        due_at=due,
        original_due_at=due,
        state=DeadlineState.OPEN,
        policy_version="2026-11-01",
        source="clocks.information_request",
        confirmed=False,
    )
    rows.add(duty)
    rows.commit()
    return duty


def test_what_is_asked_of_the_team_is_shown_until_it_is_answered(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    child = make_child(rows, "Askia", "Fictional")
    other_case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    asked = ask(
        rows, child, cast.health_team, by=cast.coordinator, case=other_case, question="Has she been seen?"
    )
    duty = owe_an_answer(rows, asked, clock.now() + timedelta(days=1))
    nurse = client_for(cast.nurse)
    assert asked.reference in str(nurse.soup("/health").select_one("[aria-labelledby=due]"))
    for name in ("officer", "stranger", "teacher"):
        text = client_for(getattr(cast, name)).get("/home", follow_redirects=True).text
        assert asked.reference not in text, name
    duty.state = DeadlineState.DONE
    rows.get_one(InformationRequest, asked.id).answered_at = clock.now()
    rows.commit()
    assert asked.reference not in str(nurse.soup("/health").select_one("[aria-labelledby=due]"))


def test_what_is_overdue_is_said_in_words(rows: Session, cast: Cast, client_for: Browser) -> None:
    child = make_child(rows, "Latia", "Fictional")
    asked = ask(rows, child, cast.health_team, by=cast.coordinator)
    owe_an_answer(rows, asked, clock.now() - timedelta(hours=3))
    page = client_for(cast.nurse).soup("/health")
    assert "Overdue, highest level first (1)" in page.get_text()
    assert "3 hours late" in page.get_text()


def test_the_lead_professional_is_shown_corrections_to_decide(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    propose(rows, rows.get_one(Child, case.child_id), by=cast.officer)
    assert "Corrections to decide" in client_for(cast.social_worker).soup("/social-care").get_text()
    assert "Corrections to decide" not in client_for(cast.officer).soup("/police").get_text()


def test_a_look_at_a_workspace_leaves_an_audit_row(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    client_for(cast.officer).soup("/police")
    row = rows.scalars(select(AuditEvent).where(AuditEvent.action == "workspace:view")).one()
    assert (row.actor_id, row.route) == (cast.officer.id, "police.index")


def test_a_workspace_asks_the_database_at_most_eight_times(
    rows: Session, cast: Cast, client_for: Browser, case: Case, told: list[Disclosure], statements: list[str]
) -> None:
    client = client_for(cast.officer)
    client.soup("/police")
    statements.clear()
    client.soup("/police")
    counted = beside_the_context(statements)
    assert len(counted) <= 8, counted


def test_what_was_withdrawn_is_gone_for_its_receiver_and_stays_on_the_ledger(
    rows: Session, cast: Cast, client_for: Browser, told: list[Disclosure], asking: Asking
) -> None:
    child = rows.scalars(select(Child).where(Child.given_name == "Toldia")).one()
    nurse = client_for(cast.nurse)
    assert nurse.get(f"/children/{child.reference}").status_code == 200
    for one in told[:2]:
        rows.get_one(Disclosure, one.id).withdrawn_at = clock.now()
    rows.commit()
    assert nurse.get(f"/told/{told[0].reference}").status_code == 404
    assert nurse.get(f"/children/{child.reference}").status_code == 404
    assert told[0].reference not in nurse.soup("/health").get_text()
    with asking(cast.nurse) as session:
        assert not session.scalars(select(Disclosure)).all()
    assert told[0].reference in client_for(cast.governance).soup("/told").get_text()


def test_someone_who_left_the_agency_confirms_nothing(
    rows: Session, cast: Cast, client_for: Browser, told: list[Disclosure]
) -> None:
    nurse = client_for(cast.nurse)
    rows.get_one(User, cast.nurse.id).active = False
    rows.commit()
    assert nurse.submit(f"/told/{told[0].reference}/confirm").status_code in {302, 303, 401}
    rows.expire_all()
    assert rows.get_one(Disclosure, told[0].id).confirmed_at is None
