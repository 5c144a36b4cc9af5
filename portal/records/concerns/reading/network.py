"""What belongs together around a child or thing of concern, and which records may be the same."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from portal.extensions import db
from portal.policy import current_policy
from portal.records.children.model import Child
from portal.records.concerns.model import Concern, ConcernDifference, ConcernKey, ConcernLink
from portal.records.concerns.policy import Concerns
from portal.records.concerns.rules import lookup_keys, match_keys, reasons, search_keys
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.people.model import Agency, User

STEPS = 2
MOST = 300  # links that one step follows
CHILD = "child"


@dataclass(frozen=True)
class Node:
    """A child or a thing of concern, and how many steps away it is."""

    id: UUID
    kind: str  # `CHILD` or a ConcernKind
    reference: str
    name: str
    distance: int
    do_not_approach: bool = False
    ended: bool = False


@dataclass(frozen=True)
class NetworkLine:
    """A link between two nodes, as the record says it: `one` belongs to `other` in this role."""

    id: UUID
    one: UUID
    other: UUID
    role: str
    words: str
    from_on: date | None
    until_on: date | None
    handling: str
    agency: str


@dataclass(frozen=True)
class Network:
    """What was found. `goes_on` says that there is more than one page can hold."""

    start: UUID
    nodes: Mapping[UUID, Node]
    lines: Sequence[NetworkLine]
    goes_on: bool

    def at(self, distance: int) -> list[Node]:
        """The nodes so many steps away, by kind and name."""
        order = {CHILD: 0} | {kind.value: place for place, kind in enumerate(ConcernKind, start=1)}
        found = [one for one in self.nodes.values() if one.distance == distance]
        return sorted(found, key=lambda one: (order[one.kind], one.name.casefold(), one.reference))


def around(start: UUID) -> Network:
    """The network of a child or of a thing of concern: what is linked to it, and what that is linked to."""
    distance = {start: 0}
    lines: dict[UUID, NetworkLine] = {}
    frontier: Collection[UUID] = {start}
    goes_on = False
    for step in range(1, STEPS + 1):
        found = _links_at(frontier) if frontier else ()
        goes_on = goes_on or len(found) > MOST
        for row in found[:MOST]:
            lines.setdefault(row.id, _line(row))
            for end in (row.concern_id, row.child_id or row.other_id):
                distance.setdefault(end, step)
        frontier = {node for node, away in distance.items() if away == step}
    nodes = _named(distance)
    known = [one for one in lines.values() if one.one in nodes and one.other in nodes]
    return Network(start, nodes, known, goes_on)


def _links_at(ends: Collection[UUID]) -> Sequence[Any]:
    wanted = sorted(ends)
    return db.session.execute(
        select(
            ConcernLink.id,
            ConcernLink.concern_id,
            ConcernLink.child_id,
            ConcernLink.other_id,
            ConcernLink.role,
            ConcernLink.words,
            ConcernLink.from_on,
            ConcernLink.until_on,
            ConcernLink.handling,
            Agency.name.label("agency"),
        )
        .join(Agency, Agency.id == ConcernLink.agency_id)
        .where(
            ConcernLink.ended_at.is_(None),
            or_(
                ConcernLink.concern_id.in_(wanted),
                ConcernLink.child_id.in_(wanted),
                ConcernLink.other_id.in_(wanted),
            ),
        )
        .order_by(ConcernLink.id)
        .limit(MOST + 1)
    ).all()


def _line(row: Any) -> NetworkLine:
    return NetworkLine(
        id=row.id,
        one=row.child_id or row.concern_id,
        other=row.concern_id if row.child_id else row.other_id,
        role=row.role,
        words=row.words,
        from_on=row.from_on,
        until_on=row.until_on,
        handling=row.handling,
        agency=row.agency,
    )


def _named(distance: Mapping[UUID, int]) -> Mapping[UUID, Node]:
    """Who and what they are. What the person cannot read has no name, and is left out with its lines."""
    children = db.session.execute(
        select(Child.id, Child.reference, Child.given_name, Child.family_name).where(
            Child.id.in_(distance.keys())
        )
    )
    concerns = db.session.execute(
        select(
            Concern.id,
            Concern.kind,
            Concern.reference,
            Concern.name,
            Concern.do_not_approach,
            Concern.ended_at.is_not(None).label("ended"),
        ).where(Concern.id.in_(distance.keys()))
    )
    found = [
        Node(row.id, CHILD, row.reference, f"{row.given_name} {row.family_name}".strip(), distance[row.id])
        for row in children
    ]
    found += [
        Node(row.id, row.kind, row.reference, row.name, distance[row.id], row.do_not_approach, row.ended)
        for row in concerns
    ]
    return {one.id: one for one in found}


MOST_ALIKE = 20


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
class NetworkDifference:
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


def find_suggestions(*, typed: str) -> Sequence[Suggestion]:
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


def differences_of(*, concern_id: UUID) -> Sequence[NetworkDifference]:
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
        .limit(MOST_ALIKE)
    )
    return [NetworkDifference(*row) for row in rows]


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
        .limit(MOST_ALIKE)
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
