"""The levels of a case over time, as steps: a picture of the page of a case, and a line in a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal import clock
from portal.vocabulary import RiskLevel
from portal.web.pictures.scale import along_time, apart, months

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
