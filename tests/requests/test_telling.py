"""Who is told of a question, its answer and its end: the rows of the policy, and nobody more."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.cases.sensitivity import raise_sensitivity
from portal.records.entries.vocabulary import Handling
from portal.records.people.agencies import change_team
from portal.records.people.keeping import switch_off
from portal.records.people.model import Team, User
from portal.records.requests.answering import answer, give_more_time, withdraw
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, involve
from tests.factories.meetings import make_meeting
from tests.missing.test_pages import ClientFor
from tests.requests.conftest import asks, changes, questions
from tests.told import of_event

Acting = Callable[[User], AbstractContextManager[Principal]]
MAIL, BELL = "mail", "portal"


@pytest.fixture
def asked(rows: Session, cast: Cast, case: Case, acting: Acting) -> Case:
    """Health, whose nurse works on the case, is asked about the child."""
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    rows.commit()
    asks(acting, cast.social_worker, case, cast.health_team)
    return case


def test_the_team_and_by_name_whoever_works_on_the_case_there_are_asked_by_e_mail(
    rows: Session, cast: Cast, asked: Case
) -> None:
    assert of_event(rows, "question_asked") == {
        (cast.health_team.id, MAIL, "asked"),
        (cast.nurse.id, MAIL, "asked"),
    }


def test_the_worker_of_a_team_is_no_message_of_their_own_where_another_team_is_asked(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    rows.commit()
    asks(acting, cast.social_worker, case, cast.council_team)
    assert of_event(rows, "question_asked") == {
        (cast.council_team.id, MAIL, "asked"),
        (cast.community_safety.id, BELL, "asked"),
    }


def answers(rows: Session, cast: Cast, acting: Acting) -> None:
    (request,) = questions(rows)
    changes(acting, cast.nurse, request.id, answer, text="Seen in May", handling=Handling.NETWORK)


def test_whoever_asked_hears_the_answer_and_nobody_else(
    rows: Session, cast: Cast, asked: Case, acting: Acting
) -> None:
    answers(rows, cast, acting)
    assert of_event(rows, "question_answered") == {(cast.social_worker.id, MAIL, "answered")}


@pytest.mark.parametrize(("hours", "at_once"), [(2, True), (48, False), (None, False)])
def test_an_answer_for_a_meeting_that_begins_before_the_sending_hours_goes_at_once(
    rows: Session, cast: Cast, case: Case, acting: Acting, hours: int | None, at_once: bool
) -> None:
    today = clock.today()
    night = datetime.combine(today + timedelta(days=13 - today.weekday()), time(21), tzinfo=UTC)  # a Sunday
    with time_machine.travel(night, tick=False):
        meeting = None
        if hours is not None:
            starts = clock.now() + timedelta(hours=hours)
            meeting = make_meeting(
                rows, cases=[case], chair=cast.chair, note_taker=cast.second_coordinator, starts_at=starts
            )
        asks(acting, cast.social_worker, case, cast.police_team, meeting=meeting)
        question = questions(rows)[0].id
        changes(acting, cast.officer, question, answer, text="Seen", handling=Handling.NETWORK)
        sent = rows.scalars(select(OutboxMessage).filter_by(kind="answered", channel="mail")).all()
        assert {(one.recipient_id, one.not_before == night) for one in sent} == {
            (cast.social_worker.id, at_once)
        }


@pytest.mark.parametrize("on_the_case", [True, False])
def test_to_whoever_leads_the_case_an_answer_is_news_that_another_asked_for(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor, *, on_the_case: bool
) -> None:
    """Also where whoever answers does not read the case: it is a line of what changed, and no message."""
    if on_the_case:
        involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
        rows.commit()
    asks(acting, cast.coordinator, case, cast.health_team)
    lead, colleague = client_for(cast.social_worker), client_for(cast.officer)
    for reader in (lead, colleague):
        assert "A question was answered" not in reader.soup("/changes").get_text()
    answers(rows, cast, acting)
    assert of_event(rows, "question_answered") == {(cast.coordinator.id, MAIL, "answered")}
    for reader in (lead, colleague):
        assert "A question was answered" in reader.soup("/changes").get_text()
    assert "A question was answered" not in client_for(cast.stranger).soup("/changes").get_text()
    assert "A question was answered" in lead.soup(f"/cases/{case.reference}").get_text()
    assert "A question was answered" not in lead.soup("/changes").get_text(), "once"


def test_whoever_leads_the_case_hears_it_where_whoever_asked_may_not_see_it_any_more(
    rows: Session, cast: Cast, asked: Case, acting: Acting
) -> None:
    rows.get_one(User, cast.social_worker.id).active = False
    asked.lead_professional_id = cast.officer.id
    rows.commit()
    answers(rows, cast, acting)
    assert of_event(rows, "question_answered") == {(cast.officer.id, MAIL, "answered")}


def test_the_hub_hears_it_where_nobody_leads_the_case_either(
    rows: Session, cast: Cast, asked: Case, acting: Acting
) -> None:
    rows.get_one(User, cast.social_worker.id).active = False
    asked.lead_professional_id = None
    rows.commit()
    answers(rows, cast, acting)
    assert (cast.hub_team.id, MAIL, "answered") in of_event(rows, "question_answered")


def test_where_whoever_asked_led_the_case_and_has_left_the_team_that_leads_it_hears(
    rows: Session, cast: Cast, asked: Case, acting: Acting
) -> None:
    asked.lead_professional_id = cast.social_worker.id
    rows.get_one(User, cast.social_worker.id).active = False
    rows.commit()
    answers(rows, cast, acting)
    heard = of_event(rows, "question_answered")
    assert {one for one in heard if one[1] == MAIL} == {
        (cast.social_care_team.id, MAIL, "answered"),
        (cast.social_care_manager.id, MAIL, "answered"),
    }
    assert cast.social_worker.id not in {who for who, _, _ in heard}
    assert cast.stranger.id not in {who for who, _, _ in heard}


def test_whoever_was_asked_hears_that_a_question_is_withdrawn_although_they_no_longer_see_it(
    rows: Session, cast: Cast, asked: Case, acting: Acting
) -> None:
    (request,) = questions(rows)
    changes(acting, cast.social_worker, request.id, withdraw, reason="Wrong team")
    assert of_event(rows, "question_withdrawn", last_word=True) == {
        (cast.health_team.id, MAIL, "asked_withdrawn"),
        (cast.nurse.id, MAIL, "asked_withdrawn"),
    }


def test_so_do_teams_whose_question_is_withdrawn_because_the_case_is_sealed(
    rows: Session, cast: Cast, asked: Case, acting: Acting
) -> None:
    grant(rows, asked, cast.social_worker, by=cast.coordinator)
    rows.commit()
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Case, asked.id)
        raise_sensitivity(
            actor=actor,
            case=record,
            to=Sensitivity.SEALED,
            reason="A relative works here",
            version=record.version,
        )
    found = of_event(rows, "question_withdrawn", last_word=True)
    assert (cast.health_team.id, MAIL, "asked_withdrawn") in found


def test_whoever_is_asked_sees_in_the_portal_that_there_is_more_time(
    rows: Session, cast: Cast, asked: Case, acting: Acting
) -> None:
    (request,) = questions(rows)
    later = clock.now() + timedelta(days=60)
    changes(acting, cast.social_worker, request.id, give_more_time, due_at=later, reason="Half term")
    assert of_event(rows, "question_date_moved") == {(cast.nurse.id, BELL, "date_moved")}
    assert of_event(rows, "date_moved") == set(), "told once"


def test_so_does_a_person_who_was_asked_by_name(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    asks(acting, cast.social_worker, case, people=[cast.officer.id])
    (request,) = questions(rows)
    later = clock.now() + timedelta(days=60)
    changes(acting, cast.social_worker, request.id, give_more_time, due_at=later, reason="Half term")
    assert of_event(rows, "question_date_moved") == {(cast.officer.id, BELL, "date_moved")}


def test_on_a_sealed_case_the_person_who_is_asked_alone_is_told(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    for person in (cast.social_worker, cast.nurse):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    asks(acting, cast.social_worker, case, people=[cast.nurse.id])
    assert of_event(rows, "question_asked") == {(cast.nurse.id, MAIL, "asked")}


def test_when_the_person_who_is_asked_leaves_whoever_asked_hears_that_nobody_will_answer(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    asks(acting, cast.social_worker, case, people=[cast.nurse.id])
    with acting(cast.administrator) as actor:
        switch_off(actor=actor, user_id=cast.nurse.id, reason="Left", later=True)
    assert of_event(rows, "question_nobody_answers") == {(cast.social_worker.id, MAIL, "nobody_to_answer")}


def test_so_do_they_and_whoever_leads_the_case_when_a_team_is_closed(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    asks(acting, cast.coordinator, case, cast.health_team)
    team = rows.get_one(Team, cast.health_team.id)
    with acting(cast.administrator) as actor:
        change_team(
            actor=actor,
            team_id=team.id,
            name=team.name,
            duty_email=team.duty_email,
            duty_phone=team.duty_phone,
            manager_id=team.manager_id,
            active=False,
            version=team.version,
        )
    assert of_event(rows, "question_nobody_answers") == {
        (cast.coordinator.id, MAIL, "nobody_to_answer"),
        (cast.social_worker.id, MAIL, "nobody_to_answer"),
    }


def test_a_question_that_a_colleague_answered_is_new_to_nobody_and_was_read_by_nobody_for_that(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    """The police and health are asked; an officer answers."""
    asks(acting, cast.social_worker, case, cast.police_team, cast.health_team)
    question = next(one for one in questions(rows) if one.asked_team_id == cast.police_team.id)
    colleague, nurse = client_for(cast.colleague), client_for(cast.nurse)

    def is_new(client: Client) -> bool:
        return "New You are asked for information" in " ".join(client.soup("/messages").get_text(" ").split())

    assert is_new(colleague)
    assert is_new(nurse)
    changes(acting, cast.officer, question.id, answer, text="Seen in May", handling=Handling.NETWORK)
    assert not is_new(colleague)
    assert is_new(nurse), "health has another question"
    life = client_for(cast.police_manager).soup("/messages/life").get_text(" ")
    assert "No longer new: a colleague has answered" in life
    told = client_for(cast.social_worker).soup(f"/cases/{case.reference}/told")
    line = next(one for one in told.select("tbody tr") if cast.colleague.name in one.get_text())
    assert line.select("td")[-1].get_text(strip=True) == "Not yet", "they have not read it"
