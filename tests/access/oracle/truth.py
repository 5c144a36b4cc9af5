"""What is really in the database, read past every rule: the ground on which the requirement is reckoned."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, text

from portal.extensions import db
from portal.records.people.model import SignInSession

#: Kept by triggers from other tables. The requirement is never read from them.
DERIVED = (
    "case_scope",
    "child_scope",
    "case_notice",
    "referral_notice",
    "referral_seal",
    "missing_scope",
    "concern_scope",
)

#: Not the application's to ask for at all.
_CLOSED = {"alembic_version", "audit_chain", "reminder_plan", "search_key_rules"}

Key = tuple[Any, ...]


def protected_tables() -> list[str]:
    """Every table that the application's role may ask for, by name."""
    return [t.name for t in db.metadata.sorted_tables if t.schema is None and t.name not in _CLOSED]


def key_columns(table: str) -> list[str]:
    """The columns that tell a table's rows apart."""
    return [column.name for column in db.metadata.tables[table].primary_key.columns]


class Truth:
    """A picture of every row at one moment."""

    def __init__(self, owner: Connection) -> None:
        self.now: datetime = owner.execute(text("select statement_timestamp()")).scalar_one()
        self._rows = {
            name: owner.execute(select(db.metadata.tables[name])).all() for name in protected_tables()
        }
        self.sessions = owner.execute(select(SignInSession.__table__)).all()
        self._by_id = {
            name: {row.id: row for row in rows}
            for name, rows in self._rows.items()
            if key_columns(name) == ["id"]
        }
        self.people: dict[Any, Any] = {}  # whoever asked, by their sign-in
        self.reckoned: dict[tuple[str, UUID | None], frozenset[Key]] = {}  # rows for each sign-in
        self._grouped: dict[tuple[str, str], dict[Any, list[Row[Any]]]] = {}
        self._same: dict[UUID, frozenset[UUID]] = {}

    def __getitem__(self, table: str) -> Iterable[Row[Any]]:
        return self._rows[table]

    def count(self) -> int:
        """How many rows there are."""
        return sum(len(rows) for rows in self._rows.values())

    def keys(self, table: str) -> Iterator[tuple[Key, Row[Any]]]:
        """The rows of a table with what tells them apart."""
        columns = key_columns(table)
        for row in self._rows[table]:
            yield tuple(getattr(row, column) for column in columns), row

    def one(self, table: str, identifier: UUID) -> Row[Any]:
        """The row of a table that has this identifier."""
        return self._by_id[table][identifier]

    def same(self, child_id: UUID) -> frozenset[UUID]:
        """The other records that are said to be of the same child, also by way of another."""
        if child_id not in self._same:
            pairs = [(one.child_a, one.child_b) for one in self["child_link"] if one.unlinked_at is None]
            found, new = {child_id}, {child_id}
            while new:
                new = {other for pair in pairs for other in pair if new.intersection(pair)} - found
                found |= new
            self._same[child_id] = frozenset(found - {child_id})
        return self._same[child_id]

    def where(self, table: str, column: str, value: object) -> list[Row[Any]]:
        """The rows of a table that have `value` in `column`."""
        if (table, column) not in self._grouped:
            groups: dict[Any, list[Row[Any]]] = defaultdict(list)
            for row in self._rows[table]:
                groups[getattr(row, column)].append(row)
            self._grouped[table, column] = groups
        return self._grouped[table, column].get(value, [])
