"""Makes many of each record of the demonstration: counties with every kind of record, set by set.

What people work on is there so many times, each time with identifiers and references of its own, and with the
rows that triggers keep. A few of these copies belong to whoever works in the demonstration: some they have in
hand, some ended. All others belong to the people, teams and agencies of other places, who are copies too, so
that what one person holds does not grow with the tables. The hub is one for all places.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import ARRAY, Column, Date, DateTime, Table, Text, Uuid

from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.reminders.writing import key_of_another_try

#: Who is there, how they sign in, and what the portal keeps of itself: there once.
ONCE = frozenset(
    {
        *(
            "agency",
            "agency_provider",
            "identity_provider",
            "team",
            "team_member",
            "app_user",
            "user_identity",
        ),
        *("staff_invite", "role_change", "saved_filter", "message_preference", "address_suspension"),
        *("audit_chain", "audit_event", "audit_search", "audit_seal", "alembic_version", "heartbeat"),
        *("state_transition", "idempotency_key", "document_job", "directory_entry", "directory_change"),
        *("absence", "absence_cover", "search_key_rules"),
    }
)
#: Whom the other places have of their own.
STAFF = frozenset({"agency", "team", "app_user"})
#: So many copies are those of the people of the demonstration: the first of now, as the demonstration is, the
#: others of months past. That is as many cases as a county has, in the smaller world as in the larger one.
HOME_IN_HAND, HOME = 1, 6
#: The other copies are dealt out to other places. So many of all are of now: what is due has an end, and does
#: not grow with what is on record.
PLACES = ("Westshire", "Northshire", "Southshire")
IN_HAND = 20
#: Each that lies in the past began and ended so many days before the one before it.
APART_AT_HOME, APART = 30, 3
PAST = "bench_back(copy.n) > 0"
#: How each record ended, of the copies that lie in the past: by table and column, an expression of SQL.
ENDED: Mapping[str, Mapping[str, str]] = tomllib.loads(
    Path(__file__).with_name("ended.toml").read_text("utf-8")
)
#: What is there only while something is open: what the worker has to look at, what is being written.
WHILE_OPEN = frozenset({"reminder_plan", "entry_draft", "draft_opening", "referral_presence"})
#: Days that a record of the past does not take along.
BIRTHS = frozenset({"dob", "reported_dob"})
#: An identifier keeps its first half, which is when it was made: what is sorted by it stays together in time.
_AGAIN = f"""
create function bench_back(p_copy int) returns int language sql immutable as $$
    select case when p_copy <= {HOME_IN_HAND} then 0
                when p_copy <= {HOME} then p_copy * {APART_AT_HOME}
                when p_copy <= {IN_HAND} then 0
                else p_copy * {APART} end
$$;
create function bench_place(p_copy int) returns int language sql immutable as $$
    select case when p_copy > {HOME} then 1 + p_copy % {len(PLACES)} else 0 end
$$;
create function bench_again(p_id uuid, p_copy int) returns uuid language sql immutable as $$
    select (lpad(to_hex(('x' || left(replace(p_id::text, '-', ''), 12))::bit(48)::bigint
                        - bench_back(p_copy) * 86400000::bigint), 12, '0')
            || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 3) || substr(h, 7, 12))::uuid
      from md5(p_id::text || ':' || p_copy) h
$$;
create function bench_at(p_id uuid, p_place int) returns uuid language sql immutable as $$
    select case when p_place = 0 then p_id
                else (left(replace(p_id::text, '-', ''), 12)
                      || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 3) || substr(h, 7, 12))::uuid end
      from md5(p_id::text || ' at ' || p_place) h
$$;
create function bench_reference(p_reference text, p_number bigint) returns text language sql immutable as $$
    select split_part(p_reference, '-', 1) || '-' || left(digits, 4) || '-' || right(digits, 4)
      from (select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + one::int, 1), '') digits
              from (select ((p_number + (16::bigint << 35)) >> (5 * place)) & 31 as one
                      from generate_series(7, 0, -1) place) each) written
