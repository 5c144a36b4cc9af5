"""What the worker may touch: what is owed and to whom, in columns without narrative; it is nobody."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.demo import postgres
from tests import database
from tests.access.oracle.build import build, happen
from tests.access.oracle.compare import wait_until_soon_is_past
from tests.access.oracle.reaching import MAY_BE_TOLD, is_here, pairs
from tests.access.oracle.requirement import Person
from tests.access.oracle.truth import Truth
from tests.cast import Cast
from tests.factories.people import open_session

Worker = psycopg.Connection[tuple[object, ...]]

EVERYTHING = {"*"}

#: Every column that the worker may read, table by table. None says what somebody wrote or who a child is.
READS: dict[str, set[str]] = {
    # what is owed
    "deadline": {
        *(
            "id",
            "kind",
            "subject_kind",
            "subject_id",
            "case_id",
            "referral_id",
            "disclosure_id",
            "request_id",
        ),
        *("meeting_id", "given_by", "owner_id", "owner_team_id", "owner_agency_id", "started_at", "due_at"),
        *("original_due_at", "state", "ended_at", "source", "policy_version"),
    },
    "cre_case": {"id", "reference", "state", "lead_agency_id", "lead_professional_id"},
    "access_grant": {"case_id", "user_id", "starts_at", "ends_at"},
    "referral_notice": EVERYTHING,
    "disclosure": {
        *("id", "reference", "receiver_agency_id", "receiver_team_id", "receiver_id", "withdrawn_at"),
        "confirmed_at",
    },
    "information_request": {
        *("id", "reference", "case_id", "referral_id", "meeting_id", "asked_agency_id", "asked_team_id"),
        *("asked_user_id", "asked_by", "asked_at", "due_at", "answered_at", "withdrawn_at", "reach_until"),
    },
    "meeting": {
        *("id", "reference", "kind", "state", "starts_at", "ends_at", "chair_id", "note_taker_id"),
        *("sequence", "reach_until"),
    },
    "meeting_case": {"meeting_id", "case_id"},
    "invitation": {
        *("id", "reference", "meeting_id", "agency_id", "team_id", "user_id", "comes_id", "role", "reply"),
        *("attendance", "withdrawn_at"),
    },
    # to whom
    "agency": EVERYTHING,
    "team": EVERYTHING,
    "team_member": EVERYTHING,
    "app_user": {"id", "agency_id", "email", "roles", "active"},
    "message_preference": EVERYTHING,
    "absence": EVERYTHING,
    "absence_cover": EVERYTHING,
    # its own
    "outbox_message": EVERYTHING,
    "outbox_subject": EVERYTHING,
    "reminder_plan": EVERYTHING,
    "address_suspension": EVERYTHING,
    "heartbeat": EVERYTHING,
    "audit_event": EVERYTHING,  # it seals whole rows; no row holds what somebody wrote or a name
    "audit_seal": EVERYTHING,
    "state_transition": EVERYTHING,
}

#: And what it may write: messages, when to look again, addresses that came back, its pulse, seals.
WRITES: dict[str, set[str]] = {
    "outbox_message": {"INSERT", "UPDATE"},
    "outbox_subject": {"INSERT"},
    "address_suspension": {"INSERT"},
    "reminder_plan": {"UPDATE"},
    "heartbeat": {"INSERT", "UPDATE"},
    "audit_event": {"UPDATE of seal_number"},
    "audit_seal": {"INSERT"},
}

#: Which readers a person is, whether readers reach a record, and the constant by which the hub is a reader.
CALLS = {"readers_of", "reaches", "hub"}

_COLUMNS = text("""
select t.relname, c.attname from pg_class t
  join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
 where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p', 'v', 'm')
 order by t.relname, c.attnum
""")

_WRITABLE = text("""
select t.relname, verb from pg_class t cross join unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) verb
 where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p', 'v', 'm')
   and has_table_privilege('portal_worker', t.oid, verb)
union all
select t.relname, verb || ' of ' || c.attname from pg_class t
  join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
 cross join unnest(array['INSERT', 'UPDATE']) verb
 where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p', 'v', 'm')
   and has_column_privilege('portal_worker', t.oid, c.attnum, verb)
   and not has_table_privilege('portal_worker', t.oid, verb)
