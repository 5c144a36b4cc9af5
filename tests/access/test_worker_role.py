"""What the worker may touch: what is owed and to whom, in columns without narrative; it is nobody."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.demo import postgres
from tests import database
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
        "owned_for_id",  # of whoever moved: its ladder goes to those who answered for it then
        *("original_due_at", "state", "ended_at", "source", "policy_version"),
        *("child_id", "concern_id", "directory_id"),
    },
    "cre_case": {"id", "reference", "state", "lead_agency_id", "lead_professional_id"},
    "access_grant": {"case_id", "user_id", "starts_at", "ends_at"},
    "referral_notice": EVERYTHING,
    "disclosure": {
        *("id", "reference", "receiver_agency_id", "receiver_team_id", "receiver_id", "withdrawn_at"),
        "confirmed_at",
    },
    "taken_copy": {"reference", "taken_at"},  # governance is told how many were taken
    "document_job": {"id", "expires_at"},  # it deletes what has had its time
    "action": {"id", "reference", "state", "meeting_id", "owner_id", "owner_team_id"},
    "concern": {"id", "reference", "owner_agency_id", "owner_team_id"},
    "concern_order": {"id", "reference", "concern_id"},
    "told_by_hand": {"id", "reference"},
    "directory_entry": {"id", "agency_id"},
    **{
        table: {"id", "reference"}
        for table in ("linked_process", "missing_prompt", "panel_item", "return_interview")
    },
    # what waits too long
    "missing_episode": {"id", "reference", "returned_at", "prevention_at", "withdrawn_at"},
    "access_request": {"id", "case_id", "asked_at", "answered_at"},
    "role_change": {"id", "user_id", "asked_at", "confirmed_at", "refused_at"},
    "draft_opening": {"referral_id"},
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
    "idempotency_key": {"made_at"},  # to forget what is old
    "state_transition": EVERYTHING,
    # pages of a record of a meeting that somebody left
    "minute_page": {"page", "item_id", "meeting_id", "sent_at"},
    "meeting_presence": {"page", "seen_at"},
    "meeting_draft": {"id", "meeting_id"},
}

#: Of what the worker reads, every column that could hold a text, with what it holds. One that is not here
#: holds what people write, until somebody says otherwise.
TEXTS: dict[str, dict[str, str]] = {
    "a code of the program or of policy": {
        "deadline": "kind subject_kind state policy_version",
        "cre_case": "state",
        "referral_notice": "state",
        "meeting": "kind state",
        "action": "state",
        "invitation": "role reply attendance",
        "agency": "code sector authority districts",
        "team": "desks",
        "app_user": "roles",
        "message_preference": "kind",
        "outbox_message": "key kind channel state outcome handed_reason event ground",
        "outbox_subject": "subject_kind rung method",
        "reminder_plan": "policy_version",
        "address_suspension": "reason",
        "heartbeat": "tick",
        "state_transition": "machine before after",
    },
    "an opaque reference": dict.fromkeys(
        (
            *("cre_case", "referral_notice", "disclosure", "information_request", "meeting", "invitation"),
            *("action", "outbox_subject", "concern", "concern_order", "linked_process", "missing_episode"),
            *("told_by_hand", "taken_copy"),
            *("missing_prompt", "panel_item", "return_interview"),
        ),
        "reference",
    ),
    "where somebody can be reached at work": {
        "app_user": "email",
        "team": "duty_email duty_phone",
        "outbox_message": "address",
        "address_suspension": "address",
    },
    "what an organisation is called": {"agency": "name", "team": "name"},
    "the source of a duty, as policy writes it": {"deadline": "source"},
}

#: And what it may write: messages, when to look again, addresses that came back, its pulse.
WRITES: dict[str, set[str]] = {
    "outbox_message": {"INSERT", "UPDATE"},
    "outbox_subject": {"INSERT"},
    "untold": {"INSERT"},
    "address_suspension": {"INSERT"},
    "document_job": {"DELETE"},
    "reminder_plan": {"UPDATE"},
    "heartbeat": {"INSERT", "UPDATE"},
    "idempotency_key": {"DELETE"},
    # what pages of a record sent, and who was there: forgotten when left
    "minute_page": {"DELETE"},
    "meeting_presence": {"DELETE"},
    "meeting_draft": {"DELETE"},
}

#: Which readers a person is, whether readers reach a record, the constant by which the hub is a reader; and
#: what is owed when a young person comes of age, by days and without a date of birth; and what keeps the
#: audit trail, of which it learns counts, times and digests.
CALLS = {
    *(
        "readers_of",
        "audience_keys",
        "front_door_keys",
        "reaches",
        "obstacles",
        "around_case",
        "case_behind",
        "cases_behind",
        "sealed_behind",
        "hub",
        "transitions",
        "owe_transition",
        "end_cancelled_tellings",  # those that it ended, whose owners it tells
        "end_past_cancellations",
        "end_transition",
    ),
    *("lacks_paper", "unanswered"),  # of a meeting: yes or no, and of which agencies
    "left_uncovered",  # of an absence and a person: yes or no
    "minutes_unopened",  # of a meeting: how many copies, and who chaired
    *("seal_audit", "audit_batches", "audit_end", "audit_state", "remove_searches"),
    *("oldest_waiting_message", "seal_lag"),  # an age each, for metrics
}

_COLUMNS = text("""
select t.relname, c.attname from pg_class t
  join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
 where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p', 'v', 'm')
 order by t.relname, c.attnum
