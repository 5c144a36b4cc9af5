"""Claims about sending: what is not owed any more is not sent, and what is owed reaches somebody."""

from datetime import datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.messages.model import MessagePreference, OutboxMessage
from portal.messages.vocabulary import CancelReason, HandReason, MessageChannel, MessageState
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.reminders import untold
from portal.reminders.claims import Cancel, HandOn, Nobody, Send, Show, Waiting
from portal.reminders.covers import redirect
from portal.reminders.digests import MORNING, WEEKLY
from portal.vocabulary import Role, Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.messages import make_message
from tests.factories.people import make_user
from tests.reminders.travel import (
    at,
    away,
    hand_over,
    judged,
    look_from,
    move,
    open_duty,
    standing,
    suspend,
    tick,
    told,
)

OPENED, DAY = at("2026-12-07", "12:00"), at("2026-12-14")
DUE = at("2026-12-14", "23:59")


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    found = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, found, cast.social_care_team, by=cast.coordinator)
    return found


def on_the_day(engine: Engine, rows: Session, case: Case, **owner: Any) -> Deadline:
    """A duty of which the rung on its day is the one that waits."""
    giver = {"given_by": owner.get("owner_id")} | owner
    duty = open_duty(rows, opened=OPENED, due=DUE, subject=case, case_id=case.id, **giver)
    look_from(rows, duty, DAY, told_until=at("2026-12-11", "20:00"))
    tick(engine, DAY)
    return duty


def test_what_is_owed_goes_to_its_owner(engine: Engine, rows: Session, cast: Cast, case: Case) -> None:
    on_the_day(engine, rows, case, owner_id=cast.social_worker.id)
    assert standing(engine, DAY) == Send(cast.social_worker.email)


def test_a_team_is_told_at_its_duty_address_and_its_people_in_the_portal(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    on_the_day(engine, rows, case, owner_team_id=cast.social_care_team.id)
    assert standing(engine, DAY) == Send(cast.social_care_team.duty_email)
    shown = rows.scalars(select(OutboxMessage).where(OutboxMessage.channel == MessageChannel.PORTAL)).all()
    assert {one.state for one in shown} == {MessageState.SHOWN}
    assert {one.recipient_id for one in shown} == {
        cast.social_worker.id,
        cast.social_care_manager.id,
        cast.chair.id,
    }


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (DeadlineState.DONE, CancelReason.DONE),
        (DeadlineState.CANCELLED, CancelReason.NO_LONGER_NEEDED),
    ],
)
def test_what_is_done_or_dropped_before_it_is_sent_is_not_sent(
    engine: Engine, rows: Session, cast: Cast, case: Case, state: DeadlineState, code: CancelReason
) -> None:
    duty = on_the_day(engine, rows, case, owner_id=cast.social_worker.id)
    duty.state = state
    rows.commit()
    assert standing(engine, DAY) == Cancel(code)


def test_moving_a_duty_replaces_its_reminders(engine: Engine, rows: Session, cast: Cast, case: Case) -> None:
    duty = on_the_day(engine, rows, case, owner_id=cast.social_worker.id)
    move(rows, duty, at("2026-12-16", "23:59"), when=at("2026-12-14", "08:00"))
    tick(engine, at("2026-12-15"))
    by_rung = {message.rung: found for message, found in judged(engine, at("2026-12-15"))}
    assert by_rung == {"on_the_day": Cancel(CancelReason.MOVED)}
    assert told(rows, duty)[-1] == ("one_day", at("2026-12-15"), {cast.social_worker.id})


