"""What belongs together around a child or thing of concern, and which records may be the same."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from portal.extensions import db
from portal.records.children.model import Child
from portal.records.concerns.model import Concern, ConcernLink
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.people.model import Agency

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
