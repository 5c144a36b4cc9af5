"""Claims about whom a rung tells where people hold several places, or where a place is empty."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.messages.vocabulary import MessageRecipient
from portal.records.people.model import User
from portal.reminders.owed import duties
from portal.reminders.receivers import Directory
from portal.vocabulary import Role
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.people import make_team, make_user
from tests.reminders.travel import at, open_duty

OWNER, MANAGER = MessageRecipient.OWNER, MessageRecipient.OWNER_MANAGER
LEAD, ASKER = MessageRecipient.AGENCY_LEAD, MessageRecipient.ASKER
Tells = Callable[..., list[UUID]]


@pytest.fixture
def tells(engine: Engine, rows: Session, cast: Cast) -> Tells:
    """Whom a rung that names some places tells of a duty with some owner."""
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)

    def of(*wanted: MessageRecipient, **owner: Any) -> list[UUID]:
        duty = open_duty(
            rows, opened=at("2026-12-01"), due=at("2026-12-14"), subject=case, case_id=case.id, **owner
        )
        with engine.begin() as connection:
            found = connection.execute(duties([duty.id])).all()
            return [receiver.id for receiver in Directory(connection, found).of(found[0], wanted)]

    return of


@pytest.fixture
def lead(rows: Session, cast: Cast) -> User:
    """Of social care, who manages none of its teams."""
    found = make_user(rows, cast.social_care, "Lee Lead", Role.MANAGER)
    cast.social_care.lead_id = found.id
    rows.commit()
    return found


def test_each_is_told_once_in_the_order_of_the_rung(cast: Cast, lead: User, tells: Tells) -> None:
    owner = {"owner_id": cast.social_worker.id}
    worker, manager = cast.social_worker.id, cast.social_care_manager.id
    assert tells(OWNER, MANAGER, LEAD, OWNER, **owner) == [worker, manager, lead.id]


def test_for_a_manager_the_lead_stands_above(cast: Cast, lead: User, tells: Tells) -> None:
    manager = cast.social_care_manager.id
    assert tells(OWNER, MANAGER, owner_id=manager) == [manager, lead.id]


def test_for_whoever_has_nobody_above_the_hub_is_told_too(cast: Cast, lead: User, tells: Tells) -> None:
    assert tells(OWNER, MANAGER, owner_id=lead.id) == [lead.id, cast.hub_team.id]
    assert tells(LEAD, owner_id=lead.id) == [lead.id, cast.hub_team.id]
    assert tells(OWNER, owner_id=lead.id) == [lead.id], "which is meant for nobody above"


def test_without_a_lead_every_manager_of_the_agency_is_told(rows: Session, cast: Cast, tells: Tells) -> None:
    second = make_user(rows, cast.social_care, "Max Manager", Role.MANAGER)
    rows.commit()
    assert set(tells(LEAD, owner_id=cast.social_worker.id)) == {cast.social_care_manager.id, second.id}


def test_a_place_that_nobody_holds_falls_to_the_hub(cast: Cast, tells: Tells) -> None:
    assert tells(ASKER, owner_id=cast.social_worker.id) == [cast.hub_team.id]


def test_of_several_teams_each_manager_is_told_and_of_a_closed_one_nobody(
    rows: Session, cast: Cast, tells: Tells
) -> None:
    managers = []
    for name, open_ in (("Leaving care", True), ("Closed team", False)):
        team = make_team(rows, cast.social_care, name)
        manager = make_user(rows, cast.social_care, f"Mo {name}", Role.MANAGER, teams=(team,))
        team.manager_id, team.active = manager.id, open_
        managers.append((team, manager))
    person = make_user(
        rows, cast.social_care, "Two Teams", teams=(cast.social_care_team, *(team for team, _ in managers))
    )
    rows.commit()
    assert set(tells(MANAGER, owner_id=person.id)) == {cast.social_care_manager.id, managers[0][1].id}


def test_what_belongs_to_the_hub_itself_goes_to_its_duty_address(cast: Cast, tells: Tells) -> None:
    assert tells(OWNER, MANAGER, owner_agency_id=cast.hub.id) == [cast.hub_team.id]


def test_of_what_somebody_owned_for_an_agency_that_they_left_those_above_them_there_are_told(
    cast: Cast, lead: User, tells: Tells
) -> None:
    left = {"owner_id": cast.nurse.id, "owned_for_id": cast.social_care.id}
    for rung in ([OWNER], [MANAGER], [LEAD], [OWNER, MANAGER, LEAD]):
        assert tells(*rung, **left) == [lead.id], rung
    back = {"owner_id": cast.nurse.id, "owned_for_id": cast.health.id}
    assert tells(OWNER, **back) == [cast.nurse.id]
