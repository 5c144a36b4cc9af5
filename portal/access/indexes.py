"""Indexes that are built while people go on writing.

A migration runs in one transaction, in which an index would hold up every writer of its table. A migration
that needs one on a table that may be large names it in `CONCURRENTLY`; it is built after that transaction.
What it replaces is named in `REPLACED`, and goes after that: until then both are there.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, text

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
