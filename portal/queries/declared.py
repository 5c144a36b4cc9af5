"""What a list is: the columns, orders and filters that a noun declares for it, once, in its `lists`.

`portal.queries.listing` reads what is asked of such a list, `portal.web.listing` shows it. Most parts of a
list have a word here: an order of names (`a_to_z`), a filter of fixed words (`labels`) or of conditions
(`AnyOf`), what is or is due (`by_when`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Date, Select, Text, and_, any_, func, literal, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from portal import clock
from portal.extensions import db
from portal.pathway.calendar import end_of_day
from portal.policy import Policy, current_policy
from portal.policy.reader import Catalogue
from portal.records.children.model import Child
from portal.vocabulary import Labelled

Options = Sequence[tuple[str, str]]
#: What a list is sorted by.
Sorted = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Sort:
    """An order of a list.

    Attributes:
        code: what it is called in an address.
        says: the order in words, and `says_backwards` the other way round.
        by: expressions that are never null; the key of the list comes after them.
        personal: whether the values say who somebody is. They are sealed then where an address holds them.
        downwards: whether the usual way is from the highest down.
    """

    code: str
    says: str
    says_backwards: str
    _: KW_ONLY
    by: tuple[Sorted, ...]
    personal: bool = False
    downwards: bool = False


def latest(code: str, at: Sorted, done: str) -> Sort:
    """The order of what was done when, the last first: told, sent, taken."""
    return Sort(code, f"The last {done} first", f"The first {done} first", by=(at,), downwards=True)


def lowered(name: Any) -> ColumnElement[str]:
    """A name as lists are sorted by it: as people look it up, whatever is written large."""
    return func.lower(name, type_=Text)


def a_to_z(code: str, says: str, *names: Any, then: tuple[Sorted, ...] = (), more: str = "") -> Sort:
    """The order of names, which say who somebody is.

    Args:
        says: by what, in words; `more` is said after “from A to Z”.
        then: by what those of one name are sorted.
    """
    return Sort(
        code,
        f"{says}, from A to Z{more}",
        f"{says}, from Z to A{more}",
        by=(*map(lowered, names), *then),
        personal=True,
    )


#: Lists of what hangs on children, by the name of the child.
BY_CHILD = a_to_z("child", "By family name", Child.family_name, Child.given_name)


@dataclass(frozen=True)
class Filter:
    """One question by which a list is made smaller; several answers to it widen it again.

    Attributes:
        options: code and label of each answer, asked once for a page.
        where: what holds of a row, by the codes that were chosen.
        counted: whether each answer says how many rows it fits: for lists that have an end.
    """

    name: str
    label: str
    options: Callable[[], Options]
    where: Callable[[Sequence[str]], ColumnElement[bool]]
    _: KW_ONLY
    counted: bool = True

    def each(self, codes: Sequence[str]) -> list[ColumnElement[bool]]:
        """What each of some answers asks of a row."""
        if isinstance(self.where, AnyOf):
            return self.where.each(codes)
        return [self.where([code]) for code in codes]


@dataclass(frozen=True)
class FromRows:
    """Answers of a filter that are rows.

    Attributes:
        statement: the columns `code` and `label` of each, in the order in which they are offered.
    """

    statement: Select[*tuple[Any, ...]]

    def __call__(self) -> Options:
        """Each of them, asked by itself; the page of a list reads them with its views (`listing.beside`)."""
        return [(str(code), label) for code, label in db.session.execute(self.statement)]


def labels(codes: Iterable[Labelled]) -> Callable[[], Options]:
    """Answers of a filter that are fixed words."""
    offered = tuple((one.value, one.label) for one in codes)
    return lambda: offered


def offered(terms: Callable[[Policy], Catalogue[Any]]) -> Callable[[], Options]:
    """Answers of a filter that the partnership decided on: of the policy that holds, what is not retired."""
    return lambda: terms(current_policy()).choices()


def one_of(column: Any) -> Callable[[Sequence[str]], ColumnElement[bool]]:
    """What a filter asks of a row whose answers are values of a column: one of those that were chosen.

    They are one value, so that the statement is the same however many they are.
    """
    return lambda codes: column == any_(literal([*codes], ARRAY(Text)))


@dataclass(frozen=True)
class AnyOf:
    """What a filter asks of a row whose answers are conditions: one of those that were chosen.

    Attributes:
        holds: what holds of a row, by each answer, as of now. To build it takes long: it is built once for
            all that are asked about.
    """

    holds: Callable[[], Mapping[Any, ColumnElement[bool]]]

    def __call__(self, codes: Sequence[str]) -> ColumnElement[bool]:
        """Whether any of some answers holds."""
        return or_(*self.each(codes))

    def each(self, codes: Sequence[str]) -> list[ColumnElement[bool]]:
        """Whether each of them holds."""
        known = self.holds()
        return [known[code] for code in codes]


class When(Labelled):
    """When something is or is due, as somebody looks for it."""

    OVERDUE = "overdue", "Overdue"
    TODAY = "today", "Today"
    WEEK = "week", "In the next 7 days"
    LATER = "later", "Later"


def by_when(label: str, at: Any, *offered: When) -> Filter:
    """The filter of what is, or is due, on a day or by a moment.

    Args:
        offered: what somebody may choose. Where that is also what is overdue, the rest begins now.
    """

    def holds() -> dict[When, ColumnElement[bool]]:
        today, week = (clock.today() + timedelta(days) for days in (0, 7))
        now, tonight, ends = today, today, week
        if not isinstance(at.type, Date):
            now, tonight, ends = clock.now(), end_of_day(today), end_of_day(week)
        to_come = at >= now if When.OVERDUE in offered else true()
        found = {
            When.OVERDUE: at < now,
            When.TODAY: and_(to_come, at <= tonight),
            When.WEEK: and_(to_come, at <= ends),
            When.LATER: at > ends,
        }
        return {one: found[one] for one in offered}

    return Filter("when", label, labels(offered), AnyOf(holds))


@dataclass(frozen=True)
class Column:
    """A column of a list: its head, and what a file says in it of a row.

    Attributes:
        text: of a list that is taken as a file, what stands there.
        sort: the code of the order that its head leads to.
    """

    label: str
    text: Callable[[Any], Any] = str
    _: KW_ONLY
    sort: str = ""


def heads(*of: str | tuple[str, str]) -> tuple[Column, ...]:
    """The heads of a list that is not taken as a file.

    Args:
        of: the label of each; or with it the code of the order that it leads to.
    """
    return tuple(Column(one) if isinstance(one, str) else Column(one[0], sort=one[1]) for one in of)


@dataclass(frozen=True, kw_only=True, eq=False)
class Listing:
    """What a list shows, and how it may be asked for.

    Attributes:
        name: what a file of it is called.
        noun: one row and many of them, in words.
        key: what tells rows apart; a column `id` of each row.
        sorts: its orders, the usual one first.
    """

    name: str
    noun: tuple[str, str]
    key: ColumnElement[UUID] | InstrumentedAttribute[UUID]
    columns: tuple[Column, ...]
    sorts: tuple[Sort, ...]
    filters: tuple[Filter, ...] = ()

    def sort_of(self, code: str) -> Sort:
        """The order of a code; the usual one where there is none of it."""
        return next((one for one in self.sorts if one.code == code), self.sorts[0])
