"""Whoever is nobody, or sees no row of a table, writes nothing there: tried as SQL of the application's role.

Triggers and foreign keys are off while it is tried, so that the policies answer alone; everything is undone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tests.access.oracle.world import Asker

Link = psycopg.Connection[tuple[object, ...]]
#: Of each table so many rows are copied, and so many askers try.
ROWS, ASKERS = 3, 4

_POLICIES = """
select tablename, policyname, cmd from pg_policies
 where schemaname = 'public' and roles && '{portal_app, public}'::name[] and policyname <> 'keeper'
   and cmd <> 'SELECT' order by 1, 2
"""
_COLUMNS = """
select attname from pg_attribute
 where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
 order by attnum
"""


@dataclass(frozen=True)
class Policy:
    """A policy of writing."""

    table: str
    name: str
    verb: str  # of INSERT, UPDATE, DELETE and ALL

    def __str__(self) -> str:
        return f"{self.name} on {self.table}"

    def does(self, verb: str) -> bool:
        return self.verb in (verb, "ALL")


def policies(link: Link) -> list[Policy]:
    """Every policy by which people write."""
    return [Policy(*map(str, row)) for row in link.execute(_POLICIES).fetchall()]


def strangers(link: Link, askers: Sequence[Asker], table: str) -> list[Asker]:
    """Somebody who is nobody, and some who are somebody and see no row of a table."""
    nobody = next(asker for asker in askers if asker.user_id is None)
    found = [nobody]
    for asker in askers:
        if asker.user_id is not None and len(found) < ASKERS:
            with _as(link, asker):
                seen = link.execute(
                    sql.SQL("select 1 from {} limit 1").format(sql.Identifier(table))
                ).fetchone()
            found += [asker] if seen is None else []
    return found


def written(link: Link, policy: Policy, askers: Sequence[Asker], *, broken: bool = False) -> list[str]:
    """What these askers come to write in the policy's table, by the verbs of the policy.

    Args:
        link: a superuser's connection, in a transaction that is undone.
        broken: with the policy open to everybody.
    """
    attempts = list(_attempts(link, policy))
    found = []
    with link.transaction(force_rollback=True):
        if broken:
            link.execute(_opened(policy))
        for asker in askers:
            for verb, statement, values in attempts:
                with _as(link, asker):
                    if _passes(link, statement, values):
                        found.append(f"{asker.label} comes to {verb} {policy.table}")
                if broken and found:
                    return found
    return found


def changed_unseen(link: Link, table: str, column: str, askers: Sequence[Asker]) -> list[str]:
    """Who changes more rows of a table, by a statement without a condition, than they see."""
    count = sql.SQL("select count(*) from {}").format(sql.Identifier(table))
    change = sql.SQL("update {} set {} = default").format(sql.Identifier(table), sql.Identifier(column))
    found = []
    for asker in askers:
        with _as(link, asker):
            (seen,) = link.execute(count).fetchone() or (0,)
            changed = link.execute(change).rowcount
        found += [asker.label] if changed > int(str(seen)) else []
    return found


def _opened(policy: Policy) -> sql.Composed:
    using = sql.SQL("" if policy.verb == "INSERT" else " using (true)")
    check = sql.SQL("" if policy.verb == "DELETE" else " with check (true)")
    named = sql.SQL("alter policy {} on {}").format(sql.Identifier(policy.name), sql.Identifier(policy.table))
    return named + using + check


def _attempts(link: Link, policy: Policy) -> Iterator[tuple[str, sql.Composed, list[object]]]:
    table = sql.Identifier(policy.table)
    columns = [str(name) for (name,) in link.execute(_COLUMNS, [policy.table]).fetchall()]
    if policy.does("INSERT"):
        given = [one for one in columns if _may(link, policy, one, "insert")]
        listed = sql.SQL(", ").join(map(sql.Identifier, given or columns))
        copy = sql.SQL("insert into {0} ({1}) select {1} from jsonb_populate_record(null::{0}, %s)")
        rows = link.execute(sql.SQL("select to_jsonb(t)::text from {} t limit %s").format(table), [ROWS])
        for (row,) in rows.fetchall():
            yield "add to", copy.format(table, listed), [row]
    if policy.does("UPDATE"):
        for column in columns:
            if _may(link, policy, column, "update"):
                change = sql.SQL("update {} set {} = default").format(table, sql.Identifier(column))
                yield "change", change, []
    if policy.does("DELETE"):
        yield "remove from", sql.SQL("delete from {}").format(table), []


def _may(link: Link, policy: Policy, column: str, what: str) -> bool:
    asked = "select has_column_privilege('portal_app', %s, %s, %s)"
    return link.execute(asked, [policy.table, column, what]).fetchone() == (True,)


@contextmanager
def _as(link: Link, asker: Asker) -> Iterator[None]:
    """As the application's role with a session of the asker's; undone afterwards."""
    with link.transaction(force_rollback=True):
        link.execute("set local session_replication_role = replica")
        link.execute("select set_config('portal.session', %s, true)", [asker.token])
        link.execute("set local role portal_app")
        yield


def _passes(link: Link, statement: sql.Composed, values: list[object]) -> bool:
    """Whether the policies let it through, which are asked before constraints refuse it."""
    try:
        with link.transaction(force_rollback=True):
            return link.execute(statement, values).rowcount > 0
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.errors.IntegrityError:
        return True
