"""Makes many of each record of the demonstration: a county with every kind of record, set by set.

Whoever works in the demonstration stays who they are, and so do their agencies and teams. What they work on
is there so many times, each time with identifiers and references of its own, and with the rows that triggers
keep.
"""

from typing import Any

import psycopg
from sqlalchemy import Column, Table, Text, Uuid

from portal.extensions import db

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
        *("absence", "absence_cover"),
    }
)
#: An identifier keeps its first half, which is when it was made: what is sorted by it stays together in time.
_AGAIN = """
create function bench_again(p_id uuid, p_copy int) returns uuid language sql immutable as $$
    select (left(p_id::text, 13) || '-7' || substr(h, 1, 3) || '-8' || substr(h, 4, 3) || '-'
            || substr(h, 7, 12))::uuid
      from md5(p_id::text || ':' || p_copy) h
$$;
create function bench_reference(p_reference text, p_number bigint) returns text language sql immutable as $$
    select split_part(p_reference, '-', 1) || '-' || left(digits, 4) || '-' || right(digits, 4)
      from (select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + one::int, 1), '') digits
              from (select ((p_number + (16::bigint << 35)) >> (5 * place)) & 31 as one
                      from generate_series(7, 0, -1) place) each) written
$$;
"""


def multiply(connection: psycopg.Connection, times: int) -> int:
    """Add `times` copies of all work of the demonstration; returns how many rows there are then of it.

    Args:
        connection: of a superuser, committed here: nothing is checked and no trigger writes meanwhile.
    """
    tables = [table for table in db.metadata.sorted_tables if table.name not in ONCE and table.schema is None]
    connection.execute(_AGAIN.encode())
    connection.execute(b"set session_replication_role = replica")
    connection.execute(b"create temporary table bench_known (id uuid primary key)")
    for table in tables:
        if "id" in table.c and isinstance(table.c.id.type, Uuid):
            known = f'insert into bench_known select id from "{table.name}"'  # noqa: S608 - a table of ours
            connection.execute(known.encode())
    written = [f'select reference from "{table.name}"' for table in tables if "reference" in table.c]  # noqa: S608 - likewise
    numbered = f"select reference, row_number() over () as number from ({' union '.join(written)}) each"  # noqa: S608 - likewise
    connection.execute(f"create temporary table bench_written as {numbered}".encode())
    connection.execute(b"create unique index on bench_written (reference)")
    connection.execute(b"analyze bench_known, bench_written")
    rows = 0
    for table in tables:
        rows += connection.execute(_copy(table).encode(), {"times": times}).rowcount
    connection.execute(b"set session_replication_role = origin")
    connection.commit()
    return rows


def _copy(table: Table) -> str:
    columns = [column for column in table.columns if column.identity is None]  # those number themselves
    names = ", ".join(f'"{column.name}"' for column in columns)
    values = ", ".join(_value(column) for column in columns)
    return (
        f'insert into "{table.name}" ({names}) select {values}'  # noqa: S608 - our tables
        f' from "{table.name}" t'
        " cross join generate_series(1, %(times)s::int) copy (n)"
    )


def _value(column: Column[Any]) -> str:
    own = f't."{column.name}"'
    if isinstance(column.type, Uuid):
        targets = {key.column.table.name for key in column.foreign_keys}
        if targets & ONCE:
            return own
        if targets or column.name == "id":
            return f"bench_again({own}, copy.n)"
        return (
            f"case when exists (select 1 from bench_known k where k.id = {own})"  # noqa: S608 - a column of ours
            f" then bench_again({own}, copy.n) else {own} end"
        )
    if column.name == "reference":
        number = f"(select number from bench_written w where w.reference = {own})"  # noqa: S608 - likewise
        return f"bench_reference({own}, ({number} << 20) + copy.n)"
    if isinstance(column.type, Text) and _is_unique(column):
        return f"{own} || ':' || copy.n"
    return own


def _is_unique(column: Column[Any]) -> bool:
    """Whether no two rows may have it, as an index of its own says."""
    return bool(column.unique) or any(
        index.unique and [one.name for one in index.columns] == [column.name]
        for index in (column.table.indexes if column.table is not None else ())
    )
