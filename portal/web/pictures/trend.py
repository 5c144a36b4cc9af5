"""A figure over time with its mean and natural limits, and several as plain lines.

The limits are those of a chart of individual values: the mean and 2.66 times the mean moving range. What lies
outside them, and eight in a row on one side of the mean, is hardly chance and is ringed (NHS England, Making
data count).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from portal.web.pictures.scale import along

#: With fewer points no limits are drawn.
FEWEST = 8
_RANGES = 2.66
_RUN = 8
_LINES = 7  # at most, to read a value by


@dataclass(frozen=True)
class Point:
    """A value at its place; a signal is ringed."""

    x: float
    y: float
    value: float
    signal: bool = False


@dataclass(frozen=True)
class Rule:
    """A level line across the picture with what it is."""

    y: float
    text: str
    kind: str  # grid, mean or limit


@dataclass(frozen=True)
class Limits:
    """The mean of values and between which bounds chance alone moves them; which of them are signals."""

    mean: float
    lower: float
    upper: float
    signals: frozenset[int]


@dataclass(frozen=True)
class Line:
    """One series of a picture."""

    path: str
    points: Sequence[Point]
    name: str = ""
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A picture of 370 by 210 pixels, or another size."""

    width: int
    height: int
    lines: Sequence[Line]
    rules: Sequence[Rule]
    labels: Sequence[tuple[float, str]]
    left: float
    right: float


def limits(values: Sequence[float]) -> Limits | None:
    """The natural limits of values in their order; None where there are too few of them or they seldom move.

    Values that stand still most of the time say nothing of how far chance moves them: the first that differs
    would be a signal.
    """
    moves = [abs(one - before) for before, one in itertools.pairwise(values)]
    if len(values) < FEWEST or sum(move > 0 for move in moves) * 2 < len(moves):
        return None
    mean = sum(values) / len(values)
    spread = _RANGES * sum(moves) / len(moves)
    lower, upper = max(mean - spread, 0), mean + spread
    outside = {index for index, value in enumerate(values) if not lower <= value <= upper}
    return Limits(mean, lower, upper, frozenset(outside | _runs(values, mean)))


def _runs(values: Sequence[float], mean: float) -> set[int]:
    """The places of values of which at least eight in a row lie on one side of the mean."""
    found: set[int] = set()
    begins = 0
    for index in range(1, len(values) + 1):
        same = index < len(values) and (values[index] > mean) == (values[begins] > mean)
        if not same or values[begins] == mean:
            if index - begins >= _RUN and values[begins] != mean:
                found |= set(range(begins, index))
            begins = index
    return found


def trend(
    values: Sequence[float], labels: Sequence[tuple[int, str]], *, width: int = 370, height: int = 210
) -> Trend:
    """Single values, oldest first, with their mean and limits where there are enough of them.

    Args:
        labels: what stands below some of the values, by their place.
    """
    found = limits(values)
    most = max([*values, found.upper if found else 0, 1]) * 1.12
    left, right = 34.0, width - 96.0
    across, down = along(0, max(len(values) - 1, 1), left, right), along(0, most, height - 26, 12)
    signals = found.signals if found else frozenset()
    points = [Point(across(i), down(value), value, i in signals) for i, value in enumerate(values)]
    rules = [Rule(down(step), str(step), "grid") for step in _steps(most)]
    if found:
        rules += [
            Rule(down(found.upper), f"upper limit {found.upper:.0f}", "limit"),
            Rule(down(found.mean), f"mean {found.mean:.0f}", "mean"),
        ]
        rules += [Rule(down(found.lower), f"lower limit {found.lower:.0f}", "limit")] if found.lower else []
    return Trend(
        width=width,
        height=height,
        lines=[Line(_path(points), points)],
        rules=rules,
        labels=[(across(place), text) for place, text in labels],
        left=left,
        right=right,
    )


def lines(
    series: Sequence[tuple[str, str, Sequence[float]]],
    labels: Sequence[tuple[int, str]],
    *,
    width: int = 370,
    height: int = 210,
) -> Trend:
    """Several stocks as plain lines, each named at its end.

    Args:
        series: name, kind (which gives its colour) and values, oldest first; all of one length.
    """
    length = max(len(values) for _, _, values in series)
    most = max([value for _, _, values in series for value in values] + [1]) * 1.15
    left, right = 34.0, width - 124.0
    across, down = along(0, max(length - 1, 1), left, right), along(0, most, height - 26, 12)
    drawn = [
        Line(_path(points), points, name, kind)
        for name, kind, values in series
        for points in [[Point(across(i), down(value), value) for i, value in enumerate(values)]]
    ]
    return Trend(
        width=width,
        height=height,
        lines=drawn,
        rules=[Rule(down(step), str(step), "grid") for step in _steps(most)],
        labels=[(across(place), text) for place, text in labels],
        left=left,
        right=right,
    )


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{one.x} {one.y}" for one in points) if points else ""


def _steps(most: float) -> range:
    """About five round numbers from nothing to `most`."""
    wide = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000) if most / step <= _LINES)
    return range(0, int(most) + 1, wide)
