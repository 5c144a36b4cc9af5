"""What somebody who was given one thing of a case sees beyond a colleague who was given nothing."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.model import Model
from portal.records.people.model import User
from portal.vocabulary import Role
from tests.cast import Cast
from tests.factories.people import make_team, make_user

Asking = Callable[[User | None], AbstractContextManager[Session]]
Gains = Callable[[User], dict[str, int]]

#: What everybody has of their own: what they are told, and their own trail.
OWN = {"outbox_message", "outbox_subject", "audit_event"}


def beyond_a_colleague(rows: Session, cast: Cast, asking: Asking) -> Gains:
    """How many rows of each table somebody of the council sees beyond a colleague in another team of it."""
    team = make_team(rows, cast.council, "Another team")
    other = make_user(rows, cast.council, "Noah Neighbour", Role.PRACTITIONER, teams=(team,))

    def beyond(person: User) -> dict[str, int]:
        theirs, others = seen_by(asking, person), seen_by(asking, other)
        more = {name: count - others[name] for name, count in theirs.items()}
        return {name: count for name, count in more.items() if count > 0 and name not in OWN}

    return beyond


def seen_by(asking: Asking, person: User) -> dict[str, int]:
    """How many rows of each table somebody sees."""
    with asking(person) as session:
        readable = session.scalars(
            text("select relname from pg_class where relkind = 'r' and has_table_privilege(oid, 'select')")
        ).all()
        tables = [one for one in Model.metadata.sorted_tables if one.name in readable]
        assert len(tables) > 40, "the tables that hold anything about anybody"
        return {one.name: session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}