""")


@pytest.fixture
def worker(server: postgres.Server, app: object) -> Iterator[Worker]:
    """A connection of the worker's role."""
    address = server.url("portal_worker", database.NAME).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def test_the_worker_reads_these_columns_and_is_refused_every_other(owner: Engine, worker: Worker) -> None:
    with owner.connect() as connection:
        columns = connection.execute(_COLUMNS).all()
    assert len(columns) > 300, "the catalogue is not being read"
    faults = []
    for table, column in columns:
        may = bool(READS.get(table, set()) & {column, "*"})
        asked = sql.SQL("select {} from {} limit 0").format(sql.Identifier(column), sql.Identifier(table))
        try:
            worker.execute(asked)
            reads = True
        except psycopg.errors.InsufficientPrivilege:
            reads = False
        if reads is not may:
            faults.append(f"{table}.{column} {'is' if reads else 'is not'} read")
    assert not faults, f"say in READS, for people, or mend the grant: {faults}"


def test_the_worker_writes_messages_plans_suspensions_its_pulse_and_seals(owner: Engine) -> None:
    found: dict[str, set[str]] = {}
    with owner.connect() as connection:
        for table, verb in connection.execute(_WRITABLE):
            found.setdefault(table, set()).add(verb)
    assert found == WRITES


def test_the_worker_asks_who_reaches_what_and_no_more(owner: Engine) -> None:
    with owner.connect() as connection:
        callable_ = connection.scalars(
            text(
                "select proname from pg_proc where pronamespace = 'ctx'::regnamespace"
                " and has_function_privilege('portal_worker', oid, 'execute')"
            )
        ).all()
    assert set(callable_) == CALLS


def test_the_worker_is_nobody_and_becomes_nobody(rows: Session, cast: Cast, worker: Worker) -> None:
    token = open_session(rows, cast.coordinator.id)
    worker.execute("select set_config('portal.session', %s, false)", [token])
    for statement in (
        "select ctx.user_id()",
        "select * from ctx.live_session()",
        "select * from ctx.arrive('x')",
        "select * from ctx.session",
        "select ctx.pass_if_sealed(null, null, null, null)",
        "select ctx.oldest_waiting_message()",
        "select * from case_scope",
        "set role portal_app",
        "set role portal_owner",
        "set role portal_scope",
        "set role portal_ctx",
        "set session authorization portal_owner",
        "set session_replication_role = replica",
        "create table public.kept (x text)",
        "create function ctx.kept() returns int language sql as 'select 1'",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            worker.execute(statement.encode())
    held = worker.execute(
        "select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user"
    )
    assert held.fetchone() == (False, False, False)


@pytest.mark.parametrize("seed", [20261125, 20261126])
def test_whether_somebody_may_still_be_told_is_what_the_requirement_says(
    rows: Session, owner: Engine, worker: Worker, seed: int
) -> None:
    world = build(rows, seed)
    wait_until_soon_is_past(world)
    happen(world, 20)
    wait_until_soon_is_past(world)
    with owner.connect() as connection:
        truth = Truth(connection)
    people = [Person(truth, user.id, world.given_in) for user in world.users]
    checks, faults, told = 0, [], 0
    for kind, may_be_told in MAY_BE_TOLD.items():
        for row, case_id in pairs(truth, kind):
            answers = worker.execute(
                "select ctx.reaches(ctx.readers_of(w.person), %s, %s, %s)"
                " from unnest(%s::uuid[]) with ordinality w (person, place) order by place",
                [kind, row.id, case_id, [person.id for person in people]],
            ).fetchall()
            for person, (says,) in zip(people, answers, strict=True):
                checks += 1
                expected = is_here(person) and may_be_told(person, row)
                told += expected
                if says is not expected:
                    faults.append(f"{person.roles} {'is' if says else 'is not'} told of {kind} {row.id}")
    assert checks > 5_000, "the world is too small to prove anything"
    assert told > 500, "hardly anybody may be told anything: make the worlds richer"
    assert not faults, "\n".join(faults[:20])
