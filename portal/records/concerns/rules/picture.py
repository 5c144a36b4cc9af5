"""Where the nodes of a network stand in a picture of it."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, cos, pi, sin
from typing import Generic, TypeVar

N = TypeVar("N", bound=Hashable)

_APART = 96  # between two nodes of a ring, so that their names do not meet
_SMALLEST = 150  # the radius of the first ring, at the least
_BETWEEN = 120  # from one ring to the next, at the least
_MARGIN = 84  # beside what stands outermost, for names
_ABOVE, _BELOW = 36, 56
MOST = 40  # nodes that a picture holds; beyond it nobody reads it, and the table has them all


@dataclass(frozen=True)
class Picture(Generic[N]):
    """The size of a picture and the middle of each node in it."""

    width: int
    height: int
    at: Mapping[N, tuple[int, int]]


def draw(start: N, first: Sequence[N], second: Sequence[N], lines: Iterable[tuple[N, N]]) -> Picture[N]:
    """Place a start, what is one step away and what is two steps away, in the order given.

    Args:
        lines: pairs of nodes that are linked; those of the second ring stand by one of the first.
    """
    beside = _hung(first, second, lines)
    slots = sum(max(1, len(beside[one])) for one in first) or 1
    outer = _radius(slots)
    inner = max(_SMALLEST, ceil(len(first) * _APART / (2 * pi)))
    outer = max(outer, inner + _BETWEEN)
    reach = (outer if second else inner) + _MARGIN
    at: dict[N, tuple[int, int]] = {start: (reach, reach)}
    turn, begins = 2 * pi / slots, -pi / 2
    for one in first:
        wide = max(1, len(beside[one])) * turn
        at[one] = _on(reach, inner, begins + wide / 2)
        for place, other in enumerate(beside[one]):
            at[other] = _on(reach, outer, begins + turn * (place + 0.5))
        begins += wide
    return _cropped(at)


def _cropped(at: Mapping[N, tuple[int, int]]) -> Picture[N]:
    """The picture without the part of it in which nothing stands."""
    left, right = min(x for x, _ in at.values()) - _MARGIN, max(x for x, _ in at.values()) + _MARGIN
    top, bottom = min(y for _, y in at.values()) - _ABOVE, max(y for _, y in at.values()) + _BELOW
    return Picture(right - left, bottom - top, {one: (x - left, y - top) for one, (x, y) in at.items()})


def _hung(first: Sequence[N], second: Sequence[N], lines: Iterable[tuple[N, N]]) -> Mapping[N, list[N]]:
    """Which of the second ring stand by which of the first: by the first that they are linked to."""
    linked: dict[N, set[N]] = {}
    for one, other in lines:
        linked.setdefault(one, set()).add(other)
        linked.setdefault(other, set()).add(one)
    beside: dict[N, list[N]] = {one: [] for one in first}
    for other in second:
        by = next((one for one in first if one in linked.get(other, ())), None)
        if by is not None:
            beside[by].append(other)
    return beside


def _radius(slots: int) -> int:
    return ceil(slots * _APART / (2 * pi))


def _on(middle: int, radius: int, angle: float) -> tuple[int, int]:
    return round(middle + radius * cos(angle)), round(middle + radius * sin(angle))
