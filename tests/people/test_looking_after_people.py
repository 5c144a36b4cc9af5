"""Administrators look after everybody's access, managers their own people's, nobody their own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.models import AuditEvent, RoleChange, StaffInvite, TeamMember, User, UserIdentity
from portal.models.base import new_id
from portal.vocabulary import Role
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_user

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
    answer = client_for(cast.administrator).submit("/administration/people", {"name": "ola off"})
    assert "Ola Officer" in answer.text
    assert "Nell Nurse" not in answer.text
    listed = rows.scalars(select(AuditEvent).where(AuditEvent.action == "people:list")).one()
    assert "ola" not in str(listed.address) + str(listed.details)


def test_a_manager_sees_and_manages_only_their_own_people(client_for: ClientFor, cast: Cast) -> None:
    browser = client_for(cast.police_manager)
    page = browser.get("/administration/people").text
    assert "Ola Officer" in page
    assert "Nell Nurse" not in page
    assert (
        "Nell Nurse"
        not in browser.submit("/administration/people", {"name": "Nurse", "agency": "health-trust"}).text
    )
    for part in ("", "/details", "/roles", "/switch-off"):
        assert browser.get(f"/administration/people/{cast.nurse.id}{part}").status_code == 404
    for part in ("invite-again", "switch-on", "end-sessions", "release", "switch-off", "roles", "details"):
        answer = browser.submit(
            f"/administration/people/{cast.nurse.id}/{part}", {"reason": "x", "roles": "chair"}
        )
        assert answer.status_code == 404, part
    assert browser.get("/administration/people/invite/health-trust").status_code == 404
    assert browser.get("/administration/agencies").status_code == 403


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
    assert browser.submit(f"/administration/role-changes/{change.id}/confirm").status_code == 404


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
    assert again.status_code == 404
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


# The database holds these rules too


GIVE = "update app_user set roles = '{%s}' where id = :officer"
FORGED_CHANGE = (
    "insert into role_change (id, user_id, roles_before, roles_after, asked_by, asked_at, confirmed_by,"
    " confirmed_at) values (gen_random_uuid(), :officer, '{practitioner}', '{governance}', :administrator,"
    " now(), :second, now())"
)
BINDING = (
    "insert into user_identity (id, user_id, issuer, subject, created_at)"
    " values (gen_random_uuid(), :officer, 'https://x.example', 'x', now())"
)
STATEMENTS = {
    "a manager makes somebody coordinator": ("police_manager", GIVE % "coordinator"),
    "an administrator makes somebody governance": ("administrator", GIVE % "governance"),
    "a person gives themselves a role": ("officer", GIVE % "practitioner,chair"),
    "a person moves to another agency": (
        "officer",
        "update app_user set agency_id = :health where id = :officer",
    ),
    "an administrator writes a confirmed change": ("administrator", FORGED_CHANGE),
    "an administrator binds an account": ("administrator", BINDING),
    "a manager signs another agency's person out": ("police_manager", "select ctx.end_sessions_of(:nurse)"),
    "a manager releases another agency's account": (
        "police_manager",
        "select ctx.release_identities(:nurse)",
    ),
    "a manager signs an agency out": ("police_manager", "select ctx.end_sessions_of_agency(:health)"),
    "an officer releases a colleague's account": ("officer", "select ctx.release_identities(:colleague)"),
    "somebody reads what is spent": ("administrator", "select * from ctx.spent"),
}


@pytest.mark.parametrize("case", STATEMENTS)
def test_the_database_refuses_it_as_well(asking: Asking, cast: Cast, case: str) -> None:
    who, statement = STATEMENTS[case]
    names = {
        "officer": cast.officer.id,
        "colleague": cast.colleague.id,
        "nurse": cast.nurse.id,
        "health": cast.health.id,
        "administrator": cast.administrator.id,
        "second": cast.second_administrator.id,
    }
    used = {name: value for name, value in names.items() if f":{name}" in statement}
    with asking(getattr(cast, who)) as session, pytest.raises(DBAPIError):
        session.execute(text(statement), used)


def test_a_managers_statement_does_not_reach_another_agencys_people(asking: Asking, cast: Cast) -> None:
    with asking(cast.police_manager) as session:
        session.execute(text("update app_user set active = false where id = :id"), {"id": cast.nurse.id})
        assert session.scalar(text("select active from app_user where id = :id"), {"id": cast.nurse.id})


def test_nobody_sees_another_persons_sessions_without_looking_after_them(
    asking: Asking, client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    client_for(cast.officer)
    seen = text("select count(*) from ctx.sessions_of(:id)")
    with asking(cast.colleague) as session:
        assert session.scalar(seen, {"id": cast.officer.id}) == 0
    with asking(cast.social_care_manager) as session:
        assert session.scalar(seen, {"id": cast.officer.id}) == 0
    with asking(cast.police_manager) as session:
        assert session.scalar(seen, {"id": cast.officer.id}) == 1
