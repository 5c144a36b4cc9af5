"""Trying to become somebody, or to learn something, through every function that a role may call.

`forged_rows` is for any running server: it needs a connection for each role, and one that sees everything to
know what there is. With no session, and with the session of somebody who reaches little, each function is
called with what a hostile statement could know: identifiers, references, issuers, addresses. Nobody must
become somebody, no row must change hands, and no answer must say more than `answers.toml` allows.
"""

import itertools
import random
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

Link = psycopg.Connection[tuple[Any, ...]]
Connect = Callable[[str], Link]

ROLES = ("portal_app", "portal_sign_in", "portal_worker", "portal_documents")
ALLOWED = Path(__file__).with_name("answers.toml")
#: Calls of one function, chosen from what is known; a function with one argument is called with all of it.
MOST_CALLS = 25

_FUNCTIONS = """
select p.proname, p.oid::regprocedure::text, p.proretset,
       array(select format_type(t, null) from unnest(p.proargtypes) t)
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname in ('ctx', 'public') and p.prorettype <> 'trigger'::regtype
   and has_function_privilege(p.oid, 'execute') and has_schema_privilege(n.oid, 'usage')
 order by 2
"""
_PROTECTED = """
select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relrowsecurity
   and has_any_column_privilege(oid, 'select') order by relname
"""
_WRITTEN = """
select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) from pg_stat_xact_all_tables
 where schemaname in ('public', 'ctx')
"""
#: What a forger may have seen of others, beside identifiers: the words by which people are known.
_WORDS = (
    "select word from (select issuer as word from user_identity union select subject from user_identity"
    " union select code from agency"
    " union select email from app_user union select reference from cre_case) words limit 15"
)


@dataclass
class Known:
    """What a hostile statement may know of others."""

    identifiers: list[Any]
    words: list[str]
    hashes: list[bytes]


@dataclass
class Forged:
    """What came of trying: how many calls there were, and each that did what it must not."""

    calls: int = 0
    functions: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def known_of(everything: Link, *, most: int = 200) -> Known:
    """An identifier of every kind there is, by a connection that sees every row."""
    identifiers: list[Any] = []
    tables = everything.execute(
        "select t.relname from pg_class t join pg_attribute a on a.attrelid = t.oid and a.attname = 'id'"
        " where t.relnamespace = 'public'::regnamespace and t.relkind = 'r' and a.atttypid = 'uuid'::regtype"
        " order by 1"
    ).fetchall()
    for (table,) in tables:
        some = sql.SQL("select id from {} order by id limit 1").format(sql.Identifier(table))
        identifiers += [row[0] for row in everything.execute(some)]
    identifiers += [row[0] for row in everything.execute("select id from ctx.session limit 3")]
    words = [row[0] for row in everything.execute(_WORDS.encode())]
    hashes = [row[0] for row in everything.execute("select token_hash from ctx.session limit 3")]
    return Known(identifiers[:most], words, hashes)


def forged_rows(connect: Connect, known: Known, *, tokens: Sequence[str] = ("",)) -> Forged:
    """Call everything that each role may call, as nobody and with each of `tokens`.

    A token is a session of somebody who has no part in what is known.
    """
    found = Forged()
    for role in ROLES:
        with connect(role) as link:
            for token in tokens if role == "portal_app" else ("",):
                _try_role(link, role, token, known, found)
    return found


def readable(link: Link) -> dict[str, int]:
    """How many rows of each protected table the role reads now."""
    tables = [row[0] for row in link.execute(_PROTECTED)]
    if not tables:
        return {}
    counts = sql.SQL(" union all ").join(
        sql.SQL("select {name}, count(*) from {table}").format(
            name=sql.Literal(table), table=sql.Identifier(table)
        )
        for table in tables
    )
    return dict(link.execute(counts).fetchall())


