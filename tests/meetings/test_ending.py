"""Whoever a running meeting gives something to do hears of it when it is over, sent now, or by the clock."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.reading import MESSAGES, page_of_told
from portal.messages.vocabulary import MessageState
from portal.queries.listing import Asked
from portal.records.cases.model import Case
from portal.records.meetings import chairing
from portal.records.meetings.model import Meeting
from portal.records.people.model import User
from portal.records.plans.action_changes import end_as_not_needed, hand_over, move_date
from portal.records.plans.actions import give_action
from portal.records.plans.model import Action
from portal.records.plans.vocabulary import ActionPriority
from portal.reminders.mornings import news_lines
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.client import Client
from tests.factories.meetings import make_heading
from tests.meetings.calls import read
from tests.plans.conftest import GIVEN, gives, steps
from tests.plans.test_telling import hold, meeting_now
from tests.reminders.conftest import outbox_at
from tests.reminders.mail_server import Behaviour, listening
from tests.requests.test_at_once import at_once
from tests.told import of_event, page_words

Acting = Callable[[User], AbstractContextManager[Principal]]
Browser = Callable[[User], Client]
BEGINS = datetime(2026, 12, 17, 14, 0, tzinfo=UTC)  # a Thursday; it is to end at three


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEGINS, tick=False) as travels:
        yield travels


@pytest.fixture
def case(traveller: time_machine.Traveller, rows: Session, cast: Cast) -> Case:
    return case_of_three(rows, cast)


@pytest.fixture
def meeting(rows: Session, cast: Cast, case: Case) -> Meeting:
    """It began half an hour ago and is to end in an hour."""
    found = meeting_now(rows, cast, case)
    make_heading(rows, found)
    rows.commit()
    return found


def says(acting: Acting, who: User, meeting: Meeting, step: Callable[..., int]) -> int:
    with acting(who) as actor:
        return step(actor=actor, meeting=db.session.get_one(Meeting, meeting.id))


def bell(acting: Acting, who: User) -> int:
    """How many messages the portal shows to somebody."""
    with acting(who) as person:
        return len(page_of_told(Asked.of(MESSAGES, {}), person=person).page.rows)


def messages(rows: Session, **wanted: Any) -> list[OutboxMessage]:
    rows.rollback()
    rows.expire_all()
    return list(rows.scalars(select(OutboxMessage).filter_by(**wanted)))


def mails(app: Flask, *, at: datetime, traveller: time_machine.Traveller) -> list[str]:
    """To whom e-mails go out at a moment."""
    behaviour = Behaviour()
    traveller.move_to(at)
    with listening(behaviour) as port:
        engine = create_engine(app.config["DATABASE_WORKER_URL"])
        outbox_at(port, timeout=10).send(engine)
        engine.dispose()
    return [address for one in behaviour.arrived for address in one.to]


def test_until_it_is_over_neither_an_owner_nor_their_team_nor_their_manager_hears_of_an_action(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting, app: Flask
) -> None:
    gives(acting, cast.chair, case, cast.police_team, meeting=meeting, priority=ActionPriority.HIGH)
    gives(acting, cast.chair, case, cast.officer, meeting=meeting, priority=ActionPriority.HIGH)
    hears = (cast.officer, cast.colleague, cast.police_manager)
    assert [bell(acting, one) for one in hears] == [0, 0, 0]
    engine = create_engine(app.config["DATABASE_WORKER_URL"])
    with engine.begin() as connection:
        assert news_lines(connection, cast.police_manager.id) == []
    says(acting, cast.chair, meeting, chairing.say_over)
    assert [bell(acting, one) for one in hears] == [2, 1, 2]
    with engine.begin() as connection:
        assert [line.times for line in news_lines(connection, cast.police_manager.id)] == [1]
    engine.dispose()


@pytest.mark.parametrize("step", [chairing.say_over, chairing.send_now])
@pytest.mark.parametrize("who", ["chair", "coordinator"])
def test_whoever_runs_it_lets_them_go_at_once_and_saying_it_again_sends_nothing_again(
    rows: Session,
    cast: Cast,
    case: Case,
    meeting: Meeting,
    acting: Acting,
    app: Flask,
    traveller: time_machine.Traveller,
    step: Callable[..., int],
    who: str,
) -> None:
    gives(acting, cast.chair, case, cast.community_safety, meeting=meeting)
    gives(acting, cast.chair, case, cast.nurse, meeting=meeting)
    now = clock.now()
    assert mails(app, at=now, traveller=traveller) == []
    assert says(acting, getattr(cast, who), meeting, step) == 2
    assert set(mails(app, at=now, traveller=traveller)) == {cast.community_safety.email, cast.nurse.email}
    assert says(acting, cast.chair, meeting, step) == 0
    assert says(acting, cast.coordinator, meeting, chairing.send_now) == 0
    hold(acting, cast, meeting.id)
    later = meeting.ends_at + timedelta(hours=1)
    sent = mails(app, at=later, traveller=traveller)
    assert not {cast.community_safety.email, cast.nurse.email} & set(sent)


def test_after_it_is_over_the_next_is_told_at_once_and_after_sending_now_it_waits_again(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting
) -> None:
    says(acting, cast.chair, meeting, chairing.send_now)
    gives(acting, cast.chair, case, cast.nurse, meeting=meeting)
    (waits,) = messages(rows, event="action_given", recipient_id=cast.nurse.id)
    assert waits.held_until == meeting.ends_at + timedelta(minutes=30)
    says(acting, cast.chair, meeting, chairing.say_over)
    gives(acting, cast.chair, case, cast.community_safety, meeting=meeting)
    found = messages(rows, event="action_given")
    assert {(one.held_until, one.not_before) for one in found} == {(None, clock.now())}


def test_of_an_action_that_is_taken_back_meanwhile_nobody_hears_anything(
    rows: Session,
    cast: Cast,
    case: Case,
    meeting: Meeting,
    acting: Acting,
    app: Flask,
    traveller: time_machine.Traveller,
) -> None:
    action = gives(acting, cast.social_worker, case, cast.council_team, meeting=meeting)
    with acting(cast.chair) as actor:
        record = db.session.get_one(Action, action.id)
        end_as_not_needed(actor=actor, action=record, reason="Taken back", version=record.version)
        assert page_words() == ""
    assert of_event(rows, "action_changed") == set()
    assert {one.state for one in messages(rows, event="action_given")} == {MessageState.CANCELLED}
    assert says(acting, cast.chair, meeting, chairing.say_over) == 0
    assert bell(acting, cast.community_safety) == 0
    sent = mails(app, at=meeting.ends_at + timedelta(hours=1), traveller=traveller)
    assert not {cast.council_team.duty_email, cast.community_safety.email} & set(sent)


def test_of_one_that_is_taken_back_after_it_was_sent_its_owner_hears(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting
) -> None:
    action = gives(acting, cast.chair, case, cast.nurse, meeting=meeting)
    says(acting, cast.chair, meeting, chairing.send_now)
    steps(acting, cast.chair, action, end_as_not_needed, reason="Taken back")
    assert (cast.nurse.id, "mail", "action_news") in of_event(rows, "action_changed")
    assert {one.state for one in messages(rows, event="action_given")} == {MessageState.OWED}


def test_whoever_is_given_it_instead_alone_hears_of_it_when_it_is_over(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting
) -> None:
    action = gives(acting, cast.chair, case, cast.community_safety, meeting=meeting)
    with acting(cast.chair) as actor:
        record, nurse = db.session.get_one(Action, action.id), db.session.get_one(User, cast.nurse.id)
        hand_over(actor=actor, action=record, owner=nurse, reason="Nearer", version=record.version)
    assert says(acting, cast.chair, meeting, chairing.say_over) == 1
    told = [
        one for one in messages(rows) if one.state != MessageState.CANCELLED and _is_about(rows, one, action)
    ]
    assert {(one.recipient_id, one.event, one.channel) for one in told} == {
        (cast.nurse.id, "action_handed_over", "mail"),
        (cast.social_worker.id, "action_handed_over", "digest"),  # leads the case
    }


def _is_about(rows: Session, message: OutboxMessage, action: Action) -> bool:
    return rows.get_one(OutboxSubject, message.id).subject_id == action.id


def test_another_day_is_part_of_what_they_hear_when_it_is_over(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting
) -> None:
    action = gives(acting, cast.chair, case, cast.nurse, meeting=meeting)
    later = clock.today() + timedelta(days=30)
    steps(acting, cast.chair, action, move_date, due_on=later, reason="Half term")
    assert of_event(rows, "action_changed") == set()
    assert says(acting, cast.chair, meeting, chairing.say_over) == 1


def test_if_nobody_says_so_they_hear_half_an_hour_after_its_planned_end(
    rows: Session,
    cast: Cast,
    case: Case,
    meeting: Meeting,
    acting: Acting,
    app: Flask,
    traveller: time_machine.Traveller,
) -> None:
    gives(acting, cast.chair, case, cast.nurse, meeting=meeting)
    latest = meeting.ends_at + timedelta(minutes=30)
    assert cast.nurse.email not in mails(app, at=latest - timedelta(minutes=1), traveller=traveller)
    assert bell(acting, cast.nurse) == 0
    assert cast.nurse.email in mails(app, at=latest, traveller=traveller)
    assert bell(acting, cast.nurse) == 1


@pytest.mark.parametrize("who", ["nurse", "community_safety", "stranger", "police_manager"])
def test_nobody_else_lets_them_go_by_sql(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting, who: str
) -> None:
    """The nurse and the police's manager read the case, the community safety officer owns the action."""
    action = gives(acting, cast.chair, case, cast.community_safety, meeting=meeting)
    before = messages(rows, event="action_given")[0].held_until
    with acting(getattr(cast, who)):
        said: dict[str, UUID | datetime] = {"meeting": meeting.id, "action": action.id, "now": clock.now()}
        ask = db.session.scalar
        assert ask(text("select ctx.release_messages(:meeting, :now)"), said) == 0
        assert ask(text("select held from ctx.messages_of_meeting(:meeting, :now)"), said) == 0
        assert ask(text("select ctx.drop_held(:action, :now)"), said) is False, "it is still theirs to do"
        db.session.commit()
    (still,) = messages(rows, event="action_given")
    assert (still.held_until, still.state) == (before, MessageState.OWED)


