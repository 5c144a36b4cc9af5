"""What the services refuse about people's access, the database refuses as well."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.records.people.model import User
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.client import Client

ClientFor = Callable[[User | UUID | None], Client]


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
