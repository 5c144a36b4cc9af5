"""What the head of every page counts, read in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from flask import current_app, g, request
from sqlalchemy import ColumnElement, Integer, Select, func, literal_column, select

from portal.access import audit
from portal.access.guard import rule_of
from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.reading import unread
from portal.policy import current_policy
from portal.queries.rows import ASKER, at_most
from portal.records.missing.facts import MISSING_ON_PAGE, running, running_gravest, running_named
from portal.records.missing.policy import Missing
from portal.records.people.model import PersonSetting
from portal.records.triage.reading.counts import undecided
from portal.vocabulary import ROLES_THAT_SEE_CASES

#: Counting stops here, and the page says “99+”.
MANY = 100


#: Children who are named on the page that lists them; the others are a click away.
NAMED = 4


@dataclass(frozen=True)
class Waiting:
    """What waits for somebody: messages, children who are missing now, forms to triage.

    Attributes:
        children: the most urgent of the missing, as `ui.missing_banner` shows them, where asked for.
        here: those of the children whom this page is about who are missing now, in the same way.
        gravest: how many of the missing the police grade highest, where it was asked for.
        shortcuts: whether single keys lead somewhere.
        toured: whether they took the tour, or said not now.
    """

    messages: int = 0
    missing: int = 0
    forms: int = 0
    children: Sequence[Mapping[str, Any]] = ()
    here: Sequence[Mapping[str, Any]] = ()
    gravest: int = 0
    shortcuts: bool = True
    toured: bool = False

    @property
    def unnamed(self) -> int:
        """How many are missing besides those who are named."""
        return max(self.missing - len(self.children), 0)

    @property
    def unnamed_gravest(self) -> int:
        """How many of those the police grade highest: they are named first, so that there are none as long as
        there is room.
        """
        gravest = current_policy().of(Missing).gravest
        named = [one for one in self.children if one["now"]["grade"] == gravest]
        return self.gravest - len(named)

    @property
    def missing_in_words(self) -> str:
        """What is counted, with how many of them the police grade highest, for a count that leads to them."""
        return f"missing or away now{f', {self.gravest} of them at {self.grade}' if self.gravest else ''}"

    @property
    def grade(self) -> str:
        """The highest grade of the police, in words."""
        policy = current_policy().of(Missing)
        return f"police grade {policy.grades.label(policy.gravest).lower()}"


def waiting_for(person: Principal, *, listing: bool = False) -> Waiting:
    """How much waits for a person, of what they may see; each count stops at `MANY`. Asked once a request.

    Args:
        listing: also name the most urgent of the children who are missing now, and count the gravest.
    """
    if "waiting" not in g:
        g.waiting = _read(person, listing=listing)
    found: Waiting = g.waiting
    return found


def _read(person: Principal, *, listing: bool) -> Waiting:
    sees = person.has(*ROLES_THAT_SEE_CASES)
    about = _whom_the_page_is_about() if sees else None
    statement = _counting(sees=sees, triages=person.is_coordinator, names=about is not None)
    if listing and sees:
        statement = statement.add_columns(running_named(NAMED), _count(running_gravest()))
    children, cases = about or ((), ())
    # What is read are no objects: the ORM's way only costs.
    connection = db.session.connection()
    row = connection.execute(statement, {"children": [*children], "cases": [*cases]} if about else {}).one()
    messages, missing, forms, shortcuts, toured, here, *more = row
    named, gravest = more or ((), 0)
    return Waiting(
        messages,
        missing,
        forms,
        named or (),
        _each_once(here or ()),
        gravest,
        shortcuts=shortcuts is not False,
        toured=bool(toured),
    )


@cache
def _counting(*, sees: bool, triages: bool, names: bool) -> Select[Any]:
    """What is counted for somebody, as of `Waiting`. To build it takes longer than to ask for it."""
    nothing = literal_column("0", Integer)
    own = select(PersonSetting).where(PersonSetting.user_id == ASKER.user_id)
    columns: list[Any] = [
        _count(unread()).label("messages"),
        (_count(running()) if sees else nothing).label("missing"),
        (_count(undecided()) if triages else nothing).label("forms"),
        own.with_only_columns(PersonSetting.shortcuts).scalar_subquery(),
        own.with_only_columns(PersonSetting.toured_at.is_not(None)).scalar_subquery(),
        MISSING_ON_PAGE if names else nothing.label("here"),
    ]
    return select(*columns)


def _count(listed: Select[Any]) -> ColumnElement[int]:
    return select(func.count()).select_from(listed.limit(at_most(MANY)).subquery()).scalar_subquery()


#: What a page shows that is about children. A form is about what its sender wrote: of whom that is, its page
#: says what the hub found, and no more.
_ABOUT_CHILDREN = frozenset({"child", "case", "list"})


def _whom_the_page_is_about() -> tuple[set[UUID], set[UUID]] | None:
    """The children, and the cases, of the rows that the look left in the audit; none of a list of many."""
    rule = rule_of(current_app, request.endpoint or "")
    if not request.view_args or rule is None or rule.shows not in _ABOUT_CHILDREN:
        return None
    concerned = audit.concerned()
    children = {child for child, _ in concerned if child}
    cases = {case for child, case in concerned if case and not child}
    return (children, cases) if children or cases else None


def _each_once(found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each episode once, also where a page is about two records of one child."""
    return list({one["now"]["reference"]: one for one in reversed(found)}.values())[::-1]
