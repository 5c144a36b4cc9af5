"""The network of a child or of a thing of concern: a table to read, and the same as a picture beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from portal.pathway.calendar import add_months
from portal.policy import Policy
from portal.records.concerns.policy import Concerns
from portal.records.concerns.reading.network import CHILD, STEPS, Network, NetworkLine, Node
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.entries.vocabulary import Handling
from portal.web.filters import day
from portal.web.pictures.network import MOST, place

_LONGEST_NAME = 20  # characters of a name in the picture; the table has all of it


@dataclass(frozen=True, kw_only=True)
class NetworkAsked:
    """Which part of a network is asked for: codes of an address; what makes no sense there is left out.

    Attributes:
        months: seen within so many; 0 for ever.
    """

    kind: str = ""
    months: int = 0
    grade: str = ""
    steps: int = STEPS

    @classmethod
    def of(cls, query: Mapping[str, str], policy: Policy) -> "NetworkAsked":
        """From an address."""
        kind, grade = query.get("kind", ""), query.get("grade", "")
        months, steps = query.get("seen", ""), query.get("steps", "")
        return cls(
            kind=kind if kind in _SECTORS else "",
            months=int(months) if months in _SEEN else 0,
            grade=grade if grade in policy.decisions.information_grades else "",
            steps=1 if steps == "1" else STEPS,
        )

    def of_network(self, network: Network, today: date) -> Network:
        """The part of a network that is asked for."""
        since = add_months(today, -self.months) if self.months else None
        kinds = [self.kind] if self.kind else []
        return network.narrowed(kinds=kinds, since=since, grade=self.grade, steps=self.steps)

    def choices(self, policy: Policy) -> list[tuple[str, str, list[tuple[str, str]], str]]:
        """Name, label, answers and what is chosen of each list of the filter."""
        grades = [
            (one.code, f"{one.code}: {one.label}") for one in policy.decisions.information_grades.offered
        ]
        return [
            ("kind", "Kind", [("", "All kinds"), *((one, kind_label(one)) for one in _SECTORS)], self.kind),
            ("seen", "Seen", [("", "At any time"), *_SEEN.items()], str(self.months or "")),
            ("grade", "Grade", [("", "All grades"), *grades], self.grade),
            ("steps", "How far", [("2", "Two steps"), ("1", "One step")], str(self.steps)),
        ]

    @property
    def chosen(self) -> bool:
        """Whether any part is left out."""
        return self != NetworkAsked()


#: How long ago something was seen last, in months.
_SEEN = {"3": "In the last 3 months", "12": "In the last 12 months"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table."""

    one: Node
    role: str
    other: Node
    words: str
    when: str
    agency: str
    grade: str
    handling: str


#: Where each kind stands around the start, in the order of the clock.
_SECTORS = (
    CHILD,
    ConcernKind.PERSON,
    ConcernKind.ACCOUNT,
    ConcernKind.PHONE,
    ConcernKind.VEHICLE,
    ConcernKind.PLACE,
    ConcernKind.GROUP,
)


@dataclass(frozen=True)
class Mark:
    """A node in the picture: its kind gives its shape and icon."""

    x: int
    y: int
    kind: str
    name: str
    second: str  # what matters beside the name
    is_start: bool


@dataclass(frozen=True)
class Stroke:
    """A link in the picture, with its words halfway; one that is over is broken."""

    x1: int
    y1: int
    x2: int
    y2: int
    over: bool
    words: str

    @property
    def middle(self) -> tuple[int, int]:
        """Where the words stand."""
        return (self.x1 + self.x2) // 2, (self.y1 + self.y2) // 2


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """The picture."""

    width: int
    height: int
    marks: Sequence[Mark]
    strokes: Sequence[Stroke]
    says: str
    left_out: int


@dataclass(frozen=True, kw_only=True)
class View:
    """What a page of a network shows."""

    direct: Sequence[Row]
    further: Sequence[Row]
    drawing: Drawing | None
    counts: str
    goes_on: bool


