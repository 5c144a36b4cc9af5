"""Who is told of an action: the rows of the policy, to exactly those whom they name, and nobody more."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import CaseNews, OutboxMessage
from portal.records.cases.model import Case
from portal.records.cases.sensitivity import raise_sensitivity
from portal.records.entries.vocabulary import Handling
from portal.records.meetings import attendance
from portal.records.meetings.attendance import Mark, Marking
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import Attendance, MeetingState
from portal.records.people.model import Team, User
from portal.records.plans.action_changes import end_as_not_needed, hand_over, move_date
from portal.records.plans.action_steps import add_note, block, confirm, mark_done
from portal.records.plans.actions import TELL_AFTER
from portal.records.plans.model import Action
from portal.records.plans.vocabulary import ActionPriority
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.meetings import make_meeting
from tests.plans.conftest import Acting, gives, steps
from tests.reminders.conftest import outbox_at
from tests.reminders.mail_server import Behaviour, listening
from tests.told import look_at, of_event

MAIL, BELL, DIGEST = "mail", "portal", "digest"


@pytest.fixture
def action(cast: Cast, case: Case, acting: Acting) -> Action:
    """The nurse gave the community safety officer, who does not read the case, an action."""
    return gives(acting, cast.social_worker, case, cast.community_safety)


def test_its_owner_alone_is_told_and_on_the_case_it_is_news(
    rows: Session, cast: Cast, case: Case, action: Action
) -> None:
    assert of_event(rows, "action_given") == {(cast.community_safety.id, MAIL, "action_given")}
    assert rows.scalars(select(CaseNews.event).filter_by(case_id=case.id)).all() == ["action_given"]


def test_a_team_that_owns_it_is_told_at_its_duty_address_and_its_people_in_the_portal(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    gives(acting, cast.social_worker, case, cast.council_team)
    assert of_event(rows, "action_given") == {
        (cast.council_team.id, MAIL, "action_given"),
        (cast.community_safety.id, BELL, "action_given"),
    }


def test_another_day_and_that_it_is_not_needed_are_told_to_its_owner_and_in_the_morning_to_whoever_gave_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    action = gives(acting, cast.officer, case, cast.colleague)
    later = clock.today() + timedelta(days=30)
    steps(acting, cast.social_worker, action, move_date, due_on=later, reason="Half term")
    expected = {(cast.colleague.id, MAIL, "action_news"), (cast.officer.id, DIGEST, "action_news")}
    assert of_event(rows, "action_changed") == expected
    steps(acting, cast.social_worker, action, end_as_not_needed, reason="The shop closed")
    assert of_event(rows, "action_changed") == expected


def test_whoever_had_it_hears_that_it_is_no_longer_theirs_although_they_see_it_no_more(
    rows: Session, cast: Cast, action: Action, acting: Acting
) -> None:
    hands_over(acting, cast.social_worker, action, rows.get_one(User, cast.nurse.id))
    found = look_at(rows.scalars(select(OutboxMessage).filter_by(event="action_handed_over")))
    assert {(one.recipient_id, one.channel, one.kind, one.last_word) for one in found} == {
        (cast.nurse.id, MAIL, "action_given", False),
        (cast.community_safety.id, MAIL, "no_longer_yours", True),
    }


def hands_over(acting: Acting, who: User, action: Action, to: User | Team) -> None:
    with acting(who) as actor:
        record = db.session.get_one(Action, action.id)
        owner = db.session.merge(to, load=True)
        hand_over(actor=actor, action=record, owner=owner, reason="Nearer", version=record.version)


def test_so_does_a_team_that_had_it(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    action = gives(acting, cast.social_worker, case, cast.council_team)
    hands_over(acting, cast.social_worker, action, rows.get_one(Team, cast.health_team.id))
    rows.rollback()
    last = rows.scalars(select(OutboxMessage).filter_by(event="action_handed_over", last_word=True)).all()
    assert {one.recipient_id or one.recipient_team_id for one in last} == {
        cast.council_team.id,
        cast.community_safety.id,
    }


def test_whoever_gave_it_hears_in_the_morning_that_another_has_it_now(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    action = gives(acting, cast.officer, case, cast.colleague)
    hands_over(acting, cast.social_worker, action, rows.get_one(User, cast.nurse.id))
    assert (cast.officer.id, DIGEST, "action_news") in of_event(rows, "action_handed_over", last_word=None)


def test_that_it_is_blocked_is_told_at_once_and_done_in_the_morning(
    rows: Session, cast: Cast, action: Action, acting: Acting
) -> None:
    steps(acting, cast.community_safety, action, block, why="Nobody answers")
    assert of_event(rows, "action_blocked") == {(cast.social_worker.id, MAIL, "action_news")}
    steps(acting, cast.community_safety, action, mark_done, words="Walked it")
    assert of_event(rows, "action_done") == {(cast.social_worker.id, DIGEST, "action_news")}
    steps(acting, cast.social_worker, action, confirm)
    assert of_event(rows, "action_confirmed") == {(cast.community_safety.id, BELL, "action_news")}


def test_a_note_for_everybody_on_the_case_is_news_and_one_for_the_own_agency_is_not(
    rows: Session, cast: Cast, case: Case, action: Action, acting: Acting
) -> None:
    for handling in (Handling.OWN, Handling.NETWORK):
        with acting(cast.social_worker) as actor:
            record = db.session.get_one(Action, action.id)
            add_note(actor=actor, action=record, text=f"Goes well {handling}", handling=handling)
    rows.rollback()
    news = rows.scalars(select(CaseNews.event).filter_by(case_id=case.id, event="action_noted")).all()
    assert len(news) == 1
    assert of_event(rows, "action_noted") == set()


def test_when_a_case_is_sealed_whoever_gave_an_action_and_is_not_named_hears_nothing_of_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    gives(acting, cast.officer, case, cast.colleague)
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    rows.commit()
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Case, case.id)
        raise_sensitivity(
            actor=actor, case=record, to=Sensitivity.SEALED, reason="A relative", version=record.version
        )
    rows.rollback()
    found = rows.scalars(select(OutboxMessage).filter_by(event="action_handed_over")).all()
    assert {(one.recipient_id, one.kind) for one in found} == {
        (cast.social_worker.id, "action_given"),
        (cast.colleague.id, "no_longer_yours"),
    }


def meeting_now(rows: Session, cast: Cast, case: Case) -> Meeting:
    start = clock.now() - timedelta(minutes=30)
    made = make_meeting(
        rows,
        cases=[case],
        chair=cast.chair,
        note_taker=cast.coordinator,
        state=MeetingState.BOOKED,
        starts_at=start,
        ends_at=start + timedelta(minutes=90),
    )
    rows.commit()
    return made


def hold(acting: Acting, cast: Cast, meeting_id: UUID) -> None:
    """The chair records that it was held, and who was there."""
    with acting(cast.chair) as actor:
        record = db.session.get_one(Meeting, meeting_id)
        invited = db.session.scalars(select(Invitation).filter_by(meeting_id=meeting_id))
        marks = {one.id: Marking(seen=Mark(), now=Mark(Attendance.PRESENT)) for one in invited}
        attendance.hold(actor=actor, meeting=record, marks=marks, quorum_reason="Nobody else is needed")


def test_what_a_meeting_gives_while_it_goes_on_is_told_when_it_ends(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with time_machine.travel(datetime(2026, 12, 17, 14, 0, tzinfo=UTC), tick=False):
        is_told_when_it_ends(rows, cast, case, acting)


def is_told_when_it_ends(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    meeting = meeting_now(rows, cast, case)
    gives(acting, cast.chair, case, cast.community_safety, meeting=meeting)
    rows.rollback()
    waits = rows.scalars(select(OutboxMessage).filter_by(event="action_given")).one()
    assert waits.not_before == waits.held_until == meeting.ends_at + TELL_AFTER
    hold(acting, cast, meeting.id)
    rows.rollback()
    rows.expire_all()
    freed = rows.scalars(select(OutboxMessage).filter_by(event="action_given")).one()
    assert (freed.not_before, freed.next_try_at, freed.held_until) == (clock.now(), clock.now(), None)


@pytest.mark.parametrize("ended", [True, False], ids=["ended on the page", "never ended on the page"])
def test_by_the_clock_what_a_meeting_gives_goes_out_when_it_ends_at_the_latest_so_long_after(
    rows: Session, cast: Cast, case: Case, acting: Acting, app: Flask, *, ended: bool
) -> None:
    """Three actions of one meeting for one person: the worker looks every minute, and sends one e-mail."""
    start, behaviour = datetime(2026, 12, 17, 14, 0, tzinfo=UTC), Behaviour()
    with time_machine.travel(start, tick=False) as traveller, listening(behaviour) as port:
        engine, outbox = create_engine(app.config["DATABASE_WORKER_URL"]), outbox_at(port, timeout=10)
        meeting = meeting_now(rows, cast, case)
        planned_end = meeting.ends_at
        for _ in range(3):
            gives(acting, cast.chair, case, cast.community_safety, meeting=meeting)
        rows.rollback()
        sent: dict[datetime, int] = {}
        for minute in range(121):
            traveller.move_to(start + timedelta(minutes=minute))
            if ended and minute == 20:
                hold(acting, cast, meeting.id)
            outbox.send(engine)
            sent[clock.now()] = sum(cast.community_safety.email in one.to for one in behaviour.arrived)
        engine.dispose()
    ends = start + timedelta(minutes=20) if ended else planned_end + TELL_AFTER
    assert sent[ends - timedelta(minutes=1)] == 0
    assert sent[ends] == 1, "when it ends, at the latest half an hour after its planned end"
    assert sent[max(sent)] == 1, "one e-mail of all that the meeting gave"
    (mail,) = (one for one in behaviour.arrived if cast.community_safety.email in one.to)
    assert mail.message.get_content().count("/go/") == 3


def test_of_an_action_of_high_priority_the_manager_of_its_owner_hears_in_the_morning(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    gives(acting, cast.social_worker, case, cast.officer, priority=ActionPriority.HIGH)
    assert of_event(rows, "action_given") == {
        (cast.officer.id, MAIL, "action_given"),
        (cast.police_manager.id, DIGEST, "team_action"),
    }, "no other agency's, and not the giver's"
    gives(acting, cast.social_worker, case, cast.police_team, priority=ActionPriority.HIGH)
    assert (cast.police_manager.id, BELL, "action_given") in of_event(rows, "action_given"), "one of the team"


def test_a_manager_hears_nothing_of_another_priority_or_of_what_they_do_not_see(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    gives(acting, cast.social_worker, case, cast.officer)
    rows.get_one(Team, cast.council_team.id).manager_id = cast.stranger.id
    rows.commit()
    gives(acting, cast.social_worker, case, cast.community_safety, priority=ActionPriority.HIGH)
    assert not [one for one in of_event(rows, "action_given") if one[2] == "team_action"]