@pytest.mark.parametrize(("who", "answer"), [("nurse", 403), ("stranger", 404), ("community_safety", 404)])
@pytest.mark.parametrize("button", ["over", "send"])
def test_nor_by_the_page(
    rows: Session,
    cast: Cast,
    case: Case,
    meeting: Meeting,
    acting: Acting,
    client_for: Browser,
    who: str,
    answer: int,
    button: str,
) -> None:
    gives(acting, cast.chair, case, cast.officer, meeting=meeting)
    place = f"/meetings/{meeting.reference}/record"
    assert client_for(getattr(cast, who)).submit(place, {"action": button}).status_code == answer
    assert messages(rows, event="action_given")[0].held_until is not None
    with pytest.raises(Forbidden):
        says(acting, cast.nurse, meeting, chairing.say_over)


def test_before_it_begins_it_is_not_over(
    rows: Session, cast: Cast, meeting: Meeting, acting: Acting, traveller: time_machine.Traveller
) -> None:
    traveller.move_to(meeting.starts_at - timedelta(minutes=5))
    with pytest.raises(DomainError, match="not begun"):
        says(acting, cast.chair, meeting, chairing.say_over)


def sending(client: Client, meeting: Meeting) -> str:
    """What the page says of messages, and its buttons."""
    found = read(client.get(f"/meetings/{meeting.reference}/record")).select_one("[data-sending]")
    assert found is not None
    return " ".join(found.get_text(" ", strip=True).split())


