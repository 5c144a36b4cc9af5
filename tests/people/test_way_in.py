"""What takes two administrators takes two in the database as well, and none shuts out everybody else."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import Model, new_id
from portal.records.people.model import (
    Agency,
    AgencyProvider,
    IdentityProvider,
    RoleChange,
    StaffInvite,
    Team,
    User,
    UserIdentity,
)
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.client import Client

ClientFor = Callable[[User | UUID | None], Client]


def provider(code: str, **facts: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "code": code,
        "name": code,
        "issuer": f"https://{code}.example",
        "client_id": "cre-portal",
        "secret_name": f"OIDC_SECRET_{code.upper().replace('-', '_')}",
        "required_acr": [],
        "required_amr": ["mfa"],
        "is_partnership_default": False,
        "active": True,
    } | facts


@pytest.fixture
def hub_provider(rows: Session, cast: Cast) -> IdentityProvider:
    """The hub's own, at which its administrators and coordinators are known."""
    found = IdentityProvider(**provider("hub-account"))
    rows.add(found)
    rows.flush()
    rows.add(AgencyProvider(agency_id=cast.hub.id, provider_id=found.id))
    for person in (cast.administrator, cast.second_administrator, cast.coordinator, cast.second_coordinator):
        rows.add(UserIdentity(user_id=person.id, issuer=found.issuer, subject=person.name))
    rows.commit()
    return found


def refused(asking: Asking, person: User, statement: Any, values: dict[str, Any] | None = None) -> bool:
    """Whether the database refuses a statement of the application's role as a person; it is undone."""
    with asking(person) as session:
        try:
            result = session.execute(statement, values or {})
        except DBAPIError:
            return True
        finally:
            session.rollback()
    return getattr(result, "rowcount", 1) == 0  # an insert says nothing of it


def set_to(model: type[Model], key: UUID, **values: Any) -> Any:
    return update(model).where(model.__table__.c.id == key).values(**values)


