"""Compares what each session reads as the application's role with what the requirement says."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import Engine

from tests.access.oracle.requirement import Person
from tests.access.oracle.truth import Key, Truth, key_columns, protected_tables
from tests.access.oracle.world import Asker, World

NOBODY = UUID(int=0)
MARGIN = timedelta(milliseconds=20)


@dataclass(frozen=True)
class Difference:
    """A row that somebody sees and should not, or should and does not."""

    asker: str
    table: str
    row: Key
    shown: bool

    def __str__(self) -> str:
        return f"{self.asker} {'SEES' if self.shown else 'misses'} {self.table} {self.row}"


@dataclass
class Result:
    """What a comparison came to."""

    checks: int
    differences: list[Difference]


def wait_until_soon_is_past(world: World) -> None:
    """Let the time pass after which what ends soon has ended."""
    left = (world.soon + MARGIN - world.now).total_seconds()
    if left > 0:
        time.sleep(left)


def compare(
    world: World,
    owner: Engine,
    app: psycopg.Connection[tuple[object, ...]],
    *,
    truth: Truth | None = None,
    tables: Iterable[str] | None = None,
    until: int | None = None,
) -> Result:
    """Ask for every table as everybody.

    Args:
        app: a connection of the application's role that commits each statement.
        truth: what is really there, where that has not changed.
        tables: the tables to ask for; by default all.
        until: stop after so many differences.
    """
    if truth is None:
        with owner.connect() as connection:
            truth = Truth(connection)
    result = Result(0, [])
    questions = {table: _question(table) for table in (protected_tables() if tables is None else tables)}
    app.prepared_max = max(app.prepared_max or 0, len(questions))
    for asker in world.askers:
        app.execute("select set_config('portal.session', %s, false)", [asker.token])
        with app.pipeline():  # one round trip for all tables of somebody
            asked = {table: app.execute(one, prepare=True) for table, one in questions.items()}
        for table, answer in asked.items():
            due, there = _due(world, truth, table, asker)
            seen: set[Key] = set(answer.fetchall())
            result.checks += len(there)
            if (seen & there) != due:
                result.differences += [
                    Difference(asker.label, table, key, key in seen)
                    for key, _ in truth.keys(table)
                    if (key in due) != (key in seen)
                ]
        if until and len(result.differences) >= until:
            return result
    return result


def _due(world: World, truth: Truth, table: str, asker: Asker) -> tuple[frozenset[Key], frozenset[Key]]:
    """The rows of a table that somebody should see, and all that there are. Reckoned once for each truth."""
    if (table, None) not in truth.reckoned:
        truth.reckoned[table, None] = frozenset(key for key, _ in truth.keys(table))
    user_id = _alive(asker, truth)
    session_id = asker.session_id if user_id else None
    if (table, session_id or NOBODY) not in truth.reckoned:
        person = truth.people.setdefault(session_id, Person(truth, user_id, world.given_in, session_id))
        truth.reckoned[table, session_id or NOBODY] = frozenset(
            key for key, row in truth.keys(table) if person.sees(table, row)
        )
    return truth.reckoned[table, session_id or NOBODY], truth.reckoned[table, None]


def _alive(asker: Asker, truth: Truth) -> UUID | None:
    """Whoever left, or whose agency was switched off, is nobody."""
    if asker.user_id is None:
        return None
    user = truth.one("app_user", asker.user_id)
    return asker.user_id if user.active and truth.one("agency", user.agency_id).active else None


def _question(table: str) -> sql.Composed:
    return sql.SQL("select {} from {}").format(
        sql.SQL(", ").join(map(sql.Identifier, key_columns(table))), sql.Identifier(table)
    )
