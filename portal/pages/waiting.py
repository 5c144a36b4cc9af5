"""What the head of every page counts, read in one statement."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select

from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.reading import unread
from portal.records.missing.reading import running
from portal.records.triage.reading.records import undecided
from portal.vocabulary import ROLES_THAT_SEE_CASES

#: Counting stops here, and the page says “99+”.
MANY = 100


@dataclass(frozen=True)
class Waiting:
    """What waits for somebody: messages, children who are missing now, forms to triage."""

    messages: int = 0
    missing: int = 0
    forms: int = 0


def waiting_for(person: Principal) -> Waiting:
    """How much waits for a person, of what they may see; each count stops at `MANY`."""
    nothing = literal(0)
    counts = (
        _count(unread(person)),
        _count(running()) if person.has(*ROLES_THAT_SEE_CASES) else nothing,
        _count(undecided()) if person.is_coordinator else nothing,
    )
    return Waiting(*db.session.execute(select(*counts)).one())


def _count(listed: Select[Any]) -> ColumnElement[int]:
    return select(func.count()).select_from(listed.limit(MANY).subquery()).scalar_subquery()