def _try_role(link: Link, role: str, token: str, known: Known, found: Forged) -> None:
    allowed = tomllib.loads(ALLOWED.read_text("utf-8"))
    answers, writes = set(allowed["answers"]), set(allowed["writes"].get(role, {}))
    who = "nobody" if not token else "somebody else"
    with _asking(link, token):
        before, myself = readable(link), _who(link, role)
        functions = link.execute(_FUNCTIONS).fetchall()
    for name, signature, _, types in functions:
        found.functions.add(f"{role} {signature}")
        said = f"{role} as {who}: {signature}"
        calls = list(_arguments(types, known))
        found.calls += len(calls)
        with _asking(link, token):
            written = _written(link)
            told = [one for row in _answers(link, name, types, calls) for one in row if _says_something(one)]
            if name not in answers and told:
                found.faults.append(f"{said} answers {told[:3]}")
            changed = _written(link) - written
            if name not in writes and changed:
                found.faults.append(f"{said} changes {changed} rows")
            now = _who(link, role)
            if now not in (myself, _NOBODY) or (changed and readable(link) != before and name not in writes):
                found.faults.append(f"{said} becomes somebody, or reads more")


def _answers(
    link: Link, name: str, types: Sequence[str], calls: Sequence[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """What a function answers to all these calls; in one statement, or each alone where one is refused."""
    casts = [sql.SQL("%s::{}").format(sql.SQL(kind)) for kind in types]
    row = sql.SQL("({})").format(sql.SQL(", ").join(casts))
    names = [sql.Identifier(f"a{number}") for number in range(len(types))]
    if not types:
        return _call(link, sql.SQL("select * from ctx.{}()").format(sql.Identifier(name)), [])
    asked = sql.SQL("select f.* from (values {}) v ({}) cross join lateral ctx.{}({}) f")

    def of(some: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        values, given = sql.SQL(", ").join([row] * len(some)), sql.SQL(", ").join(names)
        statement = asked.format(values, given, sql.Identifier(name), given)
        return _call(link, statement, [one for call in some for one in call])

    together = of(calls)
    if together is not _REFUSED:
        return together
    return [answer for call in calls for answer in of([call])]


_REFUSED: list[tuple[Any, ...]] = []


def _call(link: Link, statement: sql.Composed, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    link.execute("savepoint trying")
    try:
        return link.execute(statement, list(values)).fetchall()
    except psycopg.Error:
        link.execute("rollback to savepoint trying")
        return _REFUSED


def _written(link: Link) -> int:
    row = link.execute(_WRITTEN).fetchone()
    return int(row[0]) if row else 0


_NOBODY: tuple[Any, ...] = (None, [])


def _who(link: Link, role: str) -> Any:
    """Who the database takes the statement for. Only the application's role may ask."""
    if role != "portal_app":
        return None
    return link.execute("select ctx.user_id(), ctx.readers()").fetchone()


def _says_something(value: Any) -> bool:
    return value not in (None, False, "", 0, [], {})


@contextmanager
def _asking(link: Link, token: str) -> Iterator[None]:
    link.rollback()
    link.execute("select set_config('portal.session', %s, true)", [token])
    try:
        yield
    finally:
        link.rollback()


def _arguments(types: Sequence[str], known: Known) -> Iterator[tuple[Any, ...]]:
    choices = [_values(kind, known) for kind in types]
    if len(choices) < 2:
        yield from itertools.product(*choices)
        return
    chance = random.Random(len(types))  # noqa: S311 - the same calls each time, not secrecy
    for _ in range(MOST_CALLS):
        yield tuple(chance.choice(one) for one in choices)


def _values(kind: str, known: Known) -> list[Any]:
    of: dict[str, list[Any]] = {
        "uuid": known.identifiers,
        "uuid[]": [known.identifiers[:50], []],
        "text": [*known.words, *(str(one) for one in known.identifiers[:5]), "administrator", "x"],
        "text[]": [known.words[:3], ["administrator"]],
        "bytea": [*known.hashes, b"x" * 32],
        "integer": [1, 2_000_000_000],
        "bigint": [0, 1],
        "interval": ["1 second"],
        "boolean": [True, False],
        "date[]": [["2010-01-01"]],
        "date": ["2010-01-01"],
        "jsonb": ["{}", '{"id": "x"}'],
        "timestamp with time zone": ["infinity", "2020-01-01T00:00:00Z"],
    }
    return of[kind]