$$;
"""  # noqa: S608 - numbers of ours
#: Who works at the other places: everybody who works in the demonstration, under another name. The hub is
#: theirs as well. They answer for no district, so that what is for a district goes where it went.
_ELSEWHERE = """
create temporary table bench_staff as
select id from agency where sector <> 'hub'
union all select t.id from team t join agency a on a.id = t.agency_id where a.sector <> 'hub'
union all select id from app_user;
create unique index on bench_staff (id);
create temporary table bench_places as
select n::int, name from unnest(%(places)s::text[]) with ordinality each (name, n);
insert into agency (id, code, name, sector, districts, lead_id, active, version)
select bench_at(a.id, p.n), a.code || '-' || p.n, a.name || ', ' || p.name, a.sector, '{}',
       bench_at(a.lead_id, p.n), a.active, a.version
  from agency a join bench_staff s on s.id = a.id cross join bench_places p;
insert into team (id, agency_id, name, duty_email, duty_phone, manager_id, desks, answers_at_night, active,
                  version)
select bench_at(t.id, p.n), bench_at(t.agency_id, p.n), t.name || ', ' || p.name, t.duty_email, t.duty_phone,
       bench_at(t.manager_id, p.n), '{}', t.answers_at_night, t.active, t.version
  from team t join bench_staff s on s.id = t.id cross join bench_places p;
insert into app_user (id, agency_id, name, email, job_title, phone, roles, active, left_at, created_at,
                      version)
select bench_at(u.id, p.n), case when s.id is null then u.agency_id else bench_at(u.agency_id, p.n) end,
       u.name || ', ' || p.name, u.email, u.job_title, u.phone, u.roles, u.active, u.left_at, u.created_at,
       u.version
  from app_user u cross join bench_places p left join bench_staff s on s.id = u.agency_id;
insert into team_member (team_id, user_id)
select case when s.id is null then m.team_id else bench_at(m.team_id, p.n) end, bench_at(m.user_id, p.n)
  from team_member m cross join bench_places p left join bench_staff s on s.id = m.team_id
"""
#: As the triggers would have kept it: who reads what has ended, and where it stands on their lists.
_RESCOPED = """
select ctx.rescope_{0}(bench_again(known.id, copy.n))
  from bench_known known cross join generate_series(1, %s::int) copy (n)
 where bench_back(copy.n) > 0 and exists (select 1 from {1} r where r.id = known.id)
