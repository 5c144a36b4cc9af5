"""Lists that somebody filters, sorts, pages and takes as a file: declared once, read in one way.

A noun says in its `lists` what columns, orders and filters a list has (`declared`); `page_of` reads a page of
it, `counts_of` how much there is, and `portal.web.listing` shows it. A page goes on after the last row of the
one before it, by the values that this row was sorted by when it was read: what others write meanwhile neither
doubles nor loses another row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)

from portal.access.model import SavedFilter
from portal.access.principal import Principal
from portal.extensions import db
from portal.queries.declared import Filter, FromRows, Listing, Options, Sort
from portal.queries.paging import OddCursor, Page, read_place, written_place
from portal.queries.rows import Rows, at_most

PAGE = 50
#: A list that is longer is counted no further, and is taken as a file only once it is filtered.
MOST = 1_000

Chosen = Mapping[str, tuple[str, ...]]
#: Values that a statement asks for by name when it runs.
Given = Mapping[str, Any] | None

_ONE: ColumnElement[int] = literal_column("1", Integer).label("one")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody asked of a list: nothing that it does not offer."""

    listing: Listing
    options: Mapping[str, Options]
    chosen: Chosen = field(default_factory=dict)
    sort: Sort
    backwards: bool = False
    after: str = ""

    @classmethod
    def of(
        cls,
        listing: Listing,
        query: Mapping[str, Sequence[str]],
        read: Mapping[str, Options] = MappingProxyType({}),
    ) -> "Asked":
        """From an address or from what was saved; what makes no sense there is left out.

        Args:
            read: the answers of filters, as far as they were read before (`beside`).
        """
        options = {one.name: read[one.name] if one.name in read else one.options() for one in listing.filters}
        chosen = {
            name: kept
            for name, offered in options.items()
            if (kept := tuple(code for code, _ in offered if code in set(query.get(name, ()))))
        }
        code = next(iter(query.get("sort", ())), "")
        return cls(
            listing=listing,
            options=options,
            chosen=chosen,
            sort=listing.sort_of(code.removeprefix("-")),
            backwards=code.startswith("-"),
            after=next(iter(query.get("after", ())), ""),
        )

    @property
    def is_plain(self) -> bool:
        """Whether all of the list is asked for, in its usual order."""
        return not self.chosen and self.sort is self.listing.sorts[0] and not self.backwards

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """What holds of every row that is asked for."""
        return [one.where(self.chosen[one.name]) for one in self.listing.filters if one.name in self.chosen]

    def query(self) -> dict[str, list[str]]:
        """As it stands in an address and as it is saved, without the place in the list."""
        said = {name: list(codes) for name, codes in self.chosen.items()}
        if self.sort is not self.listing.sorts[0] or self.backwards:
            said["sort"] = [f"-{self.sort.code}" if self.backwards else self.sort.code]
        return said

    def without(self, name: str, code: str) -> "Asked":
        """The same without one of its answers."""
        kept = {
            each: left
            for each, codes in self.chosen.items()
            if (left := tuple(one for one in codes if (each, one) != (name, code)))
        }
        return replace(self, chosen=kept, after="")

    def sorted_by(self, code: str) -> "Asked":
        """The same in another order; in the order that it has already, the other way round."""
        sort = self.listing.sort_of(code)
        return replace(self, sort=sort, backwards=sort is self.sort and not self.backwards, after="")


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many rows fit what was asked, how many there are, and how many fit each answer of each filter.

    All are at most `MOST` and one, which means more than `MOST`.
    """

    found: int
    all: int
    answers: Mapping[tuple[str, str], int] = field(default_factory=dict)


def page_of(asked: Asked, rows: Select[Any], *, limit: int = PAGE, given: Given = None) -> Page[str]:
    """A page of a list, and where the next one starts.

    Args:
        rows: what is shown of each row, unsorted and unfiltered.
        given: what `rows` asks for by name when it runs.

    Raises:
        OddCursor: the place in the list makes no sense.
    """
    sort = asked.sort
    down = sort.downwards is not asked.backwards
    order = _order(asked)
    statement = rows.where(*asked.conditions).add_columns(
        *(by.label(f"sorted_{place}") for place, by in enumerate(order))
    )
    if asked.after:
        statement = statement.where(beyond(order, place_after(asked), down=down))
    in_order = statement.order_by(None).order_by(*(by.desc() if down else by.asc() for by in order))
    found = db.session.execute(in_order.limit(at_most(limit + 1)), given).all()
    return Page.cut(
        found, limit, lambda row: place_at(sort, [getattr(row, f"sorted_{one}") for one in range(len(order))])
    )


def place_at(sort: Sort, values: Sequence[Any]) -> str:
    """The place after a row, for an address: nothing personal can be read there.

    Args:
        values: of the row, by what it is sorted.
    """
    return written_place(values, sealed=sort.personal)


def place_after(asked: Asked) -> list[Any]:
    """The values of the last row of the page before; none on the first page.

    Raises:
        OddCursor: the place makes no sense.
    """
    if not asked.after:
        return []
    try:
        values = read_place(asked.after, sealed=asked.sort.personal)
        if [type(one) for one in values] != [by.type.python_type for by in _order(asked)]:
            raise ValueError("another order's")
    except (ValueError, OverflowError) as error:
        raise OddCursor(f"{asked.after[:80]!r}") from error
    return values


def _order(asked: Asked) -> tuple[Any, ...]:
    return (*asked.sort.by, asked.listing.key)


def beyond(order: Sequence[Any], values: Sequence[Any], *, down: bool) -> ColumnElement[bool]:
    """What holds of the rows after those values of an order."""
    start = tuple_(*(literal(value, by.type) for value, by in zip(values, order, strict=True)))
    return tuple_(*order) < start if down else tuple_(*order) > start


@dataclass(frozen=True, kw_only=True)
class Found:
    """A page of a list.

    Attributes:
        asked: what is shown, which is the usual order of a list that is too long to be sorted.
        counts: None of a list that is too long to be counted.
        looked_through: how many rows of a very long list were looked through for this page, if they were.
    """

    asked: Asked
    page: Page[str]
    counts: Counts | None
    looked_through: int = 0


def find(asked: Asked, rows: Select[Any], *, limit: int = PAGE) -> Found:
    """A page of a list that is counted and sorted as long as it is not too long for it.

    Args:
        rows: as of `page_of`; its usual order has an index.
    """
    counts = counts_of(asked, rows)
    if counts.all > MOST:
        asked = in_usual_order(asked)
        return Found(asked=asked, page=page_of(asked, rows, limit=limit), counts=None)
    return Found(asked=asked, page=page_of(asked, rows, limit=limit), counts=counts)


def in_usual_order(asked: Asked) -> Asked:
    """The same in the usual order, from its start where it was in another."""
    usual = replace(asked, sort=asked.listing.sorts[0], backwards=False)
    return asked if usual.sort is asked.sort and not asked.backwards else replace(usual, after="")


def rows_for_file(asked: Asked, rows: Select[Any], given: Given = None) -> Rows | None:
    """All rows that were asked for, in their order; None where they are too many for one file."""
    found = page_of(replace(asked, after=""), rows, limit=MOST, given=given)
    return None if found.next else found.rows


class Source(Protocol):
    """Where the rows of a list come from, for one person."""

    def find(self, asked: Asked) -> Found:
        """A page of them, as they were asked for."""

    def for_file(self, asked: Asked) -> Rows | None:
        """All of them that fit, in their order; None where they are too many for one file."""


@dataclass(frozen=True)
class Whole:
    """Rows that one statement finds, as of `page_of`."""

    rows: Select[Any]

    def find(self, asked: Asked) -> Found:
        """A page of them, as they were asked for."""
        return find(asked, self.rows)

    def for_file(self, asked: Asked) -> Rows | None:
        """All of them that fit, in their order; None where they are too many for one file."""
        return rows_for_file(asked, self.rows)


def lengths(*lists: Select[Any]) -> Sequence[int]:
    """How many rows each of some lists has, in one statement; `MOST` and one means more than `MOST`."""
    few = (
        one.with_only_columns(_ONE, maintain_column_froms=True).limit(at_most(MOST + 1)).subquery()
        for one in lists
    )
    counts = (select(func.count()).select_from(one).scalar_subquery() for one in few)
    return db.session.execute(select(*counts)).one()


@dataclass(frozen=True)
class SavedView:
    """A view of a list under its name; `query` holds codes by the name of their field."""

    id: UUID
    name: str
    query: Mapping[str, Sequence[str]]
    is_default: bool


def views_of(person: Principal, page: str) -> list[SavedView]:
    """The views of a list that a person saved, by name: row security shows each person their own.

    Args:
        page: the endpoint of the list.
    """
    rows = db.session.execute(_VIEWS, {"person": person.user_id, "page_of_views": page})
    return [SavedView(*row) for row in rows]


_VIEWS = (
    select(SavedFilter.id, SavedFilter.name, SavedFilter.query, SavedFilter.is_default)
    .where(SavedFilter.user_id == bindparam("person"), SavedFilter.page == bindparam("page_of_views"))
    .order_by(func.lower(SavedFilter.name), SavedFilter.id)
)


@dataclass(frozen=True)
class Beside:
    """What is read for the page of a list beside its rows: answers of its filters, and a person's views."""

    options: Mapping[str, Options]
    views: Sequence[SavedView]


