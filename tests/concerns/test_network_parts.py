"""A part of a network, and where its nodes stand: a new link moves none of the others."""

from datetime import date
from uuid import UUID

from portal.records.concerns.presenter.network import _SECTORS
from portal.records.concerns.reading.network import CHILD, Network, NetworkLine, Node
from portal.web.pictures.network import place


def node(key: int, kind: str, distance: int, grade: str = "") -> Node:
    return Node(UUID(int=key), kind, f"CON-{key}", f"name {key}", distance, information_grade=grade)


def line(key: int, one: int, other: int, on: date | None = None) -> NetworkLine:
    return NetworkLine(
        UUID(int=key), UUID(int=one), UUID(int=other), "seen_at", "", on, None, "network", "Police"
    )


NODES = [
    node(1, CHILD, 0),
    node(5, "person", 1, "B"),
    node(4, "person", 1),
    node(3, "place", 1, "D"),
    node(6, "phone", 2),
]
LINES = [
    line(100, 1, 5, date(2026, 11, 1)),
    line(101, 1, 4, date(2025, 1, 1)),
    line(102, 1, 3),
    line(103, 5, 6, date(2026, 11, 20)),
]


def network(nodes: list[Node], lines: list[NetworkLine]) -> Network:
    return Network(UUID(int=1), {one.id: one for one in nodes}, lines, goes_on=False)


def reached(found: Network) -> set[int]:
    assert all(one.one in found.nodes and one.other in found.nodes for one in found.lines)
    return {one.id.int for one in found.nodes.values()}


def test_a_part_holds_what_still_hangs_together_with_the_start() -> None:
    whole = network(NODES, LINES)
    assert reached(whole.narrowed()) == {1, 3, 4, 5, 6}
    assert reached(whole.narrowed(kinds=["person"])) == {1, 4, 5}
    assert reached(whole.narrowed(kinds=["phone"])) == {1}, "the person between them is left out"
    assert reached(whole.narrowed(steps=1)) == {1, 3, 4, 5}
    assert reached(whole.narrowed(grade="B")) == {1, 5}
    assert reached(whole.narrowed(since=date(2026, 6, 1))) == {1, 5, 6}, "and no link without a day"


def positions(found: Network) -> dict[int, tuple[int, int]]:
    """Where each node stands, as seen from the start."""
    rings = [[(one.id, one.kind) for one in found.in_order(distance)] for distance in (1, 2)]
    at = place(found.start, rings, _SECTORS).at
    x, y = at[found.start]
    return {key.int: (spot[0] - x, spot[1] - y) for key, spot in at.items()}


def test_a_new_link_moves_none_of_the_others() -> None:
    before = positions(network(NODES, LINES))
    assert len(set(before.values())) == len(before)
    for kind, distance in (("person", 1), ("place", 1), ("phone", 2), ("vehicle", 1), (CHILD, 1)):
        more = [*NODES, node(2, kind, distance)]
        after = positions(network(more, [*LINES, line(200, 1 if distance == 1 else 5, 2)]))
        assert {key: spot for key, spot in after.items() if key != 2} == before, kind
        assert after[2] not in before.values()