""")

_TEXTS_READ = text("""
select t.relname, c.attname from pg_class t
  join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
  join pg_type y on y.oid = c.atttypid left join pg_type e on e.oid = y.typelem and y.typcategory = 'A'
 where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p', 'v', 'm')
   and has_column_privilege('portal_worker', t.oid, c.attnum, 'SELECT')
   and (coalesce(e.typcategory, y.typcategory) = 'S' or y.typname in ('json', 'jsonb', 'bytea', 'xml'))
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


def test_no_text_that_the_worker_reads_is_what_somebody_wrote(owner: Engine) -> None:
    with owner.connect() as connection:
        found = {(table, column) for table, column in connection.execute(_TEXTS_READ)}
    known = {
        (table, column)
        for columns_of in TEXTS.values()
        for table, columns in columns_of.items()
        for column in columns.split()
    }
    assert len(found) > 40, "the catalogue is not being read"
    assert not found - known, f"say in TEXTS what these hold, or take them from the worker: {found - known}"
    assert not known - found, f"these are not read, or hold no text: take them from TEXTS: {known - found}"


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("child", name) for name in ("given_name", "family_name", "dob", "nhs_number")),
        *(("app_user", name) for name in ("name", "phone")),
        *(("audit_event", name) for name in ("details", "address", "child_id", "actor_id", "seal_number")),
        *(("audit_search", name) for name in ("text", "actor_id", "event_id")),
        *(("action", name) for name in ("what", "measure", "done_words", "blocked_reason", "child_id")),
        *(("information_request", name) for name in ("question", "why", "withdrawn_reason", "child_id")),
        *(("information_answer", name) for name in ("text", "nothing_held")),
        *(("meeting", name) for name in ("place", "link", "district", "quorum_reason")),
        *(("invitation", name) for name in ("external_name", "reply_reason", "attendance_note")),
        *(("meeting_change", name) for name in ("before", "after", "reason")),
        *(("access_request", name) for name in ("reason", "answer")),
        *(
            ("cre_case", name)
            for name in ("child_id", "reason", "level", "sensitivity", "sensitivity_reason")
        ),
        *(("disclosure", name) for name in ("reason", "purpose")),
        ("access_grant", "reason"),
        ("meeting_case", "child_id"),
        ("agenda_item", "heading"),
        ("meeting_handout", "what"),
        ("disclosure_text", "text"),
        ("referral", "what_happened"),
        ("referral_source", "text"),
        ("chronology_entry", "text"),
        ("child_statement", "value"),
        ("alert", "text"),
        ("entry_draft", "answers"),
    ],
)
def test_the_worker_is_refused_what_people_wrote_and_who_a_child_is(
    worker: Worker, table: str, column: str
) -> None:
    asked = sql.SQL("select {} from {} limit 0").format(sql.Identifier(column), sql.Identifier(table))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        worker.execute(asked)
    count = sql.SQL("select 1 from {} where {} is not null").format(
        sql.Identifier(table), sql.Identifier(column)
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        worker.execute(count)


def test_the_worker_writes_messages_plans_suspensions_and_its_pulse(owner: Engine) -> None:
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