def beside(listing: Listing, person: Principal, page: str) -> Beside:
    """Both in one statement, where the answers of a filter are rows.

    Args:
        page: as of `views_of`.
    """
    offered = [one.name for one in listing.filters if isinstance(one.options, FromRows)]
    if not offered:
        return Beside({}, views_of(person, page))
    said = {"person": person.user_id, "page_of_views": page}
    *answers, views = db.session.connection().execute(_beside(listing), said).one()
    options = {
        name: [(code, label) for code, label in of or ()] for name, of in zip(offered, answers, strict=True)
    }
    return Beside(options, [SavedView(UUID(key), *more) for key, *more in views or ()])


@cache
def _beside(listing: Listing) -> Select[Any]:
    statements = [one.options.statement for one in listing.filters if isinstance(one.options, FromRows)]
    return select(*(_as_json(one.subquery()) for one in (*statements, _VIEWS)))


def _as_json(rows: Subquery) -> ColumnElement[Any]:
    """Rows as one value: a list of the values of each, in their order."""
    return (
        select(func.json_agg(func.json_build_array(*rows.c), type_=JSON)).select_from(rows).scalar_subquery()
    )


def counts_of(asked: Asked, rows: Select[Any], given: Given = None) -> Counts:
    """How much of a list there is, in one statement that reads at most `MOST` rows and one.

    Args:
        rows: as of `page_of`; of a list without an end, it sets its own bound.
        given: what `rows` asks for by name when it runs. Such rows are the same object for all requests, and
            what counts them is built once.
    """
    counted = _counted(asked.listing)
    codes = tuple(tuple(code for code, _ in asked.options.get(one.name, ())) for one in counted)
    if given is None or asked.chosen:
        statement = _counting(rows, asked.listing, codes, asked.conditions)
    else:
        statement = _counting_once(rows, asked.listing, codes)
    numbers: list[int] = [*db.session.scalars(statement, given).one()]
    whole = numbers.pop(0)
    found = numbers.pop() if asked.chosen else whole
    answers = ((one.name, code) for one, of in zip(counted, codes, strict=True) for code in of)
    return Counts(found=found, all=whole, answers=dict(zip(answers, numbers, strict=True)))


def _counted(listing: Listing) -> list[Filter]:
    return [one for one in listing.filters if one.counted]


def _counting(
    rows: Select[Any],
    listing: Listing,
    codes: Sequence[Sequence[str]],
    conditions: Sequence[ColumnElement[bool]] = (),
) -> Select[Any]:
    """How many rows there are, how many fit each answer, and how many the conditions where there are any."""
    wheres = [where for one, of in zip(_counted(listing), codes, strict=True) for where in one.each(of)]
    if conditions:
        wheres.append(and_(*conditions))
    columns: list[Any] = [where.label(f"answer_{place}") for place, where in enumerate(wheres)]
    few = (
        rows.with_only_columns(*(columns or [_ONE]), maintain_column_froms=True)
        .order_by(None)
        .limit(at_most(MOST + 1))
        .subquery("few")
    )
    # Written out: to build so many columns takes longer than the database takes to count them.
    numbers = ", ".join(["count(*)", *(f"count(*) filter (where few.{one.name})" for one in columns)])
    return select(literal_column(f"array[{numbers}]", ARRAY(Integer))).select_from(few)


#: The answers of a filter are those of the policy that holds, of which there are few.
_counting_once = lru_cache(maxsize=100)(_counting)