def test_a_provider_is_switched_on_by_a_second_administrator(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    mine = provider("mine", added_by=cast.administrator.id, active=False)
    adding = insert(IdentityProvider).inline()
    assert not refused(asking, cast.administrator, adding, mine)
    assert refused(asking, cast.administrator, adding, mine | {"active": True})
    assert refused(asking, cast.administrator, adding, mine | {"is_partnership_default": True})
    assert refused(asking, cast.administrator, adding, mine | {"added_by": cast.second_administrator.id})
    assert refused(asking, cast.coordinator, adding, mine | {"added_by": cast.coordinator.id})
    rows.execute(adding, mine)
    rows.commit()
    switch_on = set_to(IdentityProvider, mine["id"], active=True)
    assert refused(asking, cast.administrator, switch_on)
    assert not refused(asking, cast.second_administrator, switch_on)
    for change in (
        {"issuer": "https://evil.example"},
        {"client_id": "x"},
        {"code": "other"},
        {"added_by": cast.second_administrator.id},
        {"is_partnership_default": True},
        {"secret_name": "OIDC_SECRET_HUB_ACCOUNT"},
    ):
        assert refused(asking, cast.second_administrator, set_to(IdentityProvider, mine["id"], **change))


@pytest.mark.parametrize("name", ["OIDC_SECRET_HUB_ACCOUNT", "SECRET_KEY", "OIDC_SECRET_"])
def test_no_provider_takes_the_secret_of_another(
    rows: Session, hub_provider: IdentityProvider, name: str
) -> None:
    with pytest.raises(DBAPIError, match="own_secret"):
        rows.execute(insert(IdentityProvider), provider("mine", secret_name=name))
    rows.rollback()


def test_a_weighty_role_comes_only_as_it_was_asked_for(rows: Session, cast: Cast, asking: Asking) -> None:
    change = RoleChange(
        user_id=cast.officer.id,
        roles_before=["practitioner"],
        roles_after=["governance"],
        asked_by=cast.administrator.id,
        asked_at=clock.now(),
    )
    rows.add(change)
    rows.commit()
    confirmed = {"confirmed_by": cast.second_administrator.id, "confirmed_at": clock.now()}
    assert not refused(asking, cast.second_administrator, set_to(RoleChange, change.id, **confirmed))
    own = confirmed | {"confirmed_by": cast.administrator.id}
    assert refused(asking, cast.administrator, set_to(RoleChange, change.id, **own))
    for more in ({"roles_after": ["administrator"]}, {"user_id": cast.nurse.id}, {"asked_by": cast.nurse.id}):
        assert refused(asking, cast.second_administrator, set_to(RoleChange, change.id, **confirmed, **more))
    assert refused(asking, cast.administrator, set_to(User, cast.officer.id, roles=["administrator"]))


def test_an_invitation_is_for_somebody_whom_one_looks_after(cast: Cast, asking: Asking) -> None:
    def invited(by: User, whom: User, **facts: Any) -> dict[str, Any]:
        return {
            "id": new_id(),
            "user_id": whom.id,
            "token_hash": new_id().bytes * 2,
            "invited_by": by.id,
            "created_at": clock.now(),
            "expires_at": clock.now().replace(microsecond=0),
        } | facts

    adding = insert(StaffInvite).inline()
    assert not refused(asking, cast.administrator, adding, invited(cast.administrator, cast.officer))
    assert refused(asking, cast.administrator, adding, invited(cast.administrator, cast.administrator))
    assert not refused(asking, cast.police_manager, adding, invited(cast.police_manager, cast.officer))
    assert refused(asking, cast.police_manager, adding, invited(cast.police_manager, cast.nurse))
    assert refused(asking, cast.police_manager, adding, invited(cast.police_manager, cast.police_manager))
    late = invited(cast.administrator, cast.officer, expires_at=clock.now().replace(year=9000, day=1))
    assert refused(asking, cast.administrator, adding, late)


def test_an_agency_stays_what_it_is(cast: Cast, asking: Asking) -> None:
    """Its sector gives reach, and so does the agency of a team that works on a case."""
    assert refused(asking, cast.administrator, set_to(Agency, cast.school.id, sector="police"))
    assert refused(asking, cast.administrator, set_to(Team, cast.police_team.id, agency_id=cast.school.id))


def test_no_administrator_takes_the_last_way_in_of_the_others(
    rows: Session, cast: Cast, asking: Asking, hub_provider: IdentityProvider
) -> None:
    ada, ann = cast.administrator, cast.second_administrator
    other = provider("other", added_by=None)
    rows.execute(insert(IdentityProvider), other)
    rows.commit()
    unlink = text("delete from agency_provider where agency_id = :agency")
    for statement, values in (
        (unlink, {"agency": cast.hub.id}),
        (set_to(IdentityProvider, hub_provider.id, active=False), None),
        (set_to(User, ann.id, active=False), None),
        (set_to(User, ann.id, roles=["practitioner"]), None),
        (set_to(User, ann.id, agency_id=cast.school.id), None),
        (set_to(Agency, cast.hub.id, active=False), None),
    ):
        assert refused(asking, ada, statement, values), statement
    assert not refused(asking, ada, set_to(IdentityProvider, other["id"], active=False))
    assert not refused(asking, ada, set_to(User, cast.second_coordinator.id, active=False))


def test_giving_the_hub_a_provider_does_not_shut_it_out(
    rows: Session, cast: Cast, asking: Asking, hub_provider: IdentityProvider
) -> None:
    """An agency with a provider of its own does not use the partnership's any more."""
    rows.execute(text("delete from agency_provider"))
    hub_provider.is_partnership_default = True
    other = provider("other")
    rows.execute(insert(IdentityProvider), other)
    rows.commit()
    link = insert(AgencyProvider).inline()
    assert refused(asking, cast.administrator, link, {"agency_id": cast.hub.id, "provider_id": other["id"]})
    own = {"agency_id": cast.hub.id, "provider_id": hub_provider.id}
    assert not refused(asking, cast.administrator, link, own)


def test_the_pages_say_why_in_words(
    cast: Cast, client_for: ClientFor, hub_provider: IdentityProvider, rows: Session
) -> None:
    browser = client_for(cast.administrator)
    off = browser.submit("/administration/providers/hub-account/switch-off")
    assert off.status_code == 422
    assert "Give another administrator and another coordinator a way in first" in off.text
    rows.expire_all()
    assert rows.get_one(IdentityProvider, hub_provider.id).active
