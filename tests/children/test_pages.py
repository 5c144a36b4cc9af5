"""The page of a child: what each reader sees on it, and what they add to it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildCorrection, ChildLink, ChildRecord, ChildStatement
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from portal.web.date_boxes import posted
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case
from tests.factories.children import ask, known_child, say, tell
from tests.statements import beside_the_context

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        *((name, 200) for name in ("officer", "colleague", "police_manager", "social_worker", "coordinator")),
        *((name, 404) for name in ("neighbour", "nurse", "stranger", "teacher")),
        *((name, 403) for name in ("governance", "administrator")),
    ],
)
def test_who_opens_the_page_of_a_child(
    rows: Session, cast: Cast, client_for: Browser, case: Case, page: str, name: str, status: int
) -> None:
    response = client_for(getattr(cast, name)).get(page)
    assert response.status_code == status
    assert ("Fictional" in response.text) is (status == 200)
    refused = rows.scalars(select(AuditEvent.address).where(AuditEvent.action == "access:refused")).all()
    assert (page in refused) is (status != 200), "the attempt is on record"


def test_the_404_of_a_child_is_that_of_nothing(
    cast: Cast, client_for: Browser, case: Case, child: Child, page: str
) -> None:
    stranger = client_for(cast.stranger)
    hidden, nothing = stranger.get(page), stranger.get("/children/CHD-0000-0000")
    assert hidden.status_code == nothing.status_code == 404

    def words(text: str) -> str:
        main = BeautifulSoup(text, "html.parser").find("main")
        assert main is not None
        return main.get_text()

    assert words(hidden.text)[:60] == words(nothing.text)[:60]


def test_a_team_that_left_sees_the_child_no_more(
    rows: Session, cast: Cast, client_for: Browser, case: Case, page: str
) -> None:
    involvement = involve(rows, case, cast.health_team, by=cast.coordinator)
    nurse = client_for(cast.nurse)
    assert nurse.get(page).status_code == 200
    involvement.ended_at = involvement.started_at
    rows.commit()
    assert nurse.get(page).status_code == 404


def test_a_restricted_case_leaves_the_child_to_those_named_and_the_hub(
    rows: Session, cast: Cast, client_for: Browser, case: Case, page: str
) -> None:
    rows.get_one(Case, case.id).sensitivity = Sensitivity.RESTRICTED
    rows.commit()
    assert client_for(cast.officer).get(page).status_code == 404
    assert client_for(cast.coordinator).get(page).status_code == 200


def test_whoever_was_told_or_asked_sees_who_the_child_is_and_no_more(
    rows: Session, cast: Cast, client_for: Browser, asking: Asking, child: Child, case: Case, page: str
) -> None:
    say(rows, child, cast.social_worker, "1 Invented Street")
    told = tell(rows, child, cast.school_team, by=cast.coordinator)
    asked = ask(rows, child, cast.school_team, by=cast.coordinator, case=case)
    text = client_for(cast.teacher).soup(page).get_text()
    for seen in ("Ada Fictional", "943 476 5919", "4 May 2012", told.reference, asked.reference):
        assert seen in text
    for hidden in ("Invented Street", case.reference, "Where things stand", "About the child"):
        assert hidden not in text
    for address in ("identity", "record", "address/add", "statuses/add", "numbers/add", "names/add"):
        response = client_for(cast.teacher).get(f"{page}/{address}")
        assert response.status_code == 403, address
        assert "not their record" in response.text
    with asking(cast.teacher) as session:
        assert session.get(Child, child.id) is not None
        assert session.get(ChildRecord, child.id) is None
        assert not session.scalars(select(ChildStatement)).all()


def test_a_child_on_a_protection_plan_keeps_both_statuses(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case, page: str
) -> None:
    worker = client_for(cast.social_worker)
    for status in ("cp", "looked_after_s20"):
        sent = worker.submit(
            f"{page}/statuses/add", {"status": status, **posted("starts_on", date(2026, 1, 7))}
        )
        assert sent.status_code == 303, sent.text
    text = worker.soup(page).get_text(" ", strip=True)
    assert "Child protection plan Current since 7 January 2026" in text
    assert "Looked after, by agreement (section 20) Current" in text
    assert "High" in text, "the exploitation case stands beside the plan"
    assert case.reference in text
    assert rows.get_one(Case, case.id).state == "awaiting_assessment"


def test_a_correction_is_made_by_the_lead_professional_and_proposed_by_others(
    rows: Session, cast: Cast, client_for: Browser, case: Case, page: str, child: Child
) -> None:
    typed = {
        "version": "1", "given_name": "Adah", "family_name": "Fictional", "nhs_number": "943 476 5919",
        "reason": "Passport seen", **posted("dob", date(2012, 5, 4)),
    }  # fmt: skip
    officer, worker = client_for(cast.officer), client_for(cast.social_worker)
    assert "Propose a correction" in officer.soup(page).get_text()
    assert officer.submit(f"{page}/identity", typed).status_code == 303
    rows.expire_all()
    assert rows.get_one(Child, child.id).given_name == "Ada"
    proposal = rows.scalars(select(ChildCorrection)).one()
    decide = f"{page}/corrections/{proposal.id}"
    assert officer.submit(decide, {"decision": "accept"}).status_code == 403
    assert "Given names: Ada → Adah" in worker.soup(decide).get_text()
    assert worker.submit(decide, {"decision": "refuse"}).status_code == 422, "a refusal says why"
    assert worker.submit(decide, {"decision": "accept"}).status_code == 303
    rows.expire_all()
    assert rows.get_one(Child, child.id).given_name == "Adah"
    assert "Given names: Ada → Adah" in worker.soup(page).get_text(), "what was said before stays"
    assert worker.submit(f"{page}/identity", typed | {"version": "2", "given_name": "Ada"}).status_code == 303
    rows.expire_all()
    assert rows.get_one(Child, child.id).given_name == "Ada", "the lead professional corrects at once"


def test_the_second_of_two_editors_is_shown_both_versions_and_keeps_what_they_typed(
    rows: Session, cast: Cast, client_for: Browser, case: Case, page: str, child: Child
) -> None:
    typed = {
        "family_name": "Fictional", "nhs_number": "", "reason": "Seen", **posted("dob", date(2012, 5, 4)),
    }  # fmt: skip
    first, second = client_for(cast.social_worker), client_for(cast.coordinator)
    first.submit(f"{page}/identity", typed | {"version": "1", "given_name": "Adah"})
    clash = second.submit(f"{page}/identity", typed | {"version": "1", "given_name": "Adalia"})
    assert clash.status_code == 409
    assert "Adah" in clash.text
    assert "Adalia" in clash.text
    found = BeautifulSoup(clash.text, "html.parser")
    version = found.select_one("input[name=version]")
    assert version is not None
    assert version["value"] == "2", "after seeing both, saving again is meant"
    assert (
        second.submit(f"{page}/identity", typed | {"version": "2", "given_name": "Adalia"}).status_code == 303
    )


def test_the_record_keeps_what_it_said_and_its_second_editor_is_shown_both(
    rows: Session, cast: Cast, client_for: Browser, case: Case, page: str, child: Child
) -> None:
    officer, worker = client_for(cast.officer), client_for(cast.social_worker)
    answers = {"version": "1", "eligibility_basis": "send", "first_language": "Polish", "sex": "F"}
    saved = officer.submit(f"{page}/record", answers | {"interpreter_needed": "yes", "send": "yes"})
    assert saved.status_code == 303, saved.text
    record = rows.get_one(ChildRecord, child.id)
    assert (record.first_language, record.interpreter_needed, record.send) == ("Polish", True, True)
    clash = worker.submit(f"{page}/record", answers | {"first_language": "Ukrainian"})
    assert clash.status_code == 409
    assert "Polish" in clash.text
    assert "Ukrainian" in clash.text
    assert worker.submit(f"{page}/record", {"version": "2", "first_language": "Ukrainian"}).status_code == 303
    text = worker.soup(page).get_text()
    assert "First language: Polish → Ukrainian" in text


def test_a_reason_is_asked_for_where_no_rule_about_age_applies(
    cast: Cast, client_for: Browser, case: Case, page: str
) -> None:
    officer = client_for(cast.officer)
    refused = officer.submit(f"{page}/record", {"version": "1", "eligibility_basis": "other"})
    assert refused.status_code == 422
    assert "Write down why" in refused.text
    accepted = officer.submit(
        f"{page}/record",
        {"version": "1", "eligibility_basis": "other", "eligibility_reason": "Harmed at 16, now 30"},
    )
    assert accepted.status_code == 303


def test_two_records_are_linked_and_unlinked_by_coordinators_and_nothing_is_copied(
    rows: Session, cast: Cast, client_for: Browser, asking: Asking, case: Case, page: str, child: Child
) -> None:
    other = known_child(rows, "Adda", "Fictionall", by=cast.coordinator)
    say(rows, other, cast.coordinator, "77 Second Street")
    coordinator = client_for(cast.coordinator)
    typed = {"other": other.reference, "reason": "Same NHS number on two letters"}
    assert client_for(cast.social_worker).submit(f"{page}/links/add", typed).status_code == 403
    assert coordinator.submit(f"{page}/links/add", typed | {"other": "CHD-0000-0000"}).status_code == 422
    assert coordinator.submit(f"{page}/links/add", typed | {"other": child.reference}).status_code == 422
    by_name = coordinator.submit(f"{page}/links/add", typed | {"other": "adda fictionall"})
    assert by_name.status_code == 422, "those who fit are shown, and one is chosen"
    assert f'value="{other.reference}"' in by_name.text
    assert typed["reason"] in by_name.text
    chosen = typed | {"other": "adda fictionall", "other-pick": other.reference}
    assert coordinator.submit(f"{page}/links/add", chosen).status_code == 303
    assert coordinator.submit(f"{page}/links/add", typed).status_code == 422, "once is enough"
    for one, another in ((child, other), (other, child)):
        text = coordinator.soup(f"/children/{one.reference}").get_text()
        assert another.reference in text
        assert "Same NHS number on two letters" in text
    assert "Second Street" not in coordinator.soup(page).get_text()
    assert other.reference not in client_for(cast.officer).soup(page).get_text(), (
        "a link is for those who see both records"
    )
    link = rows.scalars(select(ChildLink)).one()
    end = f"{page}/links/{link.id}/end"
    assert client_for(cast.officer).submit(end, {"reason": "No"}).status_code in {403, 404}
    assert coordinator.submit(end, {"reason": ""}).status_code == 422
    assert coordinator.submit(end, {"reason": "Two cousins of one name"}).status_code == 303
    text = coordinator.soup(page).get_text()
    assert "No longer linked" in text
    assert "Two cousins of one name" in text


def test_whoever_reads_both_records_finds_who_leads_the_other_and_nobody_else_does(
    rows: Session, cast: Cast, client_for: Browser, case: Case, page: str, child: Child
) -> None:
    other = known_child(rows, "Adda", "Fictionall", by=cast.coordinator)
    theirs = make_case(
        rows, other, lead=cast.health, opened_by=cast.coordinator, lead_professional_id=cast.nurse.id
    )
    involve(rows, theirs, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    first, second = sorted((child.id, other.id))
    said = {"reason": "Same number", "linked_by": cast.coordinator.id, "created_at": clock.now()}
    rows.add(ChildLink(id=new_id(), child_a=first, child_b=second, **said))
    rows.get_one(User, cast.nurse.id).phone = "01632 960321"
    rows.commit()
    hub = client_for(cast.coordinator)
    for place, found, lead in (
        (page, theirs, cast.nurse),
        (f"/children/{other.reference}", case, cast.social_worker),
    ):
        shown = hub.soup(place).select_one("section[aria-labelledby=links]")
        assert shown is not None
        for words in (found.reference, lead.name, lead.email):
            assert words in shown.get_text(), place
    assert "01632 960321" in hub.soup(page).get_text()
    for person in (cast.officer, cast.social_worker):
        text = client_for(person).soup(page).get_text()
        for words in (theirs.reference, cast.nurse.email, "01632 960321"):
            assert words not in text, person.name
    assert client_for(cast.stranger).get(page).status_code == 404


def test_every_look_leaves_a_row_with_the_child_and_the_ground(
    rows: Session, cast: Cast, client_for: Browser, case: Case, page: str, child: Child
) -> None:
    client_for(cast.officer).soup(page)
    row = rows.scalars(select(AuditEvent).where(AuditEvent.action == "child:view")).one()
    assert (row.actor_id, row.child_id, row.ground) == (cast.officer.id, child.id, "full")


def test_the_page_asks_the_database_at_most_eight_times(
    rows: Session, cast: Cast, client_for: Browser, case: Case, page: str, child: Child, statements: list[str]
) -> None:
    for number in range(12):
        say(rows, child, cast.officer, f"{number} Invented Street")
    client = client_for(cast.officer)
    client.soup(page)
    statements.clear()
    client.soup(page)
    counted = beside_the_context(statements)
    assert len(counted) <= 8, counted


def test_the_page_is_marked_official_sensitive(
    cast: Cast, client_for: Browser, case: Case, page: str
) -> None:
    assert "OFFICIAL-SENSITIVE" in client_for(cast.officer).soup(page).get_text()
