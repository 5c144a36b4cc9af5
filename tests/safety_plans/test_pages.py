"""The pages of a safety plan: autosave, a second tab, the print for the family, and who is kept from them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.extensions import db
from portal.model import new_id
from portal.records.cases.model import Alert, Case
from portal.records.children.model import Child, ChildStatement
from portal.records.meetings.model import Invitation, Meeting
from portal.records.people.model import User
from portal.records.safety_plans.ending import end_safety_plan
from portal.records.safety_plans.model import SafetyPlan, SafetyPlanAnswer
from portal.records.safety_plans.rules import Agreement
from tests.assessments.conftest import case_of_three, put
from tests.cast import Cast
from tests.client import Client
from tests.factories.meetings import make_meeting
from tests.safety_plans.steps import WORDS, WORKERS, Acting, begun, holds, kept, renewed, writes

ClientFor = Callable[[User | None], Client]
TYPING = {"X-Autosave": "1"}


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return case_of_three(rows, cast)


@pytest.fixture
def plan(cast: Cast, case: Case, acting: Acting) -> SafetyPlan:
    """A plan in force, with words for workers."""
    found = begun(acting, cast.social_worker, case, WORDS | WORKERS)
    holds(acting, cast.social_worker, case, found)
    return found


def hide_address(rows: Session, cast: Cast, case: Case) -> None:
    """Social care says an address of the child that may not be told."""
    statement = ChildStatement(
        id=new_id(),
        child_id=case.child_id,
        agency_id=cast.social_care.id,
        author_id=cast.social_worker.id,
        kind="address",
        value="9 Quietbrook Row, Newtown",
        do_not_disclose=True,
        named_agencies=[],
    )
    put(rows, statement)
    rows.commit()


def test_a_plan_is_begun_from_the_case_saved_as_it_is_typed_and_a_second_tab_is_shown_both(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    nurse, officer = client_for(cast.nurse), client_for(cast.officer)
    assert f"/cases/{case.reference}/safety-plans" in nurse.get(f"/cases/{case.reference}").text
    to = nurse.submit(f"/cases/{case.reference}/safety-plans").headers["Location"]
    home = to.removesuffix("/write")
    first = nurse.submit(f"{home}/save", {"worries": "The bus stop", "version": "0"}, headers=TYPING)
    assert (first.status_code, first.headers["X-Version"]) == (204, "1")
    second = officer.submit(f"{home}/save", {"worries": "The park", "version": "0"}, headers=TYPING)
    assert second.status_code == 409
    for words in ("The bus stop", "The park"):
        assert words in second.text
    whole = officer.submit(f"{home}/write", {"worries": "The park", "version": "0"})
    assert whole.status_code == 409
    assert 'name="version" value="1"' in whole.text
    assert officer.submit(f"{home}/write", {"worries": "The park", "version": "1"}).status_code == 303
    said = rows.scalars(select(SafetyPlanAnswer.words).order_by(SafetyPlanAnswer.number)).all()
    assert said == ["The bus stop", "The park"]


def test_who_agrees_is_asked_and_what_was_typed_stays_when_something_is_missing(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    found = begun(acting, cast.social_worker, case)
    address, client = f"/safety-plans/{found.reference}/in-force", client_for(cast.social_worker)
    day = clock.today() + timedelta(days=9)
    typed = {
        "child": "no",
        "child_words": "",
        "carer": "yes",
        "carer_words": "She wrote it with us",
        "until-day": str(day.day),
        "until-month": str(day.month),
        "until-year": str(day.year),
        "version": "1",
    }
    refused = client.submit(address, typed)
    assert refused.status_code == 422
    assert "Say why the child has not agreed" in refused.text
    assert "She wrote it with us" in refused.text
    done = client.submit(address, typed | {"child_words": "Not ready to talk"})
    assert done.status_code == 303
    assert kept(rows, found).valid_until == day
    assert "Not ready to talk" in client.get(f"/safety-plans/{found.reference}").text


def test_what_was_changed_since_is_marked_beside_what_holds(
    cast: Cast, case: Case, plan: SafetyPlan, acting: Acting, client_for: ClientFor
) -> None:
    page = client_for(cast.nurse).get(f"/safety-plans/{plan.reference}").text
    assert "has not been put in force" not in page
    writes(acting, cast.nurse, case, plan, seen=1, police_does="", safe_places="The library")
    page = client_for(cast.nurse).get(f"/safety-plans/{plan.reference}").text
    assert "That it was taken out has not been put in force. The last version in force says: Quiet" in page
    assert "This has not been put in force. The last version in force says: nothing" in page
    assert page.count("has not been put in force") == 2
    asked = client_for(cast.social_worker).get(f"/safety-plans/{plan.reference}/in-force").text
    assert asked.count("has not been put in force") == 2


def test_the_print_holds_what_is_for_the_family_as_it_came_into_force_and_nothing_else(
    rows: Session, cast: Cast, case: Case, acting: Acting, plan: SafetyPlan, client_for: ClientFor
) -> None:
    writes(acting, cast.nurse, case, plan, seen=1, safe_places="Changedlater", code_word="Quietplum")
    page = client_for(cast.nurse).get(f"/safety-plans/{plan.reference}/print")
    assert page.status_code == 200
    for words in WORDS.values():
        assert words in page.text
    for words in (*WORKERS.values(), "Changedlater", "Quietplum", cast.social_worker.name, case.reference):
        assert words not in page.text.split('class="app-safety"')[1].split("</article>")[0]
    marks = BeautifulSoup(page.text, "html.parser").select(".app-marking")
    assert marks, "whoever prints it sees the marking"
    assert all("app-no-print" in mark["class"] for mark in marks), "and it is not on the sheet"
    assert "app-marked" not in page.text
    assert "Printed by" not in page.text
    rows.rollback()
    kept_look = select(AuditEvent).where(AuditEvent.action == "safety_plan:print")
    assert rows.scalars(kept_look).one().details["edition"] == 1


@pytest.mark.parametrize("who", ["social_worker", "coordinator", "nurse"])
def test_an_alert_not_to_contact_the_family_blocks_the_print_and_says_so(
    rows: Session, cast: Cast, case: Case, plan: SafetyPlan, client_for: ClientFor, who: str
) -> None:
    alert = Alert(
        id=new_id(),
        case_id=case.id,
        kind="no_family_contact",
        text="Her uncle reads everything",
        owner_id=cast.social_worker.id,
        review_on=clock.today() + timedelta(days=30),
    )
    put(rows, alert)
    rows.commit()
    page = client_for(getattr(cast, who)).get(f"/safety-plans/{plan.reference}/print")
    assert page.status_code == 422
    assert "nothing is printed for the child" in page.text
    assert WORDS["worries"] not in page.text
    alert.ended_at = clock.now()
    rows.commit()
    assert client_for(cast.nurse).get(f"/safety-plans/{plan.reference}/print").status_code == 200


def test_what_may_not_be_saved_is_said_while_it_is_typed(
    rows: Session, cast: Cast, case: Case, plan: SafetyPlan, client_for: ClientFor
) -> None:
    hide_address(rows, cast, case)
    client, home = client_for(cast.social_worker), f"/safety-plans/{plan.reference}"
    typed = {"safe_places": "9 Quietbrook Row", "version": "1"}
    typing = client.submit(f"{home}/save", typed, headers=TYPING)
    assert typing.status_code == 409
    assert "may not be told to others" in typing.text
    whole = client.submit(f"{home}/write", typed)
    assert whole.status_code == 422
    assert "9 Quietbrook Row" in whole.text, "what was typed stays"


def test_an_address_that_became_secret_later_stops_the_print(
    rows: Session, cast: Cast, case: Case, acting: Acting, plan: SafetyPlan, client_for: ClientFor
) -> None:
    writes(acting, cast.nurse, case, plan, seen=1, safe_places="9 Quietbrook Row")
    holds(acting, cast.social_worker, case, plan)
    hide_address(rows, cast, case)
    page = client_for(cast.social_worker).get(f"/safety-plans/{plan.reference}/print")
    assert page.status_code == 422
    assert "may not be told" in page.text
    assert "Quietbrook" not in page.text


def test_a_plan_that_is_not_in_force_is_not_printed(
    cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    draft = begun(acting, cast.social_worker, case)
    page = client_for(cast.social_worker).get(f"/safety-plans/{draft.reference}/print")
    assert page.status_code == 422
    assert WORDS["worries"] not in page.text


def test_a_plan_that_runs_out_is_a_warning_on_the_case_and_on_the_plan(
    rows: Session, cast: Cast, case: Case, plan: SafetyPlan, client_for: ClientFor
) -> None:
    client, address = client_for(cast.nurse), f"/safety-plans/{plan.reference}"
    assert "has to be renewed or ended" not in client.get(f"/cases/{case.reference}").text
    yesterday = clock.today() - timedelta(days=1)
    for day, words in ((clock.today() + timedelta(days=3), "Runs out"), (yesterday, "Ran out")):
        rows.execute(update(SafetyPlan).values(valid_until=day, valid_from=yesterday))
        rows.commit()
        on_case = client.get(f"/cases/{case.reference}").text
        assert "has to be renewed or ended" in on_case
        assert words in on_case
        assert words in client.get(address).text


def test_a_plan_is_renewed_on_its_page_and_the_page_says_why(
    cast: Cast, case: Case, plan: SafetyPlan, client_for: ClientFor
) -> None:
    client, address = client_for(cast.social_care_manager), f"/safety-plans/{plan.reference}/renew"
    day = clock.today() + timedelta(days=20)
    typed = {"until-day": str(day.day), "until-month": str(day.month), "until-year": str(day.year)}
    assert client.submit(address, typed | {"version": "2"}).status_code == 422
    assert client.submit(address, typed | {"version": "1", "reason": "R"}).status_code == 409
    assert (
        client.submit(address, typed | {"version": "2", "reason": "The school was shut"}).status_code == 303
    )
    assert "The school was shut" in client.get(f"/safety-plans/{plan.reference}").text


def test_whoever_records_the_first_meeting_says_which_plan_ends_with_it_and_the_page_says_who_was_told(
    rows: Session, cast: Cast, case: Case, plan: SafetyPlan, client_for: ClientFor
) -> None:
    began = clock.now() - timedelta(hours=1)
    meeting = make_meeting(rows, chair=cast.chair, note_taker=cast.officer, cases=[case], starts_at=began)
    client, address = client_for(cast.chair), f"/meetings/{meeting.reference}/attendance"
    assert "The safety plan of Ada Fictional ends" in client.get(address).text
    invited = rows.scalars(select(Invitation.id).filter_by(meeting_id=meeting.id)).all()
    marks = {f"{one}-{box}": "" for one in invited for box in ("attendance", "note", "seen", "seen_note")}
    sent = {**marks, "action": "hold", "rest": "y"}
    for answer in ([], ["go_on", str(plan.id)]):
        refused = client.submit(address, {**sent, "plans_end": answer})
        assert refused.status_code == 422
        assert "Say which safety plans end with it, or that none does" in refused.text
    assert kept(rows, plan).state == "in_force"
    page = client.submit(address, {**sent, "plans_end": [str(plan.id)]}, follow_redirects=True).text
    assert kept(rows, plan).state == "ended"
    assert f"{cast.social_worker.name} (leads the case)" in page
    assert f"Safety plan {plan.reference} ended with it" in page
    assert f"It is about: a safety plan ended with a meeting ({plan.reference})." in page


def test_whoever_says_on_the_page_of_the_minutes_that_it_was_held_is_asked_there_too(
    rows: Session, cast: Cast, case: Case, plan: SafetyPlan, client_for: ClientFor
) -> None:
    began = clock.now() - timedelta(hours=1)
    meeting = make_meeting(rows, chair=cast.chair, note_taker=cast.officer, cases=[case], starts_at=began)
    client, page = client_for(cast.chair), f"/meetings/{meeting.reference}"
    answer = client.submit(f"{page}/record", {"action": "hold", "rest": "y"})
    assert (answer.status_code, answer.location) == (303, f"{page}/attendance")
    rows.expire_all()
    assert rows.get_one(Meeting, meeting.id).held_at is None
    asked = client.soup(f"{page}/attendance").get_text(" ", strip=True)
    assert "A safety plan may end with this meeting" in asked
    assert "The safety plan of Ada Fictional ends" in asked
    invited = rows.scalars(select(Invitation.id).filter_by(meeting_id=meeting.id)).all()
    marks = {f"{one}-{box}": "" for one in invited for box in ("attendance", "note", "seen", "seen_note")}
    sent = {**marks, "action": "hold", "rest": "y", "plans_end": ["go_on"]}
    assert client.submit(f"{page}/attendance", sent).status_code == 303
    rows.expire_all()
    assert rows.get_one(Meeting, meeting.id).held_at is not None
    assert kept(rows, plan).state == "in_force"


def test_a_review_and_a_meeting_since_which_a_plan_was_renewed_ask_nothing(
    rows: Session, cast: Cast, case: Case, acting: Acting, plan: SafetyPlan, client_for: ClientFor
) -> None:
    began = clock.now() - timedelta(hours=1)
    review = make_meeting(
        rows, chair=cast.chair, note_taker=cast.officer, cases=[case], starts_at=began, kind="review"
    )
    first = make_meeting(rows, chair=cast.chair, note_taker=cast.officer, cases=[case], starts_at=began)
    asks = "Which safety plans end with this meeting?"
    client = client_for(cast.chair)
    assert asks not in client.get(f"/meetings/{review.reference}/attendance").text
    assert asks in client.get(f"/meetings/{first.reference}/attendance").text
    renewed(acting, cast.social_worker, case, plan, clock.today() + timedelta(days=20))
    assert asks not in client.get(f"/meetings/{first.reference}/attendance").text


@pytest.mark.parametrize("who", ["stranger", "neighbour", "community_safety"])
@pytest.mark.parametrize("page", ["", "/write", "/print", "/in-force", "/renew", "/end"])
def test_whoever_does_not_work_on_the_case_finds_no_plan(
    cast: Cast, plan: SafetyPlan, client_for: ClientFor, who: str, page: str
) -> None:
    found = client_for(getattr(cast, who)).get(f"/safety-plans/{plan.reference}{page}")
    assert found.status_code == 404
    assert WORDS["worries"] not in found.text


def test_the_chronology_says_that_a_plan_has_ended_and_what_a_carer_said(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    found = begun(acting, cast.social_worker, case, WORDS | WORKERS)
    said = Agreement(child=True, carer=False, carer_words="My aunt is too old")
    holds(acting, cast.social_worker, case, found, agreement=said)
    address = f"/children/{rows.get_one(Child, case.child_id).reference}/chronology"

    def line() -> str:
        return client_for(cast.nurse).soup(address).get_text(" ", strip=True)

    assert "A carer has not agreed." in line()
    assert "Ended since" not in line()
    with acting(cast.social_worker) as actor:
        now = db.session.get_one(SafetyPlan, found.id)
        record = db.session.get_one(Case, case.id)
        end_safety_plan(actor=actor, case=record, plan=now, reason="Safe now", version=now.version)
    assert "Ended since, on" in line()
    assert client_for(cast.stranger).get(address).status_code == 404
