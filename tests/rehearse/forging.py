"""What somebody can do who runs SQL of their own on the application's connection: never become somebody.

Every function that the application's role may call with its owner's rights is called with what an attacker
could know: people, providers, sessions, and tokens of their own with their digests. After each call the rows
are counted that can be read with each of those tokens, and without one.
"""

import hashlib
import itertools
import random
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from portal import clock
from tests.rehearse.machine import Broken

MOST_CALLS = 12  # of one function
MOST_TOKENS = 4
_FUNCTIONS = """
    select p.oid::regprocedure::text, p.oid::regproc::text, proretset,
           array(select format_type(t, null) from unnest(proargtypes) t), coalesce(proargnames, '{}')
    from pg_proc p join pg_namespace n on n.oid = pronamespace
    where prosecdef and prokind = 'f' and has_function_privilege(current_user, p.oid, 'execute')
      and has_schema_privilege(current_user, n.oid, 'usage')
      and prorettype <> 'trigger'::regtype and nspname not in ('pg_catalog', 'information_schema')
    order by 1"""
_TABLES = """
    select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = relnamespace
    where relkind = 'r' and relrowsecurity and has_table_privilege(current_user, c.oid, 'select')
      and has_schema_privilege(current_user, n.oid, 'usage')
    order by 1"""


@dataclass(frozen=True)
class Known:
    """What an attacker may know."""

    issuer: str
    subjects: Sequence[str]
    people: Sequence[str]  # their ids
    sessions: Sequence[str]  # the ids of live ones
    digests: Sequence[bytes]  # and the digests of their tokens


@dataclass
class Found:
    """What came of it: calls made, how many went through, and rows read by nobody that are for somebody."""

    calls: int = 0
    through: int = 0
    rows: int = 0
    by: str = ""  # the first call that gave rows


Call = tuple[sql.SQL | sql.Composed, Sequence[Any] | None]

#: What needs no function.
_CHANGES = (
    *(f"set local role portal_{role}" for role in ("owner", "ctx", "scope", "worker", "sign_in", "backup")),
    "set local row_security = off",
    "set local session_replication_role = replica",
    "alter table child no force row level security",
)


class Forger:
    """Tries on one connection of the application's role."""

    def __init__(self, connection: psycopg.Connection, known: Known) -> None:
        self._connection = connection
        self._own = secrets.token_urlsafe(32)
        self._digest = hashlib.sha256(self._own.encode()).digest()
        self._known = known
        self._tables = [str(row[0]) for row in connection.execute(_TABLES)]
        self._count = sql.SQL(" union all ").join(
            sql.SQL("select {name}, count(*) from {table}").format(
                name=sql.Literal(name),
                table=sql.SQL(name),
            )
            for name in self._tables
        )
        self._chance = random.Random(9)  # noqa: S311 - chance that can be repeated

    def counted(self, token: str) -> dict[str, int]:
        """How many rows of each table can be read with a token."""
        self._connection.execute("select set_config('portal.session', %s, true)", [token])
        return {str(name): int(count) for name, count in self._connection.execute(self._count, prepare=True)}

    def try_all(self, token_of_somebody: str) -> Found:
        """Try every function.

        Args:
            token_of_somebody: a live token, to see that the counting counts.

        Raises:
            Broken: it does not, or there is nothing to try.
        """
        with self._connection.transaction(force_rollback=True):
            nobody = self.counted("")
        with self._connection.transaction(force_rollback=True):
            if sum(self.counted(token_of_somebody).values()) <= sum(nobody.values()):
                raise Broken("with a real session no more rows are read than without one: nothing is counted")
        functions = self._connection.execute(_FUNCTIONS).fetchall()
        if not functions:
            raise Broken("the application's role may call nothing: nothing was tried")
        found = Found()
        for _signature, name, _is_set, types, names in functions:
            self._after(str(name), _calls(str(name), types, self._arguments(types, names)), nobody, found)
        for change in _CHANGES:
            self._after(change, [(sql.SQL(change), None)], nobody, found)
        return found

    def _after(self, what: str, calls: Iterable[Call], nobody: dict[str, int], found: Found) -> None:
        """Make calls as nobody; then count with every token that is at hand, and forget all of it."""
        with self._connection.transaction(force_rollback=True):
            self._connection.execute("select set_config('portal.session', '', true)")
            self._connection.execute("set local statement_timeout = '3s'")
            tokens = ["", self._own]
            for statement, arguments in calls:
                found.calls += 1
                try:
                    with self._connection.transaction():
                        answers = self._connection.execute(statement, arguments)
                        if answers.description:
                            tokens += _texts(answers.fetchall())
                except psycopg.Error:
                    continue
                found.through += 1
            for token in list(dict.fromkeys(tokens))[:MOST_TOKENS]:
                self._weigh(what, token, nobody, found)

    def _weigh(self, what: str, token: str, nobody: dict[str, int], found: Found) -> None:
        try:
            with self._connection.transaction():
                read = self.counted(token)
        except psycopg.Error:  # what was called took rights away, or the token is none
            return
        more = sum(max(0, count - nobody.get(table, 0)) for table, count in read.items())
        found.rows += more
        if more and not found.by:
            found.by = what

    def _arguments(self, types: list[str], names: list[str]) -> Iterator[tuple[Any, ...]]:
        every = [
            self._values(kind, name)
            for kind, name in itertools.zip_longest(types, names[: len(types)], fillvalue="")
        ]
        possible = 1
        for values in every:
            possible *= len(values)
        if possible <= MOST_CALLS:
            yield from itertools.product(*every)
            return
        for _ in range(MOST_CALLS):
            yield tuple(self._chance.choice(values) for values in every)

    def _values(self, kind: str, name: str) -> Sequence[Any]:
        """What fits an argument, by its type and, where it says more, by its name."""
        known = self._known
        named = {"issuer": (known.issuer,), "subject": known.subjects, "token_hash": (self._digest,)}
        if of_name := next((values for part, values in named.items() if part in name), ()):
            return of_name
        soon = clock.now() + timedelta(days=9)
        return {
            "uuid": (*known.people, *known.sessions),
            "text": (self._own, known.issuer, *known.subjects, "", "x"),
            "bytea": (self._digest, *known.digests),
            "integer": (1800, 43200, 1),
            "bigint": (1800, 43200, 1),
            "smallint": (1, 2),
            "boolean": (True, False),
            "timestamp with time zone": (soon, clock.now()),
            "date": (soon.date(),),
            "interval": (timedelta(days=9),),
            "uuid[]": (list(known.people),),
            "text[]": ([], ["mfa"], list(known.subjects)),
            "jsonb": ("{}",),
        }.get(kind, (None,))


def _calls(name: str, types: list[str], every: Iterable[tuple[Any, ...]]) -> Iterator[Call]:
    given = sql.SQL(", ").join(sql.SQL("{}::{}").format(sql.Placeholder(), sql.SQL(kind)) for kind in types)
    statement = sql.SQL("select * from {}({})").format(sql.SQL(name), given)
    for arguments in every:
        yield statement, arguments or None


def _texts(rows: Sequence[Sequence[Any]]) -> list[str]:
    """What a function gave that could be a token."""
    return [one for row in rows[:3] for one in row if isinstance(one, str)][:5]


def forge(address: str, known: Known, token_of_somebody: str) -> Found:
    """Try everything on a connection of its own."""
    url = make_url(address)
    _, parameters = url.get_dialect()().create_connect_args(url)
    with psycopg.connect(**parameters, autocommit=True) as connection:
        return Forger(connection, known).try_all(token_of_somebody)
