"""Who asks is looked up by key, and what every list asks is asked of few rows.

A page asks who asks some twenty times. Tables of a test are so small that reading through them looks cheap.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from portal import clock
from portal.records.children.model import ChildLink
from portal.records.people.model import User
from tests.cast import Cast
from tests.factories.cases import make_case, make_child
from tests.factories.missing import make_episode
from tests.missing.test_worked_on import linked

_READ_THROUGH = text(
    "select relname, seq_scan from pg_stat_xact_all_tables where schemaname in ('public', 'ctx')"
)
_WHO_ASKS = text(
    "select ctx.user_id(), ctx.is_coordinator(), ctx.teams(), ctx.readers(), p.* from ctx.principal() p"
)


def read_through(session: Session, before: Mapping[str, int] = MappingProxyType({})) -> dict[str, int]:
    """How often the connection read through each table, since it was asked `before`."""
    times = {row.relname: row.seq_scan for row in session.execute(_READ_THROUGH)}
    return {name: more for name, many in times.items() if (more := many - before.get(name, 0))}


def test_who_asks_is_looked_up_by_key(
    cast: Cast, asking: Callable[[User | None], AbstractContextManager[Session]]
) -> None:
    for person in (cast.officer, cast.coordinator, cast.nurse):
        with asking(person) as session:
            before = read_through(session)
            assert session.execute(_WHO_ASKS).one().user_id == person.id
            assert read_through(session, before) == {}, person.name


def test_who_is_missing_by_a_linked_record_is_asked_of_the_few_that_are_linked(
    rows: Session, cast: Cast, asking: Callable[[User | None], AbstractContextManager[Session]]
) -> None:
    one, two, three, alone = sorted((make_child(rows) for _ in range(4)), key=lambda child: child.id)
    for child in (one, three):
        make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    for child in (two, alone):
        make_episode(rows, child, cast.officer)
    for other in (one, three):
        linked(rows, cast, two, other)
    rows.execute(update(ChildLink).where(ChildLink.child_b == three.id).values(unlinked_at=clock.now()))
    rows.commit()
    for person, found in ((cast.coordinator, [one.id]), (cast.nurse, []), (cast.stranger, [])):
        with asking(person) as session:
            assert session.scalars(text("select ctx.missing_by_link()")).all() == found, person.name


def test_what_every_list_asks_says_how_few_rows_it_gives(rows: Session) -> None:
    """Where it does not, a thousand are expected, and whatever joins it reads a whole table for them."""
    asked = ("live_session", "principal", "arrive", "records_that_hear", "missing_by_link")
    said = text("select proname from pg_proc where proname = any (:asked) and proretset and prorows <= 10")
    assert sorted(rows.scalars(said, {"asked": [*asked]})) == sorted(asked)
