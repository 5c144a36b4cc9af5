"""A network around a child or a thing of concern, by rings and sectors.

Each kind has a sector of its own, in a fixed order, and a node keeps its place in it. Nodes come in the order
in which they were linked, so a new link moves none of the others, as long as its sector of the ring has room.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from math import cos, pi, sin
from typing import Generic, TypeVar

N = TypeVar("N", bound=Hashable)

#: Nodes that a picture holds; beyond it nobody reads it, and the table has them all.
MOST = 40
_APART = 118  # pixels between two nodes of a ring, so that their names do not meet
_INNER, _FURTHER, _BETWEEN = (
    180,
    120,
    150,
)  # the first ring, the next where a sector is full, the next step away
_SIDE, _ABOVE, _BELOW = 92, 42, 62
_FLAT = 0.72  # a screen is wider than high


@dataclass(frozen=True)
class Placed(Generic[N]):
    """The size of a picture and the middle of each node in it."""

    width: int
    height: int
    at: Mapping[N, tuple[int, int]]


def place(start: N, rings: Sequence[Sequence[tuple[N, str]]], sectors: Sequence[str]) -> Placed[N]:
    """Places a start in the middle and each ring around it.

    Args:
        rings: nodes with their sector, one step away, two steps away; each in a fixed order.
        sectors: in the order of the clock, beginning above.
    """
    at: dict[N, tuple[int, int]] = {start: (0, 0)}
    wide, radius = 2 * pi / len(sectors), float(_INNER)
    for nodes in rings:
        reached = radius
        for number, sector in enumerate(sectors):
            waiting = [node for node, kind in nodes if kind == sector]
            for further in count():
                if not waiting:
                    break
                reached = max(reached, here := radius + further * _FURTHER)
                room = max(1, int(wide * here / _APART))
                for index, node in enumerate(waiting[:room]):
                    angle = wide * (number + (index + 0.5) / room) - pi / 2
                    at[node] = (round(here * cos(angle)), round(here * sin(angle) * _FLAT))
                waiting = waiting[room:]
        radius = reached + _BETWEEN if nodes else radius
    return _cropped(at)


def _cropped(at: Mapping[N, tuple[int, int]]) -> Placed[N]:
    left, right = min(x for x, _ in at.values()) - _SIDE, max(x for x, _ in at.values()) + _SIDE
    top, bottom = min(y for _, y in at.values()) - _ABOVE, max(y for _, y in at.values()) + _BELOW
    return Placed(right - left, bottom - top, {node: (x - left, y - top) for node, (x, y) in at.items()})
