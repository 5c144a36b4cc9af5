"""What may be the same as something of concern or belong to it, and what fits what somebody types."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased

from portal.extensions import db
from portal.policy import current_policy
from portal.queries.paging import Page, RowCursor
from portal.queries.rows import filled
from portal.records.concerns.model import Concern, ConcernDifference, ConcernKey, ConcernLink
from portal.records.concerns.policy import Concerns
from portal.records.concerns.reading.records import age_said_at, called_child
from portal.records.concerns.rules import (
    FITTING,
    REASONS,
    KeyRange,
    lookup_keys,
    match_keys,
    reasons,
    sought_keys,
)
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.people.model import Agency, User

MOST_ALIKE = 20


@dataclass(frozen=True)
class Suggestion:
    """A record that may be about the same thing, and why somebody should look."""

    id: UUID
    reference: str
    kind: ConcernKind
    name: str
    owner_agency: str
    ended_at: datetime | None
    child: str  # how a person counts as a child; empty where nothing says so
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class NetworkDifference:
    """Two that look alike and are not the same or not linked, as somebody said who looked."""

    id: UUID
    reference: str
    kind: str
    name: str
    reason: str
    by: str
    agency: str
    said_at: datetime


def suggestions_for(*, keys: Collection[str], without: UUID | None = None) -> Sequence[Suggestion]:
    """Records that share a key, are not linked to it, and were not found to be another thing.

    Args:
        keys: of the record that is looked at, or that is being made.
        without: that record, where it is kept already.
    """
    wanted = lookup_keys(keys)
    if not wanted:
        return ()
    found = (
        select(ConcernKey.concern_id, func.array_agg(ConcernKey.key).label("keys"))
        .where(ConcernKey.key.in_(sorted(wanted)))
        .group_by(ConcernKey.concern_id)
    )
    if without is not None:
        found = found.where(ConcernKey.concern_id != without, ConcernKey.concern_id.not_in(_others(without)))
    return _rows(found)


def find_concerns(
    *, typed: str, after: RowCursor | None = None, limit: int = MOST_ALIKE, without: UUID | None = None
) -> Page[RowCursor]:
    """What fits a name, address, postcode, registration, number or account that somebody typed, or three
    characters in a row of one; the last recorded first. Rows are `Suggestion`.

    Args:
        after: the last row of the page before.
        without: something that is not looked for.
    """
    sought = sought_keys(typed)
    hits = [_keys_in(sought.whole)] if sought.whole else []
    if sought.words:
        first, *others = sought.words
        hits.append(_keys_in(first).where(*(_has_key(ranges) for ranges in others)))
    if not hits:
        return Page([], None)
    each = union_all(*hits).subquery()
    found = select(each.c.concern_id, func.array_agg(each.c.key).label("keys")).group_by(each.c.concern_id)
    if after is not None:
        found = found.where(each.c.concern_id < after.id)
    if without is not None:
        found = found.where(each.c.concern_id != without)
    rows = _rows(found, said=FITTING, limit=limit + 1, by_id=True)
    return Page.cut(rows, limit, lambda row: RowCursor(row.id))


def _keys_in(ranges: Collection[KeyRange]) -> Select[UUID, str]:
    return select(ConcernKey.concern_id, ConcernKey.key).where(_in_any(ConcernKey, ranges))


def _has_key(ranges: Collection[KeyRange]) -> ColumnElement[bool]:
    other = aliased(ConcernKey)
    return exists().where(other.concern_id == ConcernKey.concern_id, _in_any(other, ranges))


def _in_any(keys: Any, ranges: Collection[KeyRange]) -> ColumnElement[bool]:
    return or_(*(and_(keys.key >= one.low, keys.key < one.high) for one in ranges))


def of_concern(*, concern: Concern) -> Sequence[Suggestion]:
    """What may be the same as a record that is kept."""
    fields = current_policy().of(Concerns).fields_of(concern.kind)
    keys = match_keys(concern.kind, concern.name, concern.details, fields)
    return suggestions_for(keys=keys, without=concern.id)


def differences_of(*, concern_id: UUID) -> Sequence[NetworkDifference]:
    """What looks like a record and is not the same, as far as the person sees both."""
    rows = db.session.execute(
        select(
            ConcernDifference.id,
            Concern.reference,
            Concern.kind,
            Concern.name,
            ConcernDifference.reason,
            User.name.label("by"),
            Agency.name.label("agency"),
            ConcernDifference.said_at,
        )
        .join(
            Concern,
            or_(
                and_(ConcernDifference.concern_id == concern_id, Concern.id == ConcernDifference.other_id),
                and_(ConcernDifference.other_id == concern_id, Concern.id == ConcernDifference.concern_id),
            ),
        )
        .join(User, User.id == ConcernDifference.said_by)
        .join(Agency, Agency.id == ConcernDifference.agency_id)
        .where(ConcernDifference.undone_at.is_(None))
        .order_by(ConcernDifference.said_at.desc())
        .limit(MOST_ALIKE)
    )
    return [NetworkDifference(*row) for row in rows]


def _rows(
    found: Select[UUID, Sequence[str]],
    *,
    said: Mapping[str, str] = REASONS,
    limit: int = MOST_ALIKE,
    by_id: bool = False,
) -> list[Suggestion]:
    """Records by the keys that fit; those that ended last, unless the order is that of a page."""
    shared = found.subquery()
    order = () if by_id else (Concern.ended_at.is_not(None),)
    rows = db.session.execute(
        select(
            Concern.id,
            Concern.reference,
            Concern.kind,
            Concern.name,
            Concern.ended_at,
            Concern.details,
            Concern.also_child,
            age_said_at(),
            Agency.name.label("owner_agency"),
            shared.c["keys"].label("shared"),
        )
        .join(shared, shared.c.concern_id == Concern.id)
        .join(Agency, Agency.id == Concern.owner_agency_id)
        .order_by(*order, Concern.id.desc())
        .limit(limit)
    )
    return [
        filled(
            Suggestion,
            row,
            kind=ConcernKind(row.kind),
            child=called_child(row),
            reasons=reasons(row.shared, said),
        )
        for row in rows
    ]


def _others(concern_id: UUID) -> Any:
    """What was found not to be the same as a record or not to belong to it, and what is linked to it."""
    pairs = []
    for table, standing in (
        (ConcernDifference, ConcernDifference.undone_at.is_(None)),
        (ConcernLink, ConcernLink.ended_at.is_(None) & ConcernLink.other_id.is_not(None)),
    ):
        pairs.append(select(table.other_id).where(table.concern_id == concern_id, standing))
        pairs.append(select(table.concern_id).where(table.other_id == concern_id, standing))
    return union_all(*pairs)