def view(network: Network, policy: Policy, today: Any) -> View:
    """The table and the picture of a network."""
    near = [one for one in network.lines if network.start in {one.one, one.other}]
    far = [one for one in network.lines if network.start not in {one.one, one.other}]
    order = {node.id: place for place, node in enumerate((*network.at(0), *network.at(1), *network.at(2)))}

    def by_place(line: NetworkLine) -> tuple[int, int]:
        low, high = sorted((order[line.one], order[line.other]))
        return low, high

    return View(
        direct=[_row(one, network, policy) for one in sorted(near, key=by_place)],
        further=[_row(one, network, policy) for one in sorted(far, key=by_place)],
        drawing=_drawing(network, policy, today) if network.lines else None,
        counts=_counts(network),
        goes_on=network.goes_on,
    )


def kind_label(kind: str) -> str:
    """What people call a kind of node."""
    return "Child" if kind == CHILD else ConcernKind(kind).label


def _row(line: NetworkLine, network: Network, policy: Policy) -> Row:
    return Row(
        one=network.nodes[line.one],
        role=policy.of(Concerns).roles.label(line.role),
        other=network.nodes[line.other],
        words=line.words,
        when=when(line.from_on, line.until_on),
        agency=line.agency,
        grade=", ".join(
            dict.fromkeys(
                network.nodes[end].grade for end in (line.one, line.other) if network.nodes[end].grade
            )
        ),
        handling="" if line.handling == Handling.NETWORK else Handling(line.handling).label,
    )


def when(from_on: Any, until_on: Any) -> str:
    """From when to when something is known, in words."""
    if from_on and until_on:
        return f"{day(from_on)} to {day(until_on)}"
    if from_on:
        return f"since {day(from_on)}"
    return f"until {day(until_on)}" if until_on else ""


def _counts(network: Network) -> str:
    """How much stands in the table: of what the person sees, and of nothing else."""
    nodes = [one for one in network.nodes.values() if one.distance]
    children = sum(one.kind == CHILD for one in nodes)
    others = len(nodes) - children
    said = [
        f"{children} {'child' if children == 1 else 'children'}" if children else "",
        f"{others} {'place, person or thing' if others == 1 else 'places, people and things'}"
        if others
        else "",
    ]
    return " and ".join(filter(None, said))


def _drawing(network: Network, policy: Policy, today: Any) -> Drawing:
    first, second = network.in_order(1), network.in_order(2)
    shown_first = first[:MOST]
    shown_second = second[: max(0, MOST - len(shown_first))]
    shown = {network.start, *(one.id for one in (*shown_first, *shown_second))}
    lines = [one for one in network.lines if one.one in shown and one.other in shown]
    rings = [[(one.id, one.kind) for one in ring] for ring in (shown_first, shown_second)]
    picture = place(network.start, rings, _SECTORS)
    drawn = [one for one in lines if one.one in picture.at and one.other in picture.at]
    return Drawing(
        width=picture.width,
        height=picture.height,
        marks=[_mark(network.nodes[one], spot, network.start) for one, spot in picture.at.items()],
        strokes=[
            Stroke(
                *picture.at[one.one],
                *picture.at[one.other],
                bool(one.until_on and one.until_on < today),
                policy.of(Concerns).roles.label(one.role).lower(),
            )
            for one in drawn
        ],
        says=f"{network.nodes[network.start].name} in the middle. The table says the same in words",
        left_out=len(network.nodes) - len(picture.at),
    )


def _mark(node: Node, spot: tuple[int, int], start: UUID) -> Mark:
    name = node.name if len(node.name) <= _LONGEST_NAME else f"{node.name[: _LONGEST_NAME - 1].rstrip()}…"
    second = "do not approach" if node.do_not_approach else "no longer of concern" if node.ended else ""
    return Mark(*spot, node.kind, name, second or kind_label(node.kind).lower(), node.id == start)
