"""Administrators look after everybody's access, managers their own people's, nobody their own."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.model import new_id
from portal.records.people.model import StaffInvite, User, UserIdentity
from portal.vocabulary import Role
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_user

ClientFor = Callable[[User | UUID | None], Client]


def roles_of(rows: Session, person: User) -> set[str]:
    rows.rollback()
    return set(rows.scalars(select(User.roles).where(User.id == person.id)).one())


PAGES = [
    "/administration",
    "/administration/people",
    "/administration/people/invite",
    "/administration/people/invite/police",
    "/administration/role-changes",
    "/administration/agencies",
    "/administration/agencies/add",
    "/administration/agencies/police",
    "/administration/agencies/police/change",
    "/administration/agencies/police/sign-in",
    "/administration/agencies/police/switch-off",
    "/administration/agencies/police/teams/add",
    "/administration/providers",
    "/administration/providers/add",
    "/administration/policy",
]


@pytest.mark.parametrize("address", PAGES)
def test_an_administrator_opens_every_page(client_for: ClientFor, cast: Cast, address: str) -> None:
    assert client_for(cast.administrator).get(address).status_code == 200


@pytest.mark.parametrize("address", [page for page in PAGES if "policy" not in page])
@pytest.mark.parametrize("who", ["officer", "coordinator", "governance", "nurse"])
def test_nobody_else_does(client_for: ClientFor, cast: Cast, address: str, who: str) -> None:
    assert client_for(getattr(cast, who)).get(address).status_code == 403


@pytest.mark.parametrize("address", PAGES)
def test_a_visitor_is_sent_to_sign_in(client_for: ClientFor, cast: Cast, address: str) -> None:
    answer = client_for(None).get(address)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")


def test_a_persons_pages_open_and_leave_a_row(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    browser = client_for(cast.administrator)
    for part in ("", "/details", "/roles", "/switch-off"):
        assert browser.get(f"/administration/people/{cast.officer.id}{part}").status_code == 200
    looks = rows.scalars(select(AuditEvent).where(AuditEvent.action == "people:view")).all()
    assert {look.subject_id for look in looks} == {cast.officer.id}
    assert len(looks) == 4


def test_people_are_found_by_a_part_of_their_name_without_naming_it_in_an_address(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    answer = client_for(cast.administrator).submit("/administration/people/find", {"name": "ola off"})
    assert "Ola Officer" in answer.text
    assert "Nell Nurse" not in answer.text
    listed = rows.scalars(select(AuditEvent).where(AuditEvent.action == "people:list")).one()
    assert "ola" not in str(listed.address) + str(listed.details)


def test_a_manager_sees_and_manages_only_their_own_people(client_for: ClientFor, cast: Cast) -> None:
    browser = client_for(cast.police_manager)
    page = browser.get("/administration/people").text
    assert "Ola Officer" in page
    assert "Nell Nurse" not in page
    assert "Nell Nurse" not in browser.submit("/administration/people/find", {"name": "Nurse"}).text
    for part in ("", "/details", "/roles", "/switch-off"):
        assert browser.get(f"/administration/people/{cast.nurse.id}{part}").status_code == 404
    for part in ("invite-again", "switch-on", "end-sessions", "release", "switch-off", "roles", "details"):
        answer = browser.submit(
            f"/administration/people/{cast.nurse.id}/{part}", {"reason": "x", "roles": "chair"}
        )
        assert answer.status_code == 404, part
    assert browser.get("/administration/people/invite/health-trust").status_code == 404
    assert browser.get("/administration/agencies").status_code == 403


def test_a_manager_cannot_act_on_an_administrator_of_their_agency(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    manager = make_user(rows, cast.hub, "Hal Hub-Manager", Role.MANAGER, teams=(cast.hub_team,))
    browser = client_for(manager)
    for part in ("switch-off", "release", "end-sessions"):
        answer = browser.submit(f"/administration/people/{cast.administrator.id}/{part}", {"reason": "coup"})
        assert answer.status_code == 403, part
    rows.rollback()
    assert rows.scalar(select(User.active).where(User.id == cast.administrator.id))


def test_switching_off_signs_a_person_out_at_once(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    officer = client_for(cast.officer)
    assert officer.get("/your-sign-ins").status_code == 200
    answer = client_for(cast.police_manager).submit(
        f"/administration/people/{cast.officer.id}/switch-off", {"reason": "Left the force"}
    )
    assert answer.status_code == 303
    assert officer.get("/your-sign-ins").status_code == 303
    event = rows.scalars(select(AuditEvent).where(AuditEvent.action == "people:switch_off")).one()
    assert event.details["reason"] == "Left the force"


def test_switching_off_needs_a_reason(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    address = f"/administration/people/{cast.officer.id}/switch-off"
    assert client_for(cast.police_manager).submit(address, {"reason": " "}).status_code == 422


def test_nobody_switches_themselves_off(client_for: ClientFor, cast: Cast) -> None:
    address = f"/administration/people/{cast.administrator.id}/switch-off"
    assert client_for(cast.administrator).submit(address, {"reason": "tired"}).status_code == 422


def test_switching_on_again_does_not_bring_weighty_roles_back(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    browser = client_for(cast.administrator)
    browser.submit(f"/administration/people/{cast.coordinator.id}/switch-off", {"reason": "Left"})
    assert browser.submit(f"/administration/people/{cast.coordinator.id}/switch-on").status_code == 303
    assert roles_of(rows, cast.coordinator) == set()


def test_releasing_an_account_takes_the_sessions_and_the_weighty_roles(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    rows.add(UserIdentity(id=new_id(), user_id=cast.coordinator.id, issuer="https://x.example", subject="c"))
    rows.commit()
    coordinator = client_for(cast.coordinator)
    client_for(cast.administrator).submit(f"/administration/people/{cast.coordinator.id}/release")
    assert coordinator.get("/your-sign-ins").status_code == 303
    assert roles_of(rows, cast.coordinator) == set()
    assert not rows.scalars(select(UserIdentity)).all()


def test_a_person_who_can_sign_in_gets_no_second_link(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    rows.add(UserIdentity(id=new_id(), user_id=cast.officer.id, issuer="https://x.example", subject="o"))
    rows.commit()
    answer = client_for(cast.administrator).submit(f"/administration/people/{cast.officer.id}/invite-again")
    assert answer.status_code == 422
    assert not rows.scalars(select(StaffInvite)).all()


def test_two_people_who_edit_the_same_person_are_shown_both_versions(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    typed = {"name": "Ola Officer", "email": "ola@police.example", "version": "1", "phone": "01632 960123"}
    address = f"/administration/people/{cast.officer.id}/details"
    first = client_for(cast.administrator).submit(address, typed)
    assert first.status_code == 303
    second = client_for(cast.police_manager).submit(address, typed | {"phone": "01632 960999"})
    assert second.status_code == 409
    assert "01632 960123" in second.text
    assert "01632 960999" in second.text


def test_every_change_leaves_a_row(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    browser = client_for(cast.administrator)
    person = cast.officer.id
    browser.submit(f"/administration/people/{person}/roles", {"roles": ["chair"]})
    browser.submit(f"/administration/people/{person}/end-sessions")
    browser.submit(f"/administration/people/{person}/switch-off", {"reason": "Left"})
    browser.submit(f"/administration/people/{person}/switch-on")
    actions = set(rows.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == person)))
    assert {"roles:ask", "people:end_sessions", "people:switch_off", "people:switch_on"} <= actions


@pytest.mark.parametrize("part", ["roles", "switch-off", "switch-on", "release", "end-sessions", "details"])
def test_every_change_needs_a_form_token(client_for: ClientFor, cast: Cast, part: str) -> None:
    browser = client_for(cast.administrator)
    answer = browser.post(
        f"/administration/people/{cast.officer.id}/{part}", data={"reason": "x", "roles": "chair"}
    )
    assert answer.status_code == 400


def test_an_administrator_sees_no_case(client_for: ClientFor, cast: Cast) -> None:
    for address in ("/cases", "/hub"):
        assert client_for(cast.administrator).get(address).status_code in {403, 404}