def test_the_page_says_how_many_wait_and_until_when_what_left_and_what_becomes_of_the_next(
    rows: Session,
    cast: Cast,
    case: Case,
    meeting: Meeting,
    acting: Acting,
    client_for: Browser,
    app: Flask,
    traveller: time_machine.Traveller,
) -> None:
    client, place = client_for(cast.chair), f"/meetings/{meeting.reference}/record"
    assert "told when the meeting is over, at 3:30pm at the latest. The meeting is over" in sending(
        client, meeting
    )
    for owner in (cast.nurse, cast.community_safety, cast.council_team, cast.officer):
        gives(acting, cast.chair, case, owner, meeting=meeting)
    assert "4 messages wait until 3:30pm or until you say the meeting is over." in sending(client, meeting)
    answer = client.submit(place, {"action": "send"})
    assert answer.status_code == 303
    said = sending(client, meeting)
    assert "4 messages are on the way out within a minute or two." in said
    assert "Send now" not in said
    mails(app, at=clock.now(), traveller=traveller)
    assert "4 messages have been sent." in sending(client, meeting)
    gives(acting, cast.chair, case, cast.nurse, meeting=meeting)
    assert "1 message waits until 3:30pm" in sending(client, meeting)
    client.submit(place, {"action": "over"})
    page = client.get(place).get_data(as_text=True)
    assert "The meeting was over at 2pm, as whoever runs it said." in page or "2:00pm" in page
    assert 'value="over"' not in page


