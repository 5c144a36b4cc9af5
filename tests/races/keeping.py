"""The database as it was, what a race made of it, and back again.

A copy of every table stands beside the tables in temporary ones. After a race only what differs is looked at
and put back, which takes a few milliseconds and needs no new scene.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine

from portal.extensions import db
from tests.database import KEPT, unasked

Row = dict[str, Any]


@dataclass
class Change:
    """What happened to the rows of one table."""

    added: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    changed: list[tuple[Row, Row]] = field(default_factory=list)  # before and after


Changes = Mapping[str, Change]


class Kept:
    """Every row of the database at one moment.

    Args:
        engine: as the owner of the tables, who may set `session_replication_role` (see `tests/database.py`).
    """

    def __init__(self, engine: Engine) -> None:
        self._connection = unasked(engine).connect()
        self._tables = {t.fullname: t for t in db.metadata.sorted_tables if t.name not in KEPT}
        self._columns = {
            name: ", ".join(f'"{c.name}"' for c in table.columns if c.computed is None)
            for name, table in self._tables.items()
        }
        self._sums: dict[str, str] = {}
        self._marked: dict[str, str] | None = None
        self._made = False

    def close(self) -> None:
        """Let the copies go."""
        self._connection.invalidate()  # they live as long as what they were made on, which a pool would keep
        self._connection.close()

    def keep(self) -> None:
        """Take the present state as the one to come back to."""
        with self._begin() as connection:
            for name in self._tables:
                copy = _copy(name)
                if self._made:
                    connection.exec_driver_sql(f"truncate {copy}")
                    connection.exec_driver_sql(f"insert into {copy} select * from {name}")  # noqa: S608 - a table of our own models
                else:
                    connection.exec_driver_sql(f"create temp table {copy} as select * from {name}")  # noqa: S608 - a table of our own models
            self._made = True
            self._sums = self._sum(connection)

    def mark(self) -> None:
        """Count from here what is added; what changes is still told against what is kept."""
        with self._begin() as connection:
            self._marked = self._sum(connection)

    def changes(self) -> tuple[dict[str, Change], Counter[str]]:
        """What differs from what is kept, by table; and how many rows each has more than at the mark."""
        with self._begin() as connection:
            now = self._sum(connection)
            marked = self._marked or self._sums
            added = Counter({name: _count(now[name]) - _count(marked[name]) for name in now})
            different = [name for name in self._tables if now[name] != self._sums[name]]
            changes = {name: self._compare(connection, name) for name in different}
            return changes, Counter({name: many for name, many in added.items() if many})

    def restore(self) -> None:
        """Put back whatever is different."""
        self._marked = None
        with self._begin() as connection:
            now = self._sum(connection)
            different = [name for name in self._tables if now[name] != self._sums[name]]
            if not different:
                return
            for name in different:
                columns = self._columns[name]
                connection.exec_driver_sql(f"delete from {name}")  # noqa: S608 - a table of our own models
                connection.exec_driver_sql(
                    f"insert into {name} ({columns}) overriding system value "  # noqa: S608 - a table of our own models
                    f"select {columns} from {_copy(name)}"
                )

    def _begin(self) -> Any:
        return _Transaction(self._connection)

    def _sum(self, connection: Connection) -> dict[str, str]:
        one = "select '{0}', count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) from {0} t"
        asked = " union all ".join(one.format(name) for name in self._tables)
        return {row[0]: row[1] for row in connection.exec_driver_sql(asked)}

    def _compare(self, connection: Connection, name: str) -> Change:
        keys = [c.name for c in self._tables[name].primary_key.columns]

        def rows(table: str) -> dict[str, Row]:
            found = connection.exec_driver_sql(f"select to_jsonb(t) from {table} t").scalars()  # noqa: S608 - a table of our own models
            return {json.dumps([row[key] for key in keys]): row for row in found}

        before, after = rows(_copy(name)), rows(name)
        return Change(
            added=[row for key, row in after.items() if key not in before],
            gone=[row for key, row in before.items() if key not in after],
            changed=[
                (before[key], row) for key, row in after.items() if key in before and before[key] != row
            ],
        )


class _Transaction:
    """A transaction on the connection that holds the copies."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._transaction = connection.begin()

    def __enter__(self) -> Connection:
        return self._connection

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self._transaction.commit()
        else:
            self._transaction.rollback()


def _count(total: str) -> int:
    return int(total.split(maxsplit=1)[0])


def _copy(name: str) -> str:
    return "kept_" + name.replace(".", "_")
