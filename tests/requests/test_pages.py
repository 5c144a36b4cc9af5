"""The pages of asking and answering: what is offered, what is refused, and what is gone."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.pathway.calendar import add_working_days, end_of_day
from portal.records.cases.model import Case
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import User
from portal.records.requests.answering import answer, answer_nothing_held, give_more_time, withdraw
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.vocabulary import Role
from portal.web.filters import day
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.people import make_user
from tests.requests.conftest import QUESTION, Acting, asks, changes, questions

Browser = Callable[[User | UUID | None], Client]
WORDS = "Seen in October. Came with an aunt whom nobody knows."


@pytest.fixture
def asked(rows: Session, cast: Cast, case: Case, acting: Acting) -> InformationRequest:
    """The health team is asked by the lead professional."""
    asks(acting, cast.social_worker, case, cast.health_team)
    return questions(rows)[0]


def answers(rows: Session) -> list[str]:
    rows.rollback()
    return list(rows.scalars(select(InformationAnswer.text).order_by(InformationAnswer.answered_at)))


def test_the_page_begins_with_the_date_that_policy_gives(cast: Cast, case: Case, client_for: Browser) -> None:
    page = client_for(cast.social_worker).soup(f"/requests/ask/case/{case.reference}")
    due = add_working_days(clock.today(), 5)
    boxes = [page.select_one(f"#due_on-{part}")["value"] for part in ("day", "month", "year")]  # type: ignore[index]  # they are there
    assert boxes == [str(due.day), str(due.month), str(due.year)]


def test_four_teams_of_four_agencies_are_asked_on_one_page(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    browser, address = client_for(cast.coordinator), f"/requests/ask/case/{case.reference}"
    teams = [cast.health_team, cast.council_team, cast.school_team, cast.police_team]
    due = clock.today() + timedelta(days=9)
    typed = {"teams": [str(one.id) for one in teams], **QUESTION, **boxes(due)}
    assert browser.submit(address, data=typed).status_code == 303
    assert {one.asked_team_id for one in questions(rows)} == {one.id for one in teams}
    assert {one.due_at for one in questions(rows)} == {end_of_day(due)}


def test_what_is_missing_is_said_and_what_was_typed_stays(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    browser, address = client_for(cast.coordinator), f"/requests/ask/case/{case.reference}"
    answered = browser.submit(address, data={"question": QUESTION["question"], "find": "Health"})
    assert answered.status_code == 422
    assert "Say why you ask" in answered.text
    assert QUESTION["question"] in answered.text
    answered = browser.submit(address, data={**QUESTION, **boxes(clock.today() + timedelta(days=9))})
    assert answered.status_code == 422
    assert "Choose at least one team" in answered.text
    assert not questions(rows)


def test_a_search_for_teams_is_no_error_and_keeps_what_was_typed_and_ticked(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    typed = {
        "action": "find",
        "find": cast.council.name,
        "teams": str(cast.health_team.id),
        "question": "Half a",
    }
    page = client_for(cast.coordinator).submit(f"/requests/ask/case/{case.reference}", data=typed)
    assert page.status_code == 200
    assert "Half a" in page.text
    assert page.text.count('name="teams"') == 2, "the one that is found, and the one that is ticked"
    assert not questions(rows)


def test_for_a_meeting_each_child_is_asked_about_and_the_invited_are_ticked(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    sibling = make_case(
        rows,
        make_child(rows, "Bo", "Fictional"),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, sibling, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    meeting = make_meeting(rows, chair=cast.chair, note_taker=cast.social_worker, cases=[case, sibling])
    make_invitation(rows, meeting, team=cast.health_team, by=cast.chair)
    browser, address = client_for(cast.chair), f"/requests/ask/meeting/{meeting.reference}"
    page = browser.soup(address)
    ticked = {one["value"] for one in page.select("input[type=checkbox][checked]")}
    assert ticked == {str(cast.health_team.id), case.reference, sibling.reference}
    typed = {
        "teams": str(cast.health_team.id),
        "children": [case.reference, sibling.reference],
        **QUESTION,
        **boxes(clock.today() + timedelta(days=3)),
    }
    sent = browser.submit(address, data=typed)
    assert sent.status_code == 303, sent.text
    assert {(one.child_id, one.meeting_id) for one in questions(rows)} == {
        (case.child_id, meeting.id),
        (sibling.child_id, meeting.id),
    }
    late = {**typed, **boxes(clock.today() + timedelta(days=30))}
    refused = browser.submit(address, data=late)
    assert refused.status_code == 422
    assert "The meeting is on" in refused.text
    assert browser.submit(address, data={**typed, "children": []}).status_code == 422


def test_whoever_is_only_invited_asks_nobody(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    meeting = make_meeting(rows, chair=cast.chair, note_taker=cast.social_worker, cases=[case])
    make_invitation(rows, meeting, team=cast.health_team, by=cast.chair)
    address = f"/requests/ask/meeting/{meeting.reference}"
    assert client_for(cast.nurse).get(address).status_code == 403
    assert client_for(cast.stranger).get(address).status_code == 404
    assert client_for(cast.officer).get(address).status_code == 403, "works on the case, does not lead it"


def test_nothing_held_is_two_clicks_on_the_page(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    browser = client_for(cast.nurse)
    page = browser.soup(f"/requests/{asked.reference}")
    opens = page.select_one("main details > summary")
    assert opens is not None
    assert opens.get_text(strip=True) == "We hold nothing"
    form = page.select_one("main details form")
    assert form is not None
    said = {str(one["name"]): str(one["value"]) for one in form.select("input[name]")}
    assert browser.submit(str(form["action"]), data=said).status_code == 303
    assert answers(rows) == [""]


def test_who_may_read_it_has_to_be_chosen_and_the_words_stay(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    page = client_for(cast.nurse).submit(f"/requests/{asked.reference}/answer", data={"text": WORDS})
    assert page.status_code == 422
    assert "Choose who may read it" in page.text
    assert WORDS in page.text
    assert answers(rows) == []


@pytest.mark.parametrize(("whose", "warns"), [("another", True), ("asker", False)])
def test_where_whoever_asked_may_not_read_the_answer_the_page_says_so(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest, whose: str, warns: bool
) -> None:
    asker = rows.get_one(User, asked.asked_by)
    named = asker.agency_id if whose == "asker" else cast.school.id
    typed = {"text": WORDS, "handling": "agencies", "agencies": str(named), "seen": "0"}
    browser = client_for(cast.nurse)
    sent = browser.submit(f"/requests/{asked.reference}/answer", data=typed)
    assert sent.status_code == 303
    says = browser.soup(sent.location).get_text(" ", strip=True)
    assert (f"{asker.name} of " in says and "who asked, may not read it" in says) is warns


def test_a_colleague_who_answered_meanwhile_is_shown_and_pressing_again_adds(
    rows: Session, cast: Cast, acting: Acting, client_for: Browser, asked: InformationRequest
) -> None:
    second = make_user(rows, cast.health, "Nora Nurse", Role.PRACTITIONER, teams=(cast.health_team,))
    changes(acting, second, asked.id, answer, text="A fracture in May.", handling=Handling.NETWORK)
    browser, address = client_for(cast.nurse), f"/requests/{asked.reference}/answer"
    typed = {"text": WORDS, "handling": "network", "seen": "0"}
    page = browser.submit(address, data=typed)
    assert page.status_code == 409
    assert "Nora Nurse answered while you were writing" in page.text
    assert "What it says now stays, also if you send it again." in page.text
    assert "it takes the place of what it says now" not in page.text
    assert "A fracture in May." in page.text
    assert WORDS in page.text
    assert browser.submit(address, data={**typed, "seen": "1"}).status_code == 303
    assert answers(rows) == ["A fracture in May.", WORDS]


def test_an_answer_from_a_second_tab_names_nobody_else(
    cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    browser, address = client_for(cast.nurse), f"/requests/{asked.reference}/answer"
    typed = {"text": WORDS, "handling": "network", "seen": "0"}
    assert browser.submit(address, data=typed).status_code == 303
    page = browser.submit(address, data={**typed, "text": "Something else."})
    assert page.status_code == 409
    assert "You answered this question on another page" in page.text


@pytest.mark.parametrize("ended", ["withdrawn", "over"])
def test_an_answer_that_comes_too_late_is_given_back_to_whoever_was_asked(
    rows: Session,
    cast: Cast,
    acting: Acting,
    client_for: Browser,
    asked: InformationRequest,
    ended: str,
) -> None:
    if ended == "withdrawn":
        changes(acting, cast.social_worker, asked.id, withdraw, reason="Asked the wrong team")
    else:
        changes(acting, cast.nurse, asked.id, answer_nothing_held)
        rows.get_one(InformationRequest, asked.id).reach_until = clock.now() - timedelta(seconds=1)
        rows.commit()
    before, address = answers(rows), f"/requests/{asked.reference}"
    typed = {"text": WORDS, "handling": "network", "seen": "0"}
    for page in (
        client_for(cast.nurse).submit(f"{address}/answer", data=typed),
        client_for(cast.nurse).get(address),
    ):
        assert page.status_code == 404
        assert "This question is over" in page.text
        assert "Fictional" not in page.text
    assert WORDS in client_for(cast.nurse).submit(f"{address}/answer", data=typed).text
    stranger = client_for(cast.stranger).submit(f"{address}/answer", data=typed)
    assert stranger.status_code == 404
    assert "This question is over" not in stranger.text, "they never knew of it"
    assert answers(rows) == before


def test_an_answer_after_its_date_is_taken(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    rows.get_one(InformationRequest, asked.id).due_at = clock.now() - timedelta(days=3)
    rows.commit()
    browser = client_for(cast.nurse)
    assert "Was due" in browser.get(f"/requests/{asked.reference}").text
    typed = {"text": WORDS, "handling": "network", "seen": "0"}
    assert browser.submit(f"/requests/{asked.reference}/answer", data=typed).status_code == 303
    assert answers(rows) == [WORDS]


def test_whoever_is_asked_finds_a_number_to_ring_whoever_asks(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    browser, address = client_for(cast.nurse), f"/requests/{asked.reference}"
    cast.social_care_team.duty_phone = "01632 960998"
    rows.commit()
    assert "01632 960998" in browser.get(address).text
    cast.social_worker.phone = "01632 960999"
    rows.commit()
    page = browser.get(address).text
    assert "01632 960999" in page
    assert "01632 960998" not in page


def test_the_page_says_when_it_was_first_due_and_why_there_is_more_time(
    cast: Cast, acting: Acting, client_for: Browser, asked: InformationRequest
) -> None:
    first, later = asked.due_at, asked.due_at + timedelta(days=7)
    changes(acting, cast.social_worker, asked.id, give_more_time, due_at=later, reason="Half term")
    for person in (cast.nurse, cast.social_worker):
        page = client_for(person).soup(f"/requests/{asked.reference}").get_text(" ", strip=True)
        assert f"First due {day(first)}" in page
        assert "Half term" in page
        assert f"Due {day(later)}" in page


def test_whoever_asks_an_agency_that_has_left_since_is_told_that_nobody_will_answer(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    browser = client_for(cast.social_worker)
    assert "no longer uses the portal" not in browser.get(f"/requests/{asked.reference}").text
    cast.health.active = False
    rows.commit()
    assert "no longer uses the portal" in browser.get(f"/requests/{asked.reference}").text
    typed = {"teams": str(cast.health_team.id), **QUESTION, **boxes(clock.today() + timedelta(days=9))}
    refused = browser.submit(f"/requests/ask/case/{rows.get_one(Case, asked.case_id).reference}", data=typed)
    assert refused.status_code == 422


def test_withdrawing_and_more_time_ask_for_a_reason_and_keep_what_was_typed(
    cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    browser, address = client_for(cast.social_worker), f"/requests/{asked.reference}"
    assert browser.submit(f"{address}/withdraw", data={"reason": " "}).status_code == 422
    early = browser.submit(
        f"{address}/more-time", data={"reason": "They are short of people", **boxes(clock.today())}
    )
    assert early.status_code == 422
    assert "They are short of people" in early.text
    assert browser.submit(f"{address}/withdraw", data={"reason": "Wrong team"}).status_code == 303
    page = browser.get(address)
    assert page.status_code == 200
    assert "Wrong team" in page.text, "whoever asked still sees it, and why"


def test_withdrawing_says_who_goes_on_seeing_the_question_and_they_cannot_answer_it(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    case = rows.get_one(Case, asked.case_id)
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    browser, address = client_for(cast.social_worker), f"/requests/{asked.reference}"
    page = browser.soup(f"{address}/withdraw").get_text(" ", strip=True)
    assert "Whoever works on the case still sees this question, and that it was withdrawn" in page
    assert "They then no longer see this question" not in page
    assert client_for(cast.nurse).soup(address).find(id="answer-form")
    assert browser.submit(f"{address}/withdraw", data={"reason": "Wrong team"}).status_code == 303
    left = client_for(cast.nurse).soup(address)
    assert "Wrong team" in left.get_text()
    assert not left.find(id="answer-form")
    assert not left.find(string="We hold nothing")
    assert client_for(cast.community_safety).get(address).status_code == 404


def test_what_one_is_asked_and_what_one_asked_are_two_lists(
    cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    for person, own, theirs in ((cast.nurse, True, False), (cast.social_worker, False, True)):
        client = client_for(person)
        assert (asked.reference in client.soup("/requests").get_text()) is own
        assert (asked.reference in client.soup("/requests?show=asked").get_text()) is theirs
    other = client_for(cast.officer).soup("/requests").get_text()
    assert asked.reference not in other, "works on the case, and was not asked"


def test_the_look_at_a_question_and_at_the_list_is_on_record(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    browser = client_for(cast.nurse)
    browser.get(f"/requests/{asked.reference}")
    browser.get("/requests")
    looks = rows.scalars(select(AuditEvent).where(AuditEvent.actor_id == cast.nurse.id)).all()
    assert {(one.action, one.child_id) for one in looks} >= {
        ("request:view", asked.child_id),
        ("request:list", None),
    }


def boxes(day: object) -> dict[str, str]:
    """A date as the three boxes of the form post it."""
    year, month, number = str(day).split("-")
    return {"due_on-day": number, "due_on-month": month, "due_on-year": year}
