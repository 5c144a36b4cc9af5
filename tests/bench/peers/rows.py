"""What the pages have to show, by SQL as the owner of the tables; and the indexes of what was tuned."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from portal.pathway.names import SearchTerm, search_terms
from portal.policy import Names

PAGE = 50
#: In the order of the queue. Sealed cases are on nobody's list.
LIST = """
select reference, id::text from cre_case where sensitivity < 2
 order by ctx.queue_rank(state, level), next_due_at, id limit %s
"""
#: Family names whose children, of whom each has one case that is not sealed, fit on a page: most first.
NAMES = """
select k.family_name from child k left join cre_case c on c.child_id = k.id and c.sensitivity < 2
 group by k.family_name having count(*) <= %s and count(*) = count(c.id) and count(*) = count(distinct k.id)
 order by count(*) desc, k.family_name limit 1000
"""
#: How many children the portal finds by a word, which also finds names that sound like it or begin with it.
FOUND = """
select count(distinct child_id) from name_key
 where key = any (%(equal)s) or (key >= %(low)s and key < %(high)s)
"""
#: The cases of whoever has it in their name, as the peers look for it unless they are tuned.
SEARCH = """
select c.reference from child k join cre_case c on c.child_id = k.id
 where k.family_name ilike %(part)s or k.given_name ilike %(part)s
"""
#: None serves a page of the portal. Django looks for a name in capitals, Flask-Admin as it is written.
INDEXES = {
    "peers_queue": "cre_case (ctx.queue_rank(state, level), next_due_at, id)",
    "peers_given_name": "child (upper(given_name))",
    "peers_family_name": "child (upper(family_name))",
    "peers_family_name_as_written": "child (family_name)",
}


@dataclass(frozen=True)
class Rows:
    """What to ask for, and the references that have to be shown.

    Attributes:
        listed: the first page of the queue, in its order.
        first: the identifier of the first of them, whose page is looked at.
        name: a family name to search for.
        found: the cases of everybody of that name.
    """

    listed: list[str]
    first: str
    name: str
    found: list[str]


def rows(connection: psycopg.Connection, names: Names) -> Rows:
    """Read what has to be shown.

    Args:
        connection: of the owner of the tables.
        names: what policy knows of names.
    """
    listed = connection.execute(LIST.encode(), [PAGE]).fetchall()
    name, found = _findable(connection, names)
    return Rows([reference for reference, _ in listed], listed[0][1], name, found)


def _findable(connection: psycopg.Connection, names: Names) -> tuple[str, list[str]]:
    """A name by which everybody finds the same: nobody else's begins with it, holds it or sounds like it."""
    for (name,) in connection.execute(NAMES.encode(), [PAGE]).fetchall():
        (term,) = search_terms(name, names)
        found = [
            reference
            for (reference,) in connection.execute(SEARCH.encode(), {"part": f"%{name}%"}).fetchall()
        ]
        if _by_keys(connection, term) == len(found):
            return name, found
    raise LookupError("no name in this database is found alike by all")


def _by_keys(connection: psycopg.Connection, term: SearchTerm) -> int:
    asked = {"equal": sorted(term.equal), "low": term.low, "high": term.high}
    found = connection.execute(FOUND.encode(), asked).fetchone()
    assert found is not None
    return int(found[0])


@contextmanager
def indexed(connection: psycopg.Connection) -> Iterator[None]:
    """The database with the indexes of what was tuned; without them again afterwards.

    Args:
        connection: of the owner of the tables, in no transaction.
    """
    connection.autocommit = True
    _drop(connection)
    try:
        for name, over in INDEXES.items():
            connection.execute(f"create index {name} on {over}".encode())
        connection.execute(b"vacuum (analyze) cre_case, child")
        yield
    finally:
        _drop(connection)


def _drop(connection: psycopg.Connection) -> None:
    connection.execute(f"drop index if exists {', '.join(INDEXES)}".encode())