def test_what_is_typed_is_kept_when_the_meeting_is_said_to_be_over(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting, client_for: Browser
) -> None:
    """Without JavaScript too: the buttons are those of the form with everything that is typed."""
    gives(acting, cast.chair, case, cast.nurse, meeting=meeting)
    client = client_for(cast.chair)
    place = f"/meetings/{meeting.reference}/record"
    page = read(client.get(place))
    box = page.select_one("textarea[name^='m-']")
    assert box is not None
    hidden = page.select("#record-form input[type=hidden]")
    form: dict[str, Any] = {str(one["name"]): one.get("value", "") for one in hidden}
    form |= {str(box["name"]): "He rang at noon", "action": "over"}
    answer = client.submit(place, form)
    assert answer.status_code == 303, answer.text
    shown = client.get(place).get_data(as_text=True)
    assert "He rang at noon" in shown
    assert "1 message leaves within a minute or two" in shown


def test_a_line_that_is_added_or_taken_back_says_anew_what_waits(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting, client_for: Browser
) -> None:
    gives(acting, cast.chair, case, cast.nurse, meeting=meeting)
    news = client_for(cast.coordinator).get(f"/meetings/{meeting.reference}/record/news").json or {}
    assert news["said"] == {} or "1 message waits" in news["said"]["sending"]


def test_the_page_after_giving_one_does_not_say_that_anybody_was_told_yet(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting
) -> None:
    with acting(cast.chair) as actor:
        give_action(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            owner=db.session.get_one(User, cast.nurse.id),
            meeting=db.session.get_one(Meeting, meeting.id),
            due_on=clock.today() + timedelta(days=14),
            **GIVEN,
        )
        said = page_words()
    assert f"Told when the meeting is over, at the latest from 3:30pm: {cast.nurse.name}" in said
    assert "in the portal" not in said


def test_what_a_script_gave_is_said_at_once_and_on_no_page_after_the_meeting_is_over(
    cast: Cast, meeting: Meeting, client_for: Browser
) -> None:
    chair, place = client_for(cast.chair), f"/meetings/{meeting.reference}/record"
    line = chair.soup(place).select_one("[data-line-save][data-line-kind='action']")
    assert line
    said = {"kind": "action", "case": str(line["data-line-case"]), "do": "add"}
    names = {"what": "Ring the school", "who": f"person:{cast.nurse.id}", "by": "in two weeks"}
    given = names | {"measure": "She rings", "category": "protect"}
    typed = {f"l-{line['data-line']}-{name}": words for name, words in given.items()}
    answer = chair.submit(str(line["data-line-save"]), said | typed, headers={"X-Autosave": "1"})
    assert answer.status_code == 200, answer.text
    told = (answer.json or {})["told"]
    assert f"Told when the meeting is over, at the latest from 3:30pm: {cast.nurse.name}" in told
    page = chair.submit(place, {"action": "over"}, follow_redirects=True).get_data(as_text=True)
    assert "The meeting is over. 1 message leaves" in page
    assert "Told when the meeting is over" not in page


def test_of_two_at_once_who_send_and_take_back_either_nobody_hears_or_the_owner_hears_both(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting, client_for: Browser
) -> None:
    """The chair sends while the coordinator takes the action back: whoever comes first has the message."""
    chair, coordinator = client_for(cast.chair), client_for(cast.coordinator)
    for _ in range(4):
        action = gives(acting, cast.chair, case, cast.nurse, meeting=meeting)
        ends = {"words": "Taken back", "version": "1"}
        send = (chair, f"/meetings/{meeting.reference}/record", {"action": "send"})
        assert at_once(send, (coordinator, f"/actions/{action.reference}/not-needed", ends)) == [303, 303]
        about = [one for one in messages(rows, recipient_id=cast.nurse.id) if _is_about(rows, one, action)]
        given = next(one for one in about if one.event == "action_given")
        heard_of_end = any(one.event == "action_changed" for one in about)
        assert heard_of_end is (given.state != MessageState.CANCELLED)
        assert given.state == MessageState.CANCELLED or given.held_until is None
