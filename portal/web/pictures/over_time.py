"""What changes over time, as a picture: the levels of a case as steps, on its page and in a line of a
list; and a figure with its mean and natural limits, and several as plain lines.

The limits are those of a chart of individual values: the mean and 2.66 times the mean moving range. What
lies outside them, and eight in a row on one side of the mean, is hardly chance and is ringed (NHS England,
Making data count).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal import clock
from portal.vocabulary import RiskLevel
from portal.web.pictures.scale import along, along_time, apart, months

#: From above to below. That no exploitation was found lies on the ground.
_LANES = (RiskLevel.HIGH, RiskLevel.MEDIUM, RiskLevel.LOW, RiskLevel.NONE)

#: Pixels between two dots, so that each is seen.
_APART = 12

Decided = tuple[datetime, RiskLevel]


@dataclass(frozen=True)
class Dot:
    """A level that was decided, at the place of its day."""

    x: float
    y: float
    level: str


@dataclass(frozen=True)
class Tick:
    """A word beside a line, or a month below it."""

    at: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Steps:
    """A line of steps with a dot at each change.

    Attributes:
        path: the line, in the commands of SVG.
        under: the area below it; empty where none is drawn.
        said: the same in words.
    """

    width: int
    height: int
    path: str
    under: str
    dots: Sequence[Dot]
    lanes: Sequence[Tick]
    months: Sequence[Tick]
    ground: float
    left: float
    right: float
    said: str


def level_steps(
    decided: Sequence[Decided], since: datetime, until: datetime, *, width: int = 340, height: int = 138
) -> Steps | None:
    """The levels of a case from `since` to `until`; nothing where none was decided until then.

    Args:
        decided: moments and levels, in the order in which they were decided. What stood at `since` is drawn
            from there.
        since: where the picture begins, or with the first level if that came later.
        width: in pixels, as the height.
    """
    shown = _shown(decided, since, until)
    if not shown:
        return None
    left, right, top, ground = 58.0, width - 8.0, 12.0, height - 24.0
    across = along_time(min(since, shown[0][0]), until, left, right)
    lane = (ground - top) / len(_LANES)
    rows = {level: round(top + lane * (index + 0.5), 1) for index, level in enumerate(_LANES)}
    places = apart([across(at) for at, _ in shown], _APART, left, right - _APART / 2)
    dots = [Dot(x, rows[level], level.value) for x, (_, level) in zip(places, shown, strict=True)]
    path = _path(dots, right)
    return Steps(
        width=width,
        height=height,
        path=path,
        under=f"{path}V{ground}H{dots[0].x}Z",
        dots=dots,
        lanes=[Tick(rows[level], "None" if level is RiskLevel.NONE else level.label) for level in _LANES],
        months=[Tick(across(at), f"{clock.local(at):%b}") for at in months(since, until)[::3]],
        ground=ground,
        left=left,
        right=right,
        said=said(decided),
    )


def spark(decided: Sequence[Decided], since: datetime, until: datetime) -> Steps | None:
    """The same as a line of 64 by 20 pixels, without words; nothing where there is no level."""
    shown = _shown(decided, since, until)
    if not shown:
        return None
    across = along_time(since, until, 3, 58)
    rows = {RiskLevel.HIGH: 4.0, RiskLevel.MEDIUM: 10.0, RiskLevel.LOW: 16.0, RiskLevel.NONE: 18.0}
    dots = [Dot(across(at), rows[level], level.value) for at, level in shown]
    last = Dot(58, dots[-1].y, dots[-1].level)
    return Steps(
        width=64,
        height=20,
        path=_path(dots, 58),
        under="",
        dots=[last],
        lanes=(),
        months=(),
        ground=20,
        left=3,
        right=58,
        said=said(decided),
    )


def said(decided: Sequence[Decided]) -> str:
    """The levels in words: “low from 8 December 2025, medium from 19 March 2026”."""
    return ", ".join(
        f"{level.label.lower()} from {clock.local(at).day} {clock.local(at):%B %Y}" for at, level in decided
    )


def _shown(decided: Sequence[Decided], since: datetime, until: datetime) -> list[Decided]:
    before = [one for one in decided if one[0] <= since][-1:]
    within = [one for one in decided if since < one[0] <= until]
    return [(since, level) for _, level in before] + within


def _path(dots: Sequence[Dot], right: float) -> str:
    return f"M{dots[0].x} {dots[0].y}" + "".join(f"H{one.x}V{one.y}" for one in dots[1:]) + f"H{right}"


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
        lines=[Line(_path_of_trend(points), points)],
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
        Line(_path_of_trend(points), points, name, kind)
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


def _path_of_trend(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{one.x} {one.y}" for one in points) if points else ""


def _steps(most: float) -> range:
    """About five round numbers from nothing to `most`."""
    wide = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000) if most / step <= _LINES)
    return range(0, int(most) + 1, wide)