"""


def multiply(connection: psycopg.Connection, times: int) -> int:
    """Add `times` copies of all work of the demonstration; returns how many rows there are then of it.

    Args:
        connection: of a superuser, committed here: nothing is checked and no trigger writes meanwhile.
    """
    tables = [table for table in db.metadata.sorted_tables if table.name not in ONCE and table.schema is None]
    connection.execute(_AGAIN.encode())
    connection.execute(b"set session_replication_role = replica")
    for statement in _ELSEWHERE.split(";\n"):
        connection.execute(statement.encode(), {"places": list(PLACES)})
    connection.execute(b"create temporary table bench_known (id uuid primary key)")
    for table in tables:
        if "id" in table.c and isinstance(table.c.id.type, Uuid):
            known = f'insert into bench_known select id from "{table.name}"'  # noqa: S608 - a table of ours
            connection.execute(known.encode())
    written = [f'select reference from "{table.name}"' for table in tables if "reference" in table.c]  # noqa: S608 - likewise
    numbered = f"select reference, row_number() over () as number from ({' union '.join(written)}) each"  # noqa: S608 - likewise
    connection.execute(f"create temporary table bench_written as {numbered}".encode())
    connection.execute(b"create unique index on bench_written (reference)")
    connection.execute(
        b"create temporary table bench_unsent as select id from referral where state = 'draft'"
    )
    connection.execute(b"analyze bench_known, bench_written")
    rows = 0
    for table in tables:
        rows += connection.execute(_copy(table).encode(), {"times": times}).rowcount
    connection.execute(b"analyze")
    for what, whole in (("case", "cre_case"), ("child", "child"), ("concern", "concern")):
        connection.execute(_RESCOPED.format(what, whole).encode(), [times])
    connection.execute(b"set session_replication_role = origin")
    connection.commit()
    return rows


def _copy(table: Table) -> str:
    columns = [column for column in table.columns if column.identity is None]  # those number themselves
    ended = ENDED.get(table.name, {})
    assert ended.keys() <= {column.name for column in columns}, f"{table.name} has no {ended}"
    names = ", ".join(f'"{column.name}"' for column in columns)
    values = ", ".join(_value(column, ended.get(column.name)) for column in columns)
    return (
        f'insert into "{table.name}" ({names}) select {values}'  # noqa: S608 - our tables
        f' from "{table.name}" t'
        " cross join generate_series(1, %(times)s::int) copy (n)"
        f" where not ({PAST} and ({_left_out(table)}))"
    )


def _left_out(table: Table) -> str:
    """Of what is there only for now, which rows have no copy in the past: forms that nobody sent, too."""
    if table.name in WHILE_OPEN:
        return "true"
    of = [f't."{key.parent.name}"' for key in table.foreign_keys if key.column.table.name == "referral"]
    own = ['t."id"'] if table.name == "referral" else of
    unsent = "coalesce({} in (select id from bench_unsent), false)"
    return " or ".join(["false", *(unsent.format(one) for one in own)])


def _value(column: Column[Any], ended: str | None) -> str:
    """What a copy has in a column: its own identifiers and references, and of what is past the end of it."""
    own = f't."{column.name}"'
    now = f"case when {PAST} then {ended} else {own} end" if ended else own
    if isinstance(column.type, Date | DateTime) and column.name not in BIRTHS:
        return f"case when {own} > '9000-01-01' then {now} else {_back(column, now)} end"
    return _named(column, now)


def _named(column: Column[Any], own: str) -> str:
    value = own
    if isinstance(column.type, Uuid):
        targets = {key.column.table.name for key in column.foreign_keys}
        if column.name == "id" or (targets and not targets & ONCE):
            value = f"bench_again({own}, copy.n)"
        elif targets & STAFF:
            value = _worked(own)
        elif not targets:
            value = _known(own)
    elif isinstance(column.type, ARRAY) and isinstance(column.type.item_type, Uuid):
        value = f"array(select {_known('one')} from unnest({own}) one)"  # noqa: S608 - a column of ours
    elif column.name == "reference":
        number = f"(select number from bench_written w where w.reference = {own})"  # noqa: S608 - likewise
        value = f"bench_reference({own}, ({number} << 20) + copy.n)"
    elif isinstance(column.type, Text) and is_unique(column):
        # Of a message's key, which tells what it is of, nobody reads what stands behind that word.
        again = key_of_another_try("") if column.table.name == OutboxMessage.__tablename__ else ""
        value = f"{own} || '{again}:' || copy.n"
    return value


def _worked(own: str) -> str:
    """An identifier of somebody, a team or an agency, at the place whose copy it is."""
    staff = f"({own}) in (select id from bench_staff)"  # noqa: S608 - a column of ours
    return f"case when {staff} then bench_at({own}, bench_place(copy.n)) else {own} end"


def _known(own: str) -> str:
    """An identifier that may be of a record, or of whoever works with it."""
    record = f"({own}) in (select id from bench_known)"  # noqa: S608 - a column of ours
    return f"case when {record} then bench_again({own}, copy.n) else {_worked(own)} end"


def _back(column: Column[Any], own: str) -> str:
    """A day or moment, put back as far as its copy lies."""
    if isinstance(column.type, DateTime):
        return f"({own})::timestamptz - bench_back(copy.n) * interval '1 day'"
    return f"({own})::date - bench_back(copy.n)"


def is_unique(column: Column[Any]) -> bool:
    """Whether no two rows may have it, as an index of its own says."""
    return bool(column.unique) or any(
        index.unique and [one.name for one in index.columns] == [column.name]
        for index in (column.table.indexes if column.table is not None else ())
    )
