"""Makes many of one kind of record where there are few: forms that wait, meetings to come."""

from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Column, Text

from portal.extensions import db
from tests.bench.multiply import is_unique

#: What belongs to a form that waits, and to a meeting to come; of each the record itself stands first.
FORM = ("referral", "referral_notice", "referral_colour", "referral_subject", "referral_child", "deadline")
MEETING = ("meeting", "meeting_case", "invitation", "agenda_item")
WAITING = "state in ('sent', 'in_triage')"


def crowd(connection: psycopg.Connection, tables: Sequence[str], which: str, many: int) -> None:
    """Add about so many copies of some records, each as it stands now.

    Args:
        connection: of a superuser, to a database that was multiplied; committed here, and no trigger writes.
        tables: of the records and of what belongs to them.
        which: of the records, an expression of SQL.
    """
    whole = tables[0]
    connection.execute(b"set session_replication_role = replica")
    # The first that were there: what is the same in every world.
    roots = f"create temporary table bench_roots as select * from {whole} where {which} order by id limit 6"  # noqa: S608 - our words
    found = connection.execute(roots.encode()).rowcount
    assert found, f"no {whole} is there of which {which}"
    for table in tables:
        connection.execute(_copy(table, tables).encode(), [many // found])
    connection.execute(b"drop table bench_roots")
    connection.execute(b"set session_replication_role = origin")
    connection.commit()


def _copy(name: str, copied: Sequence[str]) -> str:
    table = db.metadata.tables[name]
    columns = [column for column in table.columns if column.identity is None]  # those number themselves
    names = ", ".join(f'"{column.name}"' for column in columns)
    values = ", ".join(_value(column, copied) for column in columns)
    of = "id" if name == copied[0] else _key(name, copied[0])
    # Numbered below nought, so that none has the identifier of a copy that `multiply` made.
    return (
        f'insert into "{name}" ({names}) select {values} from "{name}" t'  # noqa: S608 - tables of ours
        f' join bench_roots r on r.id = t."{of}" cross join generate_series(-%s::int, -1) copy (n)'
    )


def _key(name: str, whole: str) -> str:
    columns = db.metadata.tables[name].columns
    return next(one.name for one in columns if whole in {key.column.table.name for key in one.foreign_keys})


def _value(column: Column[Any], copied: Sequence[str]) -> str:
    own = f't."{column.name}"'
    if column.name == "id" or {key.column.table.name for key in column.foreign_keys} & set(copied):
        return f"bench_again({own}, copy.n)"
    if column.name == "subject_id":
        return f"case when {own} = r.id then bench_again({own}, copy.n) else {own} end"
    if column.name == "reference":
        number = f"((('x' || left(md5({own}), 5))::bit(20)::bigint >> 1) + 1)"
        return f"bench_reference({own}, ({number} << 20) + copy.n)"
    return f"{own} || ':' || copy.n" if isinstance(column.type, Text) and is_unique(column) else own
