"""Lists that are gathered from several owners or ways, each of them from its start by an index of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ARRAY, Select, Uuid, cast, func, select, union

from portal.extensions import db
from portal.queries.declared import Listing
from portal.queries.listing import (
    MOST,
    PAGE,
    Asked,
    Found,
    beyond,
    counts_of,
    in_usual_order,
    page_of,
    place_after,
    place_at,
    rows_for_file,
)
from portal.queries.paging import Page
from portal.queries.rows import Rows

#: The first rows after a place in the usual order, at most so many of each way in which they are found: the
#: values by which they are sorted, then the key. After no values they are the first of all.
First = Callable[[Sequence[Any], int], Any]
#: What is shown of rows, by a selectable whose column `id` has their keys.
Described = Callable[[Any], Select[Any]]


def first_of(listing: Listing, parts: Sequence[Select[Any]]) -> First:
    """The rows of a list that are found in several ways, each by an index of its own in the usual order.

    Args:
        parts: selects of rows, of whatever columns, such as those of each owner; a row of two is there once.
    """
    sort = listing.sorts[0]
    order: tuple[Any, ...] = (*sort.by, listing.key)
    labelled = [by.label(f"sorted_{place}") for place, by in enumerate(sort.by)]

    def first(values: Sequence[Any], limit: int) -> Any:
        found = [
            part.with_only_columns(*labelled, listing.key.label("id"), maintain_column_froms=True)
            .where(*([beyond(order, values, down=sort.downwards)] if values else []))
            .order_by(None)
            .order_by(*(by.desc() if sort.downwards else by.asc() for by in order))
            .limit(limit)
            for part in parts
        ]
        return union(*(select(one.subquery()) for one in found))

    return first


@dataclass(frozen=True)
class Gathered:
    """The rows of a list that has no index of its own, by the first of each of several (`first_of`)."""

    first: First
    described: Described

    def find(self, asked: Asked) -> Found:
        """A page of them, as they were asked for."""
        return find_first(asked, self.first, self.described)

    def for_file(self, asked: Asked) -> Rows | None:
        """All of them that fit, in their order; None where they are too many for one file."""
        found = self.first((), MOST + 1).subquery()
        if (db.session.scalar(select(func.count()).select_from(found)) or 0) > MOST:
            return None
        return rows_for_file(asked, self.described(found))


def find_first(asked: Asked, first: First, described: Described, *, limit: int = PAGE) -> Found:
    """A page of a list that has no index of its own: its rows are gathered from several, each from its start.

    A list that is too long to be gathered stays in its usual order; what it is filtered by is looked for
    among the next `MOST` at a time.
    """
    few = described(first((), MOST + 1).subquery())
    counts = counts_of(asked, few)
    if counts.all <= MOST:
        return Found(asked=asked, page=page_of(asked, few, limit=limit), counts=counts)
    asked = in_usual_order(asked)
    place = place_after(asked)
    if not asked.chosen:
        rows = described(first(place, limit + 1).subquery())
        return Found(asked=asked, page=page_of(replace(asked, after=""), rows, limit=limit), counts=None)
    down, next_ones = asked.sort.downwards, first(place, MOST).subquery()
    walked = db.session.execute(
        select(next_ones).order_by(*(one.desc() if down else one.asc() for one in next_ones.c)).limit(MOST)
    ).all()
    keys = select(func.unnest(cast([row.id for row in walked], ARRAY(Uuid))).label("id")).subquery()
    page = page_of(replace(asked, after=""), described(keys), limit=limit)
    end = place_at(asked.sort, walked[-1]) if len(walked) == MOST else None
    return Found(asked=asked, page=Page(page.rows, page.next or end), counts=None, looked_through=len(walked))