def test_whoever_takes_over_is_told_how_it_stands_and_whoever_gave_it_up_is_told_no_more(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    manager, worker = cast.social_care_manager, cast.social_worker
    duty = on_the_day(engine, rows, case, owner_id=worker.id, given_by=cast.coordinator.id)
    later = at("2026-12-14", "10:00")
    hand_over(rows, duty, when=later, owner_id=manager.id)
    tick(engine, later)
    assert [(rung, to) for rung, _, to in told(rows, duty)] == [
        ("on_the_day", {worker.id}),
        ("given", {manager.id}),
    ], "one message says that it is theirs, and the portal how it stands"
    found = {(message.rung, message.recipient_id): one for message, one in judged(engine, later)}
    assert found["on_the_day", worker.id] == Cancel(CancelReason.HANDED_OVER)
    assert found["given", manager.id] == Send(manager.email)


def test_while_somebody_is_away_their_deputy_on_that_case_is_told(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    on_the_day(engine, rows, case, owner_id=cast.social_worker.id)
    away(rows, cast.social_worker, "2026-12-14", "2026-12-18", cover=case, by=cast.chair)
    found = standing(engine, DAY)
    assert isinstance(found, HandOn)
    assert (found.user_id, found.address, found.reason) == (
        cast.chair.id,
        cast.chair.email,
        HandReason.AWAY,
    )


def test_a_deputy_is_for_the_named_case_and_no_other(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    other = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    on_the_day(engine, rows, case, owner_id=cast.social_worker.id)
    away(rows, cast.social_worker, "2026-12-14", "2026-12-18", cover=other, by=cast.chair)
    found = standing(engine, DAY)
    assert isinstance(found, HandOn)
    assert found.team_id == cast.social_care_team.id


def test_a_deputy_without_reach_is_not_told(engine: Engine, rows: Session, cast: Cast, case: Case) -> None:
    on_the_day(engine, rows, case, owner_id=cast.social_worker.id)
    away(rows, cast.social_worker, "2026-12-14", "2026-12-18", cover=case, by=cast.stranger)
    found = standing(engine, DAY)
    assert isinstance(found, HandOn)
    assert found.address == cast.social_care_team.duty_email


@pytest.mark.parametrize(("first", "last"), [("2026-12-07", "2026-12-13"), ("2026-12-15", "2026-12-20")])
def test_an_absence_before_or_after_is_none(
    engine: Engine, rows: Session, cast: Cast, case: Case, first: str, last: str
) -> None:
    on_the_day(engine, rows, case, owner_id=cast.social_worker.id)
    away(rows, cast.social_worker, first, last)
    assert standing(engine, DAY) == Send(cast.social_worker.email)


def test_what_somebody_does_not_want_by_mail_is_only_shown_unless_its_kind_is_statutory(
    engine: Engine, rows: Session, cast: Cast
) -> None:
    others = {MORNING, WEEKLY, *untold.KINDS.values(), "cover_missing"}  # the last is of an absence
    kinds = [one for one in current_policy().reminders.kinds if one.code not in others]
    person = cast.police_manager  # who may open the page of every other kind
    for kind in kinds:
        make_message(rows, person, kind=kind.code)
        rows.add(MessagePreference(user_id=person.id, kind=kind.code, by_mail=False))
    rows.commit()
    found = {message.kind: one for message, one in judged(engine, DAY)}
    send = Send(person.email)
    assert found == {kind.code: send if kind.statutory else Show() for kind in kinds}
    assert {type(one) for one in found.values()} == {Send, Show}


@pytest.mark.parametrize(
    ("first", "last", "to_deputy"),
    [("2026-12-14", "2026-12-18", True), ("2026-12-07", "2026-12-13", False)],
)
def test_an_absence_counts_on_the_day_of_sending_and_not_on_that_of_writing(
    engine: Engine, rows: Session, cast: Cast, case: Case, first: str, last: str, to_deputy: bool
) -> None:
    away(rows, cast.social_worker, first, last, cover=case, by=cast.chair)
    duty = open_duty(
        rows,
        opened=OPENED,
        due=at("2026-12-11", "23:59"),
        subject=case,
        owner_id=cast.social_worker.id,
        case_id=case.id,
        given_by=cast.social_worker.id,
    )
    look_from(rows, duty, at("2026-12-11", "20:00"))
    tick(engine, at("2026-12-11", "20:00"))  # a Friday evening, after the hours
    ((message, found),) = judged(engine, DAY)
    assert message.not_before == DAY
    to = found.user_id if isinstance(found, HandOn) else found
    assert to == (cast.chair.id if to_deputy else Send(cast.social_worker.email))


def test_a_deputy_who_is_told_by_the_same_rung_anyway_is_told_once(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    manager = cast.social_care_manager
    duty = open_duty(
        rows, opened=OPENED, due=DUE, subject=case, owner_id=cast.social_worker.id, case_id=case.id
    )
    away(rows, cast.social_worker, "2026-12-14", "2026-12-18", cover=case, by=manager)
    overdue = at("2026-12-17")
    look_from(rows, duty, overdue, told_until=at("2026-12-16"))
    tick(engine, overdue)
    found = {message.recipient_id: one for message, one in judged(engine, overdue)}
    assert found[manager.id] == Send(manager.email)
    instead = found[cast.social_worker.id]
    assert isinstance(instead, HandOn)
    assert instead.team_id == cast.social_care_team.id


def test_whoever_came_back_early_is_told_again(engine: Engine, rows: Session, cast: Cast, case: Case) -> None:
    on_the_day(engine, rows, case, owner_id=cast.social_worker.id)
    away(rows, cast.social_worker, "2026-12-07", "2026-12-20").ended_at = at("2026-12-13")
    rows.commit()
    assert standing(engine, DAY) == Send(cast.social_worker.email)


def leave(rows: Session, person: User, _cast: Cast, _case: Case) -> None:
    person.active = False


def move_to_another_agency(rows: Session, person: User, cast: Cast, _case: Case) -> None:
    person.agency_id = cast.other_council.id


def leave_the_team(rows: Session, person: User, cast: Cast, _case: Case) -> None:
    person.roles = [Role.GOVERNANCE.value]


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (leave, HandReason.LEFT),
        (move_to_another_agency, HandReason.LEFT),
        (leave_the_team, HandReason.NO_REACH),
    ],
)
def test_for_a_leaver_and_for_lost_reach_the_duty_address_is_told(
    engine: Engine, rows: Session, cast: Cast, case: Case, happens: Any, reason: HandReason
) -> None:
    on_the_day(engine, rows, case, owner_id=cast.social_worker.id)
    happens(rows, cast.social_worker, cast, case)
    rows.commit()
    found = standing(engine, DAY)
    assert isinstance(found, HandOn)
    assert (found.team_id, found.reason) == (cast.social_care_team.id, reason)


def test_a_suspended_address_is_not_written_to_until_it_is_another(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    on_the_day(engine, rows, case, owner_id=cast.social_worker.id)
    suspend(rows, cast.social_worker)
    found = standing(engine, DAY)
    assert isinstance(found, HandOn)
    assert (found.team_id, found.reason) == (cast.social_care_team.id, HandReason.ADDRESS)
    cast.social_worker.email = "corrected@county.example"
    rows.commit()
    assert standing(engine, DAY) == Send("corrected@county.example")


def test_a_team_that_cannot_be_told_is_stood_in_for_by_its_manager_then_by_the_lead_then_by_the_hub(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    lead = make_user(rows, cast.social_care, "Lee Lead", Role.MANAGER)
    cast.social_care.lead_id = lead.id
    rows.commit()
    on_the_day(engine, rows, case, owner_team_id=cast.social_care_team.id)
    suspend(rows, cast.social_care_team)
    for nearest in (cast.social_care_manager.id, lead.id, cast.hub_team.id):
        found = standing(engine, DAY)
        assert isinstance(found, HandOn)
        assert nearest in {found.user_id, found.team_id}
        if found.user_id:
            away(rows, rows.get_one(User, nearest), "2026-12-14", "2026-12-14")


def test_on_a_sealed_case_only_the_people_named_on_it_are_told(
    engine: Engine, rows: Session, cast: Cast
) -> None:
    sealed = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        sensitivity=Sensitivity.SEALED,
    )
    for person in (cast.social_worker, cast.coordinator):
        grant(rows, sealed, person, by=cast.coordinator).starts_at = OPENED
    on_the_day(engine, rows, sealed, owner_id=cast.social_worker.id)
    away(rows, cast.social_worker, "2026-12-14", "2026-12-18")
    found = standing(engine, DAY)
    assert isinstance(found, HandOn)
    assert found.user_id == cast.coordinator.id
    away(rows, cast.coordinator, "2026-12-14", "2026-12-18")
    assert standing(engine, DAY) == Nobody(HandReason.AWAY)


def test_a_message_that_is_handed_on_keeps_whom_it_was_meant_for_and_still_shows_it_to_them(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    on_the_day(engine, rows, case, owner_id=cast.social_worker.id)
    away(rows, cast.social_worker, "2026-12-14", "2026-12-18", cover=case, by=cast.chair)
    _hand_on(engine, DAY)
    mail = rows.scalars(select(OutboxMessage).where(OutboxMessage.channel == MessageChannel.MAIL)).one()
    assert (mail.recipient_id, mail.handed_from_id, mail.handed_reason) == (
        cast.chair.id,
        cast.social_worker.id,
        HandReason.AWAY,
    )
    shown = rows.scalars(select(OutboxMessage).where(OutboxMessage.channel == MessageChannel.PORTAL)).one()
    assert shown.recipient_id == cast.social_worker.id
    away(rows, cast.chair, "2026-12-14", "2026-12-18")
    _hand_on(engine, DAY)
    rows.refresh(mail)
    assert (mail.recipient_team_id, mail.handed_from_id) == (
        cast.social_care_team.id,
        cast.social_worker.id,
    )


def _hand_on(engine: Engine, moment: datetime) -> None:
    ((message, found),) = judged(engine, moment)
    assert isinstance(found, HandOn)
    assert isinstance(message, Waiting)
    with time_machine.travel(moment, tick=False), engine.begin() as connection:
        redirect(connection, message, found)
