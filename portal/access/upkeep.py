"""What holds for tables beside what their migrations say: no row holds a text without end, whoever writes
it, by a check on every column of words; and indexes are built while people go on writing.

Pages and services keep to policy ``texts``. The check stands below them: a text of a million bytes is more
than a request may bring, so no row that is there fails it.

A migration runs in one transaction, in which an index would hold up every writer of its table. A migration
that needs one on a table that may be large names it in `CONCURRENTLY`; it is built after that transaction.
What it replaces is named in `REPLACED`, and goes after that: until then both are there.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, text

#: Bytes of one text, and of one tree of answers as it is kept.
MOST = 1_048_576
SUFFIX = "_text_size"

#: A table with its columns of words, and those that its check names already. Generated columns are left out.
_COLUMNS = text(
    """
    select c.relname,
           array_agg(a.attname || ':' || t.typname order by a.attnum) as found,
           (select array_agg(k.attname || ':' || kt.typname order by k.attnum)
              from pg_constraint n
              join pg_attribute k on k.attrelid = c.oid and k.attnum = any (n.conkey)
              join pg_type kt on kt.oid = k.atttypid
             where n.conrelid = c.oid and n.conname = c.relname || :suffix) as checked
    from pg_class c
    join pg_namespace s on s.oid = c.relnamespace and s.nspname = 'public'
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
         and not a.attisdropped and a.attgenerated = ''
    join pg_type t on t.oid = a.atttypid and t.typname in ('text', 'varchar', 'jsonb', '_text')
    where c.relkind in ('r', 'p') and not c.relispartition
    group by c.oid, c.relname
    order by c.relname
    """
)


def install(connection: Connection) -> None:
    """Give every table its check, anew where its columns changed. `validate` looks at the rows."""
    for table, found, checked in connection.execute(_COLUMNS, {"suffix": SUFFIX}).all():
        if found == checked:
            continue
        name = f'"{table}{SUFFIX}"'
        sizes = ", ".join(_size(*column.rsplit(":", 1)) for column in found)
        connection.exec_driver_sql(f'alter table "{table}" drop constraint if exists {name}')
        connection.exec_driver_sql(
            f'alter table "{table}" add constraint {name} check (greatest({sizes}) <= {MOST}) not valid'
        )


def validate(connection: Connection) -> None:
    """Look at the rows that are there, while people read and write: each in a transaction of its own."""
    waiting = text(
        "select conrelid::regclass::text, quote_ident(conname) from pg_constraint"
        " where not convalidated and right(conname, length(:suffix)) = :suffix"
    )
    for table, name in connection.execute(waiting, {"suffix": SUFFIX}).all():
        connection.exec_driver_sql(f"alter table {table} validate constraint {name}")


def is_too_large(error: BaseException) -> bool:
    """Whether the database refused a text for its size."""
    name = getattr(getattr(getattr(error, "orig", None), "diag", None), "constraint_name", None)
    return bool(name) and str(name).endswith(SUFFIX)


def _size(column: str, kind: str) -> str:
    measure = "octet_length" if kind in {"text", "varchar"} else "pg_column_size"
    return f'{measure}("{column}")'


_STATE = text(
    "select i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid"
    " where c.relname = :name and c.relnamespace = 'public'::regnamespace"
)


def declared(migrations: Iterable[object]) -> dict[str, str]:
    """The statements that migrations declare, by the name of their index.

    Args:
        migrations: modules, of which some have `CONCURRENTLY`: names, and what follows `create index … on`,
            such as `{"ix_deadline_owed": "deadline (owner_agency_id, state, due_at)"}`.
    """
    found: dict[str, str] = {}
    for module in migrations:
        wanted: Mapping[str, str] = getattr(module, "CONCURRENTLY", {})
        found.update(wanted)
    return found


def replaced(migrations: Iterable[object]) -> list[str]:
    """The names of indexes that are to go once what replaces them is there."""
    return [name for module in migrations for name in getattr(module, "REPLACED", ())]


def drop(connection: Connection, names: Iterable[str]) -> None:
    """Drop what is there of these, while people go on writing.

    Args:
        connection: of the tables' owner, and in autocommit: PostgreSQL refuses this in a transaction.
    """
    for name in names:
        connection.exec_driver_sql(f'drop index concurrently if exists "{name}"')


def build(connection: Connection, wanted: Mapping[str, str]) -> list[str]:
    """Build what is missing, and anew what an attempt left half-built. Returns the names that were built.

    Args:
        connection: of the tables' owner, and in autocommit: PostgreSQL refuses this in a transaction.
        wanted: as `declared` gives them.
    """
    built = []
    for name, rest in wanted.items():
        valid = connection.scalar(_STATE, {"name": name})
        if valid:
            continue
        if valid is False:
            connection.exec_driver_sql(f'drop index concurrently "{name}"')
        unique, what = ("unique ", rest.removeprefix("unique ")) if rest.startswith("unique ") else ("", rest)
        connection.exec_driver_sql(f'create {unique}index concurrently "{name}" on {what}')
        built.append(name)
    return built
