"""Where a page of a list begins: after the last row of the page before it.

Each list has a cursor of its own, a frozen dataclass of the columns by which it is ordered. In an address
they stand in that order with dots between them: a moment in microseconds, a day and an identifier without
hyphens.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, Self, TypeVar, get_type_hints
from uuid import UUID

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from portal.extensions import db
from portal.queries.rows import Rows

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class OddCursor(ValueError):
    """An address names no place in the list: it was cut off or changed."""


@dataclass(frozen=True)
class Cursor:
    """The last row of a page; the next page goes on after it."""

    def __str__(self) -> str:
        return ".".join(_written(getattr(self, field.name)) for field in fields(self))

    @classmethod
    def read(cls, typed: str | None) -> Self | None:
        """The cursor of an address; None where it has none, which is the first page.

        Raises:
            OddCursor: it has one that makes no sense.
        """
        if not typed:
            return None
        kinds = get_type_hints(cls)
        try:
            parts = zip(fields(cls), typed.split("."), strict=True)
            return cls(**{field.name: _read(part, kinds[field.name]) for field, part in parts})
        except (ValueError, OverflowError) as error:
            raise OddCursor(f"{cls.__qualname__}: {typed[:80]!r}") from error


@dataclass(frozen=True)
class RowCursor(Cursor):
    """The last row of a page where its identifier says enough."""

    id: UUID


@dataclass(frozen=True)
class MomentCursor(Cursor):
    """The last row of a page of a list that is ordered by a moment and, within it, by the identifier."""

    at: datetime
    id: UUID


#: Before the first row of a list whose newest row comes first.
NEWEST = MomentCursor(datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))

Place = TypeVar("Place")


@dataclass(frozen=True)
class Page(Generic[Place]):
    """One page of a list, and where the next one starts; None after the last row."""

    rows: Rows
    next: Place | None

    @classmethod
    def cut(cls, rows: Rows, limit: int, place: Callable[[Any], Place]) -> Self:
        """The first `limit` of rows of which one more was asked for.

        Args:
            place: what says of the last one that the next page starts after it.
        """
        return cls(rows[:limit], place(rows[limit - 1]) if len(rows) > limit else None)


def page_by_moment(
    listed: Select[*tuple[Any, ...]],
    moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    key: InstrumentedAttribute[UUID],
    *,
    after: MomentCursor | None,
    limit: int,
    newest_first: bool = True,
) -> Page[MomentCursor]:
    """One page of a list that is ordered by one of its columns, a moment, and by its identifier.

    Args:
        listed: selects `moment`, `key` as `id`, and whatever else is shown.
        after: the last row of the page before.
    """
    place = tuple_(moment, key)
    if after is not None:
        start = (after.at, after.id)
        listed = listed.where(place < start if newest_first else place > start)
    order = (moment.desc(), key.desc()) if newest_first else (moment, key)
    rows = db.session.execute(listed.order_by(*order).limit(limit + 1)).all()
    return Page.cut(rows, limit, lambda row: MomentCursor(getattr(row, moment.key), row.id))


def row_of(typed: str | None) -> UUID | None:
    """The identifier of that row in an address.

    Raises:
        OddCursor: it is none.
    """
    cursor = RowCursor.read(typed)
    return cursor.id if cursor else None


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return str((value - _EPOCH) // _MICROSECOND)
    if isinstance(value, date):
        return f"{value:%Y%m%d}"
    return value.hex if isinstance(value, UUID) else str(value)


def _read(part: str, kind: type[Any]) -> Any:
    if kind is datetime:
        return _EPOCH + int(part) * _MICROSECOND
    if kind is date:
        return datetime.strptime(part, "%Y%m%d").replace(tzinfo=UTC).date()
    return kind(part)
