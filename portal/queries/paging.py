"""Where a page of a list begins: after the last row of the page before it.

Each list has a cursor of its own, a frozen dataclass of the columns by which it is ordered. In an address
they stand in that order with dots between them: a moment in microseconds, a day and an identifier without
hyphens.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Generic, Self, TypeVar, get_type_hints
from uuid import UUID

from flask import current_app
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
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


_SEALED = {"alg": "dir", "enc": "A256GCM"}
_LARGEST = 2**62
_LONGEST = 2_000  # characters


def written_place(values: Sequence[Any], *, sealed: bool) -> str:
    """Values that say where a page begins, for an address; each says of what kind it is.

    Args:
        sealed: so that nobody reads them there.
    """
    plain = ".".join(map(_part, values))
    return jwe.encrypt_compact(_SEALED, plain.encode(), _keys()[0]) if sealed else plain


def read_place(typed: str, *, sealed: bool) -> list[Any]:
    """The values again.

    Raises:
        ValueError, OverflowError: it holds none.
    """
    if len(typed) > _LONGEST:
        raise ValueError("longer than any")
    return [_value(part) for part in (_opened(typed) if sealed else typed).split(".")]


def _opened(sealed: str) -> str:
    for key in _keys():
        try:
            opened = jwe.decrypt_compact(sealed, key, algorithms=list(_SEALED.values()))
        except JoseError:
            continue
        return (opened.plaintext or b"").decode()
    raise ValueError("nobody's seal")


def _keys() -> list[OctKey]:
    """The key of today, and that before it."""
    secrets = (current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or ()))
    return [OctKey.import_key(sha256(f"a place in a list: {one}".encode()).digest()) for one in secrets]


def _part(value: Any) -> str:
    if isinstance(value, datetime):
        return f"m{(value - _EPOCH) // _MICROSECOND}"
    if isinstance(value, date):
        return f"d{value:%Y%m%d}"
    if isinstance(value, int):
        return f"n{int(value)}"
    return f"u{value.hex}" if isinstance(value, UUID) else f"t{_armoured(str(value))}"


def _value(part: str) -> Any:
    kind, said = part[:1], part[1:]
    if kind == "m":
        return _EPOCH + int(said) * _MICROSECOND
    if kind == "d":
        return datetime.strptime(said, "%Y%m%d").replace(tzinfo=UTC).date()
    if kind == "n" and abs(int(said)) < _LARGEST:
        return int(said)
    if kind == "u":
        return UUID(said)
    if kind == "t" and re.fullmatch(r"[\w-]*", said):
        text = urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode()
        if "\0" not in text:
            return text
    raise ValueError("no value")


def _armoured(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")
