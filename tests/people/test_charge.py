"""Whoever sees no cases any more manages no team and leads no agency, and those it concerns hear so."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.records.people import agencies, roles
from portal.records.people.model import Agency, RoleChange, Team, User
from portal.vocabulary import Role
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_user
from tests.told import of_event, page_words

Acting = Callable[[User], AbstractContextManager[Principal]]
ClientFor = Callable[[User | None], Client]
MAIL = "mail"


@pytest.fixture
def in_charge(rows: Session, cast: Cast) -> User:
    """Whoever manages the police team and leads the agency."""
    rows.get_one(Agency, cast.police.id).lead_id = cast.police_manager.id
    rows.commit()
    return cast.police_manager


def becomes(rows: Session, acting: Acting, cast: Cast, who: User, *wanted: Role) -> str:
    """A change of roles, asked for and confirmed; what the second administrator's page says."""
    with acting(cast.administrator) as actor:
        roles.ask(actor=actor, user_id=who.id, roles=wanted)
    rows.rollback()
    change = rows.scalars(select(RoleChange.id).filter_by(user_id=who.id, confirmed_at=None)).one()
    with acting(cast.second_administrator) as actor:
        roles.confirm(actor=actor, change_id=change)
        words = page_words()
    rows.rollback()
    return words


def hears(rows: Session, who: User | Team) -> set[str]:
    """Of which of some events somebody was told."""
    events = ("charge_ended", "work_left", "roles_changed")
    return {event for event in events if who.id in {one[0] for one in of_event(rows, event)}}


def test_whoever_sees_no_cases_any_more_is_in_charge_of_nothing_and_those_it_concerns_hear(
    rows: Session, cast: Cast, acting: Acting, in_charge: User
) -> None:
    colleague = make_user(rows, cast.police, "Mo Manager", Role.MANAGER, teams=(cast.police_team,))
    words = becomes(rows, acting, cast, in_charge, Role.GOVERNANCE)
    assert rows.get_one(Team, cast.police_team.id).manager_id is None
    assert rows.get_one(Agency, cast.police.id).lead_id is None
    by_mail = {one[0] for one in of_event(rows, "charge_ended") if one[1] == MAIL}
    assert by_mail == {colleague.id, cast.police_team.id, cast.administrator.id}
    assert hears(rows, in_charge) == {"roles_changed"}, "never of what they leave, as the one in charge"
    assert "leads the agency" not in words
    kept = rows.scalars(select(AuditEvent).where(AuditEvent.action.in_(["teams:change", "agencies:change"])))
    assert {str(in_charge.id)} == {who for one in kept for who in one.details.values()}


def test_where_nobody_else_manages_in_the_agency_the_hub_hears(
    rows: Session, cast: Cast, acting: Acting, in_charge: User
) -> None:
    becomes(rows, acting, cast, in_charge, Role.ADMINISTRATOR)
    assert cast.hub_team.id in {one[0] for one in of_event(rows, "charge_ended")}


def test_whoever_leads_the_agency_hears_that_a_team_has_no_manager(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    rows.get_one(Agency, cast.police.id).lead_id = cast.officer.id
    rows.commit()
    becomes(rows, acting, cast, cast.police_manager, Role.GOVERNANCE)
    assert rows.get_one(Agency, cast.police.id).lead_id == cast.officer.id
    assert "charge_ended" in hears(rows, cast.officer)


def test_whoever_still_sees_cases_stays_in_charge(
    rows: Session, cast: Cast, acting: Acting, in_charge: User
) -> None:
    with acting(cast.administrator) as actor:
        roles.ask(actor=actor, user_id=in_charge.id, roles=[Role.MANAGER, Role.CHAIR])
    rows.rollback()
    assert rows.get_one(Team, cast.police_team.id).manager_id == in_charge.id
    assert not of_event(rows, "charge_ended")


def test_the_page_says_of_what_nobody_is_in_charge_before_and_after_it_is_confirmed(
    rows: Session, client_for: ClientFor, cast: Cast, in_charge: User
) -> None:
    client_for(cast.administrator).submit(
        f"/administration/people/{in_charge.id}/roles", {"roles": ["governance"]}
    )
    second = client_for(cast.second_administrator)
    named = f"the manager of {cast.police_team.name} and the lead of {cast.police.name}"
    assert named in second.soup("/administration/role-changes").get_text()
    change = rows.scalars(select(RoleChange.id)).one()
    sent = second.submit(f"/administration/role-changes/{change}/confirm")
    assert f"Name somebody else as {named}" in second.soup(sent.location).get_text()


def test_whoever_sees_no_cases_cannot_be_put_in_charge(rows: Session, acting: Acting, cast: Cast) -> None:
    officer = make_user(rows, cast.council, "Gil Governance", Role.GOVERNANCE)
    with acting(cast.administrator) as actor, pytest.raises(DomainError, match="sees no cases"):
        agencies.add_team(
            actor=actor,
            agency_id=cast.council.id,
            name="Second",
            duty_email="second@example.test",
            duty_phone="01332 000000",
            manager_id=officer.id,
        )
