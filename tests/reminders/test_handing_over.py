"""Claims about a duty that becomes somebody else's: they hear how it stands, and nobody falls between two."""

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.messages.model import OutboxMessage
from portal.records.people.model import User
from portal.vocabulary import Role
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.people import make_team, make_user
from tests.reminders.travel import at, hand_over, open_duty, tick, told

OPENED, DUE = at("2026-12-01", "09:00"), at("2026-12-14", "23:59")
ON_THE_DAY, OVERDUE, LATER = at("2026-12-14"), at("2026-12-17"), at("2026-12-17", "10:00")


@pytest.fixture
def duty(rows: Session, cast: Cast) -> Deadline:
    """Of a worker, by the default ladder."""
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    worker = cast.social_worker.id
    return open_duty(
        rows, opened=OPENED, due=DUE, subject=case, case_id=case.id, owner_id=worker, given_by=worker
    )


@pytest.fixture
def successor(rows: Session, cast: Cast) -> tuple[User, User]:
    """Somebody of another team of the same agency, and the manager of that team."""
    team = make_team(rows, cast.social_care, "Leaving care")
    manager = make_user(rows, cast.social_care, "Max Manager", Role.MANAGER, teams=(team,))
    team.manager_id = manager.id
    person = make_user(rows, cast.social_care, "Suki Successor", teams=(team,))
    rows.commit()
    return person, manager


def test_whoever_gets_what_is_overdue_hears_of_it_and_so_does_their_manager(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline, successor: tuple[User, User]
) -> None:
    person, manager = successor
    tick(engine, OVERDUE)
    hand_over(rows, duty, when=LATER, by=cast.social_care_manager.id, owner_id=person.id)
    tick(engine, LATER)
    assert told(rows, duty) == [
        ("manager", OVERDUE, {cast.social_worker.id, cast.social_care_manager.id}),
        ("given", LATER, {person.id}),
        ("manager", LATER, {manager.id}),
    ]


def test_a_team_that_gets_it_is_told_how_it_stands(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    tick(engine, ON_THE_DAY)
    hand_over(rows, duty, when=at("2026-12-14", "10:00"), owner_team_id=cast.social_care_team.id)
    tick(engine, at("2026-12-14", "10:00"))
    assert told(rows, duty)[-1] == ("on_the_day", at("2026-12-14", "10:00"), {cast.social_care_team.id})


def test_whoever_takes_it_themselves_is_not_told_what_they_see(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline, successor: tuple[User, User]
) -> None:
    person, manager = successor
    tick(engine, OVERDUE)
    hand_over(rows, duty, when=LATER, by=person.id, owner_id=person.id)
    tick(engine, LATER)
    assert told(rows, duty)[1:] == [("manager", LATER, {manager.id})]
    lead = at("2026-12-21")
    tick(engine, lead)
    assert told(rows, duty)[-1][:2] == ("lead", lead)


def test_what_fell_while_no_worker_ran_is_told_to_those_above_although_somebody_took_it(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    hand_over(rows, duty, when=LATER, by=cast.chair.id, owner_id=cast.chair.id)
    tick(engine, LATER)
    assert told(rows, duty) == [("manager", LATER, {cast.social_care_manager.id})]


def test_whoever_takes_over_has_no_list_of_what_was_told_to_others(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline, successor: tuple[User, User]
) -> None:
    person, _ = successor
    tick(engine, OVERDUE)
    hand_over(rows, duty, when=LATER, by=cast.social_care_manager.id, owner_id=person.id)
    tick(engine, LATER)
    theirs = select(OutboxMessage.kind).where(OutboxMessage.recipient_id == person.id)
    assert rows.scalars(theirs).all() == ["given"]


def test_handing_it_to_and_fro_tells_each_rung_once(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    tick(engine, OVERDUE)
    for hour, owner in (("10:00", cast.chair), ("11:00", cast.social_worker), ("12:00", cast.chair)):
        moment = at("2026-12-17", hour)
        hand_over(rows, duty, when=moment, by=cast.coordinator.id, owner_id=owner.id)
        tick(engine, moment)
    assert [rung for rung, _, _ in told(rows, duty)] == ["manager", "given", "given", "given"]
