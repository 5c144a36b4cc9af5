"""Administrators invite people to any agency, managers to their own, weighty roles take two."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage
from portal.model import new_id
from portal.records.people.model import RoleChange, StaffInvite, TeamMember, User, UserIdentity
from tests.cast import Cast
from tests.client import Client

ClientFor = Callable[[User | UUID | None], Client]


def invitation(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Newt Fictional",
        "email": "newt@police.example",
        "job_title": "Detective",
        "team_ids": [str(cast.police_team.id)],
        "roles": ["practitioner"],
    } | changes


def newcomer(rows: Session) -> User | None:
    rows.rollback()
    return rows.scalar(select(User).where(User.name == "Newt Fictional"))


def roles_of(rows: Session, person: User) -> set[str]:
    rows.rollback()
    return set(rows.scalars(select(User.roles).where(User.id == person.id)).one())


def test_inviting_makes_a_person_who_cannot_sign_in_yet_and_shows_the_link_once(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    browser = client_for(cast.police_manager)
    answer = browser.submit("/administration/people/invite/police", invitation(cast))
    assert answer.status_code == 303
    person = newcomer(rows)
    assert person is not None
    assert person.roles == ["practitioner"]
    assert rows.scalars(select(TeamMember.team_id).where(TeamMember.user_id == person.id)).all() == [
        cast.police_team.id
    ]
    page = browser.get(answer.headers["Location"]).text
    assert "/invitation/" in page
    token = page.split("/invitation/")[1].split("<")[0].strip()
    kept = rows.scalars(select(StaffInvite)).one()
    assert token.encode() not in kept.token_hash
    assert "/invitation/" not in browser.get(answer.headers["Location"]).text, "the link is shown once"


@pytest.mark.parametrize("changes", [{"name": ""}, {"email": "not an address"}, {"roles": []}])
def test_an_invitation_with_something_missing_keeps_what_was_typed(
    client_for: ClientFor, cast: Cast, rows: Session, changes: dict[str, Any]
) -> None:
    answer = client_for(cast.administrator).submit(
        "/administration/people/invite/police", invitation(cast, **changes)
    )
    assert answer.status_code == 422
    assert "Detective" in answer.text
    assert newcomer(rows) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"roles": ["administrator", "practitioner"]},
        {"roles": ["governance", "manager"]},
        {"roles": ["coordinator"]},  # of the police: coordinators are people of the hub
        {"roles": ["emperor"]},
    ],
    ids=str,
)
def test_roles_that_nobody_may_hold_are_refused(
    client_for: ClientFor, cast: Cast, rows: Session, changes: dict[str, Any]
) -> None:
    answer = client_for(cast.administrator).submit(
        "/administration/people/invite/police", invitation(cast, **changes)
    )
    assert answer.status_code == 422
    assert newcomer(rows) is None, "a refused invitation leaves nothing behind"


def test_a_manager_cannot_invite_into_a_weighty_role(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    answer = client_for(cast.police_manager).submit(
        "/administration/people/invite/police", invitation(cast, roles=["governance"])
    )
    assert answer.status_code == 422
    assert newcomer(rows) is None


def test_a_team_of_another_agency_is_refused(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    answer = client_for(cast.police_manager).submit(
        "/administration/people/invite/police", invitation(cast, team_ids=[str(cast.health_team.id)])
    )
    assert answer.status_code == 422
    assert newcomer(rows) is None


def test_an_invitation_into_a_weighty_role_waits_for_a_second_administrator(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    client_for(cast.administrator).submit(
        "/administration/people/invite/hub", invitation(cast, team_ids=[], roles=["coordinator"])
    )
    person = newcomer(rows)
    assert person is not None
    assert person.roles == []
    change = rows.scalars(select(RoleChange)).one()
    assert change.confirmed_at is None
    client_for(cast.second_administrator).submit(f"/administration/role-changes/{change.id}/confirm")
    assert roles_of(rows, person) == {"coordinator"}


def test_whoever_was_invited_stands_on_the_list_until_they_have_signed_in(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    """Nothing is sent: the page says so, and to whom the link has to be given."""
    manager, other = client_for(cast.police_manager), client_for(cast.social_care_manager)
    answer = manager.submit("/administration/people/invite/police", invitation(cast))
    assert (
        "The portal sends it to nobody: give it to Newt Fictional yourself"
        in manager.get(answer.location).text
    )
    assert not rows.scalars(select(OutboxMessage).where(OutboxMessage.address.is_not(None))).all()
    waiting = "/administration/people?access=invited"
    assert f'href="{waiting}"' in manager.get("/administration/people").text
    assert "Newt Fictional" in manager.get(waiting).text
    assert "Newt Fictional" in client_for(cast.administrator).get(waiting).text
    assert "Newt Fictional" not in other.get(waiting).text, "people of another agency"
    person = newcomer(rows)
    assert person is not None
    rows.add(UserIdentity(id=new_id(), user_id=person.id, issuer="https://police.example", subject="newt"))
    rows.commit()
    assert "Newt Fictional" not in manager.get(waiting).text
