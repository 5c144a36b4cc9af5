"""Roles are changed by others, and the weighty ones by two administrators."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.records.people.model import RoleChange, User
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_user

ClientFor = Callable[[User | UUID | None], Client]


def roles_of(rows: Session, person: User) -> set[str]:
    rows.rollback()
    return set(rows.scalars(select(User.roles).where(User.id == person.id)).one())


def test_a_light_change_of_roles_takes_effect_at_once(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    answer = client_for(cast.police_manager).submit(
        f"/administration/people/{cast.officer.id}/roles", {"roles": ["practitioner", "chair"]}
    )
    assert answer.status_code == 303
    assert roles_of(rows, cast.officer) == {"practitioner", "chair"}


def ask_for_coordinator(client_for: ClientFor, cast: Cast, rows: Session) -> tuple[User, RoleChange]:
    person = make_user(rows, cast.hub, "Hettie Hub", teams=(cast.hub_team,))
    client_for(cast.administrator).submit(
        f"/administration/people/{person.id}/roles", {"roles": ["coordinator"]}
    )
    rows.rollback()
    return person, rows.scalars(select(RoleChange)).one()


def test_a_weighty_change_waits_and_another_administrator_confirms_it(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    person, change = ask_for_coordinator(client_for, cast, rows)
    assert roles_of(rows, person) == {"practitioner"}
    own = client_for(cast.administrator).submit(f"/administration/role-changes/{change.id}/confirm")
    assert own.status_code == 422
    assert roles_of(rows, person) == {"practitioner"}
    second = client_for(cast.second_administrator).submit(f"/administration/role-changes/{change.id}/confirm")
    assert second.status_code == 303
    assert roles_of(rows, person) == {"coordinator"}


def test_a_confirmation_sent_twice_does_nothing_the_second_time(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    _, change = ask_for_coordinator(client_for, cast, rows)
    browser = client_for(cast.second_administrator)
    browser.submit(f"/administration/role-changes/{change.id}/confirm")
    again = browser.submit(f"/administration/role-changes/{change.id}/confirm")
    assert again.status_code == 422
    assert "This change was confirmed meanwhile" in again.text


def test_a_change_asked_for_before_other_changes_cannot_be_confirmed(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    person, change = ask_for_coordinator(client_for, cast, rows)
    rows.execute(text("update app_user set roles = '{chair}' where id = :id"), {"id": person.id})
    rows.commit()
    answer = client_for(cast.second_administrator).submit(f"/administration/role-changes/{change.id}/confirm")
    assert answer.status_code == 422
    assert roles_of(rows, person) == {"chair"}


@pytest.mark.parametrize("who", ["administrator", "second_administrator"])
def test_a_waiting_change_can_be_refused_or_taken_back(
    client_for: ClientFor, cast: Cast, rows: Session, who: str
) -> None:
    person, change = ask_for_coordinator(client_for, cast, rows)
    answer = client_for(getattr(cast, who)).submit(f"/administration/role-changes/{change.id}/refuse")
    assert answer.status_code == 303
    again = client_for(cast.second_administrator).submit(f"/administration/role-changes/{change.id}/confirm")
    assert again.status_code == 422
    assert "This change waits no more" in again.text
    assert roles_of(rows, person) == {"practitioner"}


def test_taking_a_weighty_role_away_also_takes_two(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    client_for(cast.administrator).submit(
        f"/administration/people/{cast.governance.id}/roles", {"roles": ["practitioner"]}
    )
    assert roles_of(rows, cast.governance) == {"governance"}


@pytest.mark.parametrize(("who", "roles"), [("administrator", "governance"), ("police_manager", "chair")])
def test_nobody_changes_their_own_roles(
    client_for: ClientFor, cast: Cast, rows: Session, who: str, roles: str
) -> None:
    person = getattr(cast, who)
    before = set(person.roles)
    answer = client_for(person).submit(f"/administration/people/{person.id}/roles", {"roles": [roles]})
    assert answer.status_code == 422
    assert roles_of(rows, person) == before
