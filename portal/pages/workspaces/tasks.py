"""What each sector's workspace offers beside its cases: one page for each task, and how much waits there.

Nouns declare them, in their `noun.py`. All the numbers of a workspace are read in one statement, and
each counts what the person who asks may see.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, literal, select, union_all

from portal import registry
from portal.access.permissions import near
from portal.access.principal import Principal
from portal.extensions import db
from portal.vocabulary import Sector

#: Numbers end here: beyond it a page says “50 or more”.
MANY = 50

#: A query of one column, a row for each thing that waits, for one person.
Waiting = Callable[[Principal], Select[Any]]


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task page of a workspace.

    Attributes:
        at: the sectors that are offered it, and where it stands in the list of each: lowest first.
        waiting: what is counted beside it.
    """

    endpoint: str
    label: str
    hint: str
    permission: str
    at: Mapping[Sector, int]
    waiting: Waiting | None = None


@dataclass(frozen=True)
class Offered:
    """A task as somebody sees it, and how much waits there; None where nothing is counted."""

    label: str
    hint: str
    endpoint: str
    waiting: int | None

    @property
    def words(self) -> str:
        """How much waits, in words; empty where nothing does."""
        if not self.waiting:
            return ""
        return f"{MANY} or more" if self.waiting >= MANY else str(self.waiting)


def offered(*, person: Principal) -> list[Offered]:
    """The tasks of a person's workspace with how much waits in each; one statement, or none."""
    tasks = open_to(person=person)
    waiting = _waiting(person, tasks)
    return [
        Offered(
            task.label,
            task.hint,
            task.endpoint,
            waiting.get(task.endpoint, 0) if task.waiting else None,
        )
        for task in tasks
    ]


def open_to(*, person: Principal) -> list[Task]:
    """Likewise, where nobody counts."""
    return [task for task in of_sector(person.sector) if near(person, task.permission)]


def of_sector(sector: Sector) -> list[Task]:
    """What a workspace of a sector can offer, in order."""
    offered = [task for noun in registry.nouns() for task in noun.tasks if sector in task.at]
    return sorted(offered, key=lambda task: task.at[sector])


def _waiting(person: Principal, tasks: Sequence[Task]) -> Mapping[str, int]:
    parts = [
        select(literal(task.endpoint).label("endpoint")).select_from(
            task.waiting(person).limit(MANY).subquery()
        )
        for task in tasks
        if task.waiting
    ]
    if not parts:
        return {}
    rows = db.session.execute(union_all(*parts)).all()
    found: dict[str, int] = {}
    for row in rows:
        found[row.endpoint] = found.get(row.endpoint, 0) + 1
    return found
