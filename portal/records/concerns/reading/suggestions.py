"""What may be the same: records that share a registration, a number, a name or an address.

A suggestion is something to look at. It has no weight, and its order says nothing: the last recorded comes
first. Of what a person may not see they are not told that there is any.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from portal.extensions import db
from portal.policy import current_policy
from portal.records.concerns.model import Concern, ConcernDifference, ConcernKey
from portal.records.concerns.policy import Concerns
from portal.records.concerns.rules.records import lookup_keys, match_keys, reasons, search_keys
from portal.records.people.model.agencies import Agency
from portal.records.people.model.people import User

MOST = 20


@dataclass(frozen=True)
class Suggestion:
    """A record that may be about the same thing, and why somebody should look."""

    id: UUID
    reference: str
    kind: str
    name: str
    details: dict[str, Any]
    owner_agency: str
    ended_at: datetime | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """Two that look alike and are not the same, as somebody said who looked."""

    id: UUID
    reference: str
    name: str
    reason: str
    by: str
    agency: str
    said_at: datetime


def suggestions_for(*, keys: Collection[str], without: UUID | None = None) -> Sequence[Suggestion]:
    """Records that share a key and were not found to be another thing.

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
    return _shown(found)


def find(*, typed: str) -> Sequence[Suggestion]:
    """What somebody looks for by its name, registration, number, account or postcode."""
    any_of, all_of = search_keys(typed)
    wanted = sorted(any_of | all_of)
    if not wanted:
        return ()
    words = func.count().filter(ConcernKey.key.in_(sorted(all_of)))
    others = func.count().filter(ConcernKey.key.in_(sorted(any_of)))
    fits = others > 0
    if all_of:
        fits = or_(fits, words == len(all_of))
    return _shown(
        select(ConcernKey.concern_id, func.array_agg(ConcernKey.key).label("keys"))
        .where(ConcernKey.key.in_(wanted))
        .group_by(ConcernKey.concern_id)
        .having(fits)
    )


def of_concern(*, concern: Concern) -> Sequence[Suggestion]:
    """What may be the same as a record that is kept."""
    fields = current_policy().of(Concerns).fields_of(concern.kind)
    keys = match_keys(concern.kind, concern.name, concern.details, fields)
    return suggestions_for(keys=keys, without=concern.id)


def differences_of(*, concern_id: UUID) -> Sequence[Difference]:
    """What looks like a record and is not the same, as far as the person sees both."""
    rows = db.session.execute(
        select(
            ConcernDifference.id,
            Concern.reference,
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
        .limit(MOST)
    )
    return [Difference(*row) for row in rows]


def _shown(found: Any) -> Sequence[Suggestion]:
    """Records by the keys that fit, those that ended last."""
    shared = found.subquery()
    rows = db.session.execute(
        select(
            Concern.id,
            Concern.reference,
            Concern.kind,
            Concern.name,
            Concern.details,
            Concern.ended_at,
            Agency.name.label("owner_agency"),
            shared.c["keys"].label("shared"),
        )
        .join(shared, shared.c.concern_id == Concern.id)
        .join(Agency, Agency.id == Concern.owner_agency_id)
        .order_by(Concern.ended_at.is_not(None), Concern.id.desc())
        .limit(MOST)
    )
    return [
        Suggestion(
            id=row.id,
            reference=row.reference,
            kind=row.kind,
            name=row.name,
            details=row.details,
            owner_agency=row.owner_agency,
            ended_at=row.ended_at,
            reasons=reasons(row.shared),
        )
        for row in rows
    ]


def _others(concern_id: UUID) -> Any:
    """What was found not to be the same as a record."""
    standing = ConcernDifference.undone_at.is_(None)
    one = select(ConcernDifference.other_id).where(ConcernDifference.concern_id == concern_id, standing)
    other = select(ConcernDifference.concern_id).where(ConcernDifference.other_id == concern_id, standing)
    return one.union_all(other)
