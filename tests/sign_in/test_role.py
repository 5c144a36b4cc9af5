"""Signing in has a role of its own: nothing else opens a session, and it does nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from config.errors import SettingError
from config.settings import LONGEST_IDLE, LONGEST_SESSION, from_environment
from portal.access.model import AuditEvent
from portal.demo import postgres
from portal.model import new_id
from portal.records.people.model import RefusedSignIns, SignInSession, StaffInvite, UserIdentity
from tests import database
from tests.cast import Cast
from tests.factories.people import open_session
from tests.sign_in.portal import Portal
from tests.sign_in.providers import Providers

Role = psycopg.Connection[tuple[object, ...]]

OPEN = (
    "select ctx.open_session(%(hash)s, null, %(issuer)s, %(subject)s, null, 'a browser', %(idle)s, %(lasts)s,"
    " '{}', 'auth.come_back', '/sign-in')"
)

_FUNCTIONS = text("""
select p.oid::regprocedure::text from pg_proc p
 where p.pronamespace = 'ctx'::regnamespace and p.proname = any (:names)
   and has_function_privilege(:role, p.oid, 'execute')
""")


def connected(server: postgres.Server, role: str) -> Role:
    address = server.url(role, database.NAME).replace("+psycopg", "")
    return psycopg.connect(address, autocommit=True)


@pytest.fixture
def signing_in(server: postgres.Server, app: object) -> Iterator[Role]:
    """A connection of the role that signs people in."""
    with connected(server, "portal_sign_in") as connection:
        yield connection


def opening(providers: Providers, **changes: object) -> dict[str, object]:
    token = sha256(b"a token of 256 bits").digest()
    return {
        "hash": token,
        "issuer": providers.issuer("police"),
        "subject": "p-1",
        "idle": 60,
        "lasts": 60,
    } | (changes)


@pytest.mark.parametrize("role", ["portal_app", "portal_worker"])
def test_no_other_role_that_signs_in_may_call_what_opens_and_ends_sessions(owner: Engine, role: str) -> None:
    names = [
        *("accept_invite", "agency_inviting", "close_session", "end_provider_sessions", "open_session"),
        *("refuse_sign_in", "spend", "fold_refusals", "note_sign_in", "uses_provider"),
    ]
    with owner.connect() as connection:
        found = connection.scalars(_FUNCTIONS, {"names": names, "role": role}).all()
        there = connection.scalars(_FUNCTIONS, {"names": names, "role": "portal_ctx"}).all()
    assert len(there) == len(names), "the functions are not being found"
    assert not found


@pytest.mark.parametrize("role", ["portal_app", "portal_worker"])
def test_a_known_person_is_not_signed_in_by_a_statement_of_what_serves_pages(
    server: postgres.Server, portal: Portal, rows: Session, role: str
) -> None:
    with (
        connected(server, role) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(OPEN.encode(), opening(portal.providers))
    assert rows.scalar(select(func.count()).select_from(SignInSession)) == 0


def test_it_reads_no_table_and_is_nobody(signing_in: Role, owner: Engine, rows: Session, cast: Cast) -> None:
    token = open_session(rows, cast.coordinator.id)
    signing_in.execute("select set_config('portal.session', %s, false)", [token])
    with owner.connect() as connection:
        tables = connection.execute(
            text(
                "select relnamespace::regnamespace::text, relname from pg_class"
                " where relnamespace in ('public'::regnamespace, 'ctx'::regnamespace)"
                " and relkind in ('r', 'v', 'm')"
            )
        ).all()
    assert len(tables) > 100
    for table in tables:
        for asked in (
            "select * from {} limit 0",
            "delete from {} where false",
            "insert into {} default values",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                signing_in.execute(sql.SQL(asked).format(sql.Identifier(*table)))
    for statement in ("select ctx.user_id()", "select * from ctx.arrive('x')", "set role portal_app"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            signing_in.execute(statement.encode())


def test_a_session_lasts_no_longer_than_the_database_allows(
    portal: Portal, signing_in: Role, rows: Session
) -> None:
    wanted = opening(portal.providers, idle=2_000_000_000, lasts=2_000_000_000)
    assert signing_in.execute(OPEN.encode(), wanted).fetchone() == (True,)
    kept = rows.scalars(select(SignInSession)).one()
    assert kept.idle_seconds == LONGEST_IDLE
    assert kept.ends_at - kept.opened_at == timedelta(seconds=LONGEST_SESSION)


@pytest.mark.parametrize(
    ("name", "value"), [("SESSION_IDLE_SECONDS", "3601"), ("SESSION_ABSOLUTE_SECONDS", "43201")]
)
def test_a_setting_that_the_database_would_not_honour_stops_the_start(name: str, value: str) -> None:
    environment = {
        "PORTAL_MODE": "test",
        "SECRET_KEY": "for tests only, and long enough to be one",
        "DATABASE_URL": "postgresql+psycopg://portal_app@db/portal",
    }
    from_environment(environment)
    with pytest.raises(SettingError, match=f"{name} is {value}: a session lasts at most"):
        from_environment(environment | {name: value})


def test_no_session_is_without_its_row_on_the_trail(
    portal: Portal, signing_in: Role, rows: Session, cast: Cast
) -> None:
    before = datetime.now(UTC)
    signing_in.execute(OPEN.encode(), opening(portal.providers))
    (event,) = rows.scalars(select(AuditEvent)).all()
    session = rows.scalars(select(SignInSession)).one()
    assert (event.action, event.actor_id, event.agency_id) == (
        "session:open",
        cast.officer.id,
        cast.police.id,
    )
    assert (event.session_id, event.route) == (session.id, "auth.come_back")
    assert before <= event.at <= datetime.now(UTC), "the database dates it"
    with signing_in.transaction(force_rollback=True):
        signing_in.execute(OPEN.encode(), opening(portal.providers, hash=sha256(b"another").digest()))
    rows.rollback()
    assert rows.scalar(select(func.count()).select_from(AuditEvent)) == 1
    assert rows.scalar(select(func.count()).select_from(SignInSession)) == 1


def test_nobody_who_was_not_bound_by_an_invitation_gets_a_session(
    portal: Portal, signing_in: Role, rows: Session
) -> None:
    for changes in ({"subject": "somebody"}, {"issuer": portal.providers.issuer("health")}):
        assert signing_in.execute(OPEN.encode(), opening(portal.providers, **changes)).fetchone() == (False,)
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        signing_in.execute(OPEN.encode(), opening(portal.providers, hash=b"the token itself"))
    assert rows.scalar(select(func.count()).select_from(SignInSession)) == 0


def test_an_invitation_gives_nobody_a_second_way_into_an_account(
    portal: Portal, signing_in: Role, rows: Session, cast: Cast
) -> None:
    link = sha256(b"a link").digest()
    rows.add(
        StaffInvite(
            id=new_id(),
            user_id=cast.officer.id,
            token_hash=link,
            created_at=datetime.now(UTC),
            expires_at=datetime.now(UTC) + timedelta(days=1),
        )
    )
    rows.commit()
    accept = "select ctx.accept_invite(%s, %s, 'another-account', 'auth.come_back', '/sign-in')"
    issuer = portal.providers.issuer("police")
    assert signing_in.execute(accept, [link, issuer]).fetchone() == (False,)
    rows.execute(
        update(UserIdentity).values(subject="released").where(UserIdentity.user_id == cast.officer.id)
    )
    rows.execute(text("delete from user_identity where subject = 'released'"))
    rows.commit()
    assert signing_in.execute(accept, [link, issuer]).fetchone() == (True,)
    rows.expire_all()
    assert rows.scalars(select(AuditEvent.action)).all() == ["people:bind"]


def test_many_refused_sign_ins_leave_few_rows_and_a_count(
    portal: Portal, signing_in: Role, rows: Session
) -> None:
    for number in range(128):
        reason = "attempt" if number % 2 else "replayed"
        signing_in.execute("select ctx.refuse_sign_in('police', %s, 'auth.come_back', '/x')", [reason])
    written = rows.scalars(select(AuditEvent)).all()
    assert 10 <= len(written) <= 21, "ten a minute, and the minute may have turned"
    assert {event.actor_id for event in written} == {None}
    rows.execute(update(RefusedSignIns).values(minute=RefusedSignIns.minute - timedelta(minutes=2)))
    rows.commit()
    portal.sign_in("police", "p-1")
    rows.expire_all()
    folded = rows.scalars(select(AuditEvent).where(AuditEvent.action == "session:refused_more")).all()
    beyond = sum(sum(event.details["reasons"].values()) for event in folded)
    single = len([event for event in written if event.action == "session:refused"])
    assert single + beyond == 128, "none is lost"
    assert rows.scalar(select(func.count()).select_from(RefusedSignIns)) == 0


def test_a_refusal_names_a_provider_that_there_is(portal: Portal, signing_in: Role) -> None:
    for provider, reason in (("nowhere", "attempt"), ("police", "DROP TABLE")):
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            signing_in.execute("select ctx.refuse_sign_in(%s, %s, null, null)", [provider, reason])


def test_signing_out_takes_the_token_itself(signing_in: Role, rows: Session, cast: Cast) -> None:
    token = open_session(rows, cast.officer.id)
    close = "select ctx.close_session(%s, 'auth.sign_out', '/sign-out')"
    assert signing_in.execute(close, [sha256(b"a guess").digest()]).fetchone() == (None,)
    held = sha256(token.encode()).digest()
    assert signing_in.execute(close, [held]).fetchone() == ("https://provider.example",)
    assert signing_in.execute(close, [held]).fetchone() == (None,), "once"
    assert rows.scalars(select(AuditEvent.action)).all() == ["session:close"]
