"""Which rows a page makes the database read, table by table, in functions and row policies too.

A plan says what the database means to do; this is what it did. It counts for itself what a transaction
read, and is asked after each statement.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import event

from portal.extensions import db
from tests.bench.around import AROUND

#: Rows from which on a table is a large one, and rows of one that a statement may walk over.
LARGE, MOST = 5_000, 2_000
#: The tables, each with its indexes: asked once, because it looks at every one.
_TABLES = """
select c.relname, c.oid::bigint, coalesce(string_agg(i.indexrelid::text, ' '), '')
  from pg_class c left join pg_index i on i.indrelid = c.oid
 where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.reltuples > %s
 group by c.oid
"""
_COUNTED = """
select name, pg_stat_get_xact_numscans(oid::oid), pg_stat_get_xact_tuples_returned(oid::oid),
       (select coalesce(sum(pg_stat_get_xact_tuples_returned(one::oid)), 0)
          from unnest(string_to_array(indexes, ' ')) one)::bigint
  from unnest(%s::text[], %s::bigint[], %s::text[]) large (name, oid, indexes)
"""


@dataclass(frozen=True)
class Read:
    """What one statement read of a large table."""

    table: str
    whole: bool  # from one end to the other, or until it had enough
    rows: int
    statement: str

    def __str__(self) -> str:
        how = "reads through" if self.whole else "walks over"
        return f"{how} {self.rows} rows of {self.table}: {' '.join(self.statement.split())[:160]}"


@dataclass
class Reads:
    """What an application makes the database read, while it is watched."""

    watching: bool = False
    found: list[Read] = field(default_factory=list)
    _before: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    _large: list[list[Any]] | None = None

    def watch(self, app: Flask) -> None:
        """Be ready to take note of what `app` asks."""
        with app.app_context():
            event.listen(db.engine, "after_cursor_execute", self._note)

    def _note(self, _connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        """What was read before this statement is what was read after the one before it, whosever that was."""
        if self.watching:
            after = self._counted(cursor.connection)
            if not AROUND.search(statement):
                self.found += read(self._before, after, statement)
            self._before = after

    def _counted(self, connection: Any) -> dict[str, tuple[int, int, int]]:
        if self._large is None:
            rows = connection.execute(_TABLES, (LARGE,)).fetchall()
            self._large = [[row[part] for row in rows] for part in range(3)]
        rows = connection.execute(_COUNTED, self._large).fetchall()
        return {name: (scans, scanned, walked) for name, scans, scanned, walked in rows}


def read(
    before: Mapping[str, tuple[int, int, int]], after: Mapping[str, tuple[int, int, int]], statement: str
) -> Iterator[Read]:
    """What a statement read of each large table that is more than it may.

    Args:
        before: by table, scans of the whole, rows that they gave, and entries of its indexes walked over.
        after: the same after the statement. The database starts anew when it has passed its counts on.
    """
    for table, counted in after.items():
        was = before.get(table, (0, 0, 0))
        scans, scanned, walked = (
            now - then if now >= then else now for now, then in zip(counted, was, strict=True)
        )
        if scans:
            yield Read(table, True, scanned, statement)
        elif walked > MOST:
            yield Read(table, False, walked, statement)


def unlisted(reads: Iterable[tuple[str, Read]], listed: Mapping[str, Mapping[str, str]]) -> list[str]:
    """A sentence for each read that the list gives no reason for.

    Args:
        reads: each with the route of its page.
        listed: by route, or `*` for any, the tables of which it may read more, with the reason.
    """
    found: dict[tuple[str, str], Read] = {}
    for route, one in reads:
        if one.table not in listed.get(route, {}) and one.table not in listed.get("*", {}):
            known = found.get((route, one.table))
            if known is None or one.rows > known.rows:
                found[route, one.table] = one
    return [f"{route} {one}" for (route, _), one in sorted(found.items())]
