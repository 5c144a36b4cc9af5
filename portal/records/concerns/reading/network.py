"""What belongs together around a child or thing of concern, and which records may be the same."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from portal.extensions import db
from portal.queries.rows import NAMED, filled
from portal.records.children.model import Child
from portal.records.concerns.model import Concern, ConcernLink
from portal.records.concerns.reading.records import age_said_at, called_child
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
    child: str = ""  # how a person of concern counts as a child
    source_grade: str = ""
    information_grade: str = ""
    handling_code: str = ""

    @property
    def grade(self) -> str:
        """How it was graded, as the three signs of 3x5x2; empty where nobody did."""
        return f"{self.source_grade}{self.information_grade}{self.handling_code}"


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

    def narrowed(
        self, *, kinds: Collection[str] = (), since: date | None = None, grade: str = "", steps: int = STEPS
    ) -> "Network":
        """The part of it that is asked for: what still hangs together with the start.

        Args:
            kinds: of nodes beside the start; without any, all.
            since: only links of which a day is known, and that were still so from this one on.
            grade: only what is graded so, by the sign of the information; children are not graded.
            steps: how far from the start.
        """

        def keeps(node: Node) -> bool:
            right_kind = not kinds or node.kind in kinds
            right_grade = not grade or node.kind == CHILD or node.information_grade == grade
            return node.id == self.start or (node.distance <= steps and right_kind and right_grade)

        lines = [
            one
            for one in self.lines
            if keeps(self.nodes[one.one])
            and keeps(self.nodes[one.other])
            and (since is None or ((last := one.until_on or one.from_on) is not None and last >= since))
        ]
        reached, before = {self.start}, 0
        while before < len(reached):
            before = len(reached)
            for one in lines:
                if {one.one, one.other} & reached:
                    reached |= {one.one, one.other}
        kept = [one for one in lines if one.one in reached]
        nodes = {key: node for key, node in self.nodes.items() if key in reached}
        return Network(self.start, nodes, kept, self.goes_on)

    def in_order(self, distance: int) -> list[Node]:
        """The nodes so many steps away, those that were linked first before those that came later."""
        first: dict[UUID, UUID] = {}
        for line in sorted(self.lines, key=lambda one: one.id):
            for end in (line.one, line.other):
                first.setdefault(end, line.id)
        found = [one for one in self.nodes.values() if one.distance == distance]
        return sorted(found, key=lambda one: (first.get(one.id, one.id), one.id))

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
            ConcernLink.do_not_disclose.is_(False),  # for its own agency too: ADR 34
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
    return filled(
        NetworkLine,
        row,
        one=row.child_id or row.concern_id,
        other=row.concern_id if row.child_id else row.other_id,
    )


def _named(distance: Mapping[UUID, int]) -> Mapping[UUID, Node]:
    """Who and what they are. What the person cannot read has no name, and is left out with its lines."""
    children = db.session.execute(
        select(Child.id, Child.reference, *NAMED).where(Child.id.in_(distance.keys()))
    )
    concerns = db.session.execute(
        select(
            Concern.id,
            Concern.kind,
            Concern.reference,
            Concern.name,
            Concern.do_not_approach,
            Concern.details,
            Concern.also_child,
            age_said_at(),
            Concern.ended_at.is_not(None).label("ended"),
            Concern.source_grade,
            Concern.information_grade,
            Concern.handling_code,
        ).where(Concern.id.in_(distance.keys()))
    )
    found = [
        Node(row.id, CHILD, row.reference, f"{row.given_name} {row.family_name}".strip(), distance[row.id])
        for row in children
    ]
    found += [
        Node(
            row.id,
            row.kind,
            row.reference,
            row.name,
            distance[row.id],
            row.do_not_approach,
            row.ended,
            called_child(row),
            row.source_grade or "",
            row.information_grade or "",
            row.handling_code or "",
        )
        for row in concerns
    ]
    return {one.id: one for one in found}
