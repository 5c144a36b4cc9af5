"""Levels over time as a line of steps: a picture for those who see it, and the same in words for everyone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.vocabulary import RiskLevel
from portal.web.filters import day

# In the units of the picture, which are pixels on a phone.
WIDTH, LANE, TOP, LEFT, RIGHT, CLOSEST = 340, 36, 18, 76, 330, 14
HEIGHT = TOP + LANE * len(RiskLevel)
_SHORT = {RiskLevel.NONE: "None"}


@dataclass(frozen=True)
class Lane:
    """A level, with the height at which its line runs."""

    label: str
    y: int


@dataclass(frozen=True)
class Picture:
    """What the template draws."""

    path: str
    dots: Sequence[tuple[int, int]]
    lanes: Sequence[Lane]
    said: str  # the same in words


def level_picture(rows: Sequence[Any], now: datetime) -> Picture | None:
    """The levels of a case, in the order in which they were decided, up to `now`; nothing without any."""
    if not rows:
        return None
    levels = [RiskLevel(row.level) for row in rows]
    across = _across([row.decided_at for row in rows], now)
    dots = [(x, _height(level)) for x, level in zip(across, levels, strict=True)]
    steps = [f"M{dots[0][0]} {dots[0][1]}", *(f"H{x}V{y}" for x, y in dots[1:]), f"H{RIGHT}"]
    return Picture(
        path="".join(steps),
        dots=dots,
        lanes=[Lane(_SHORT.get(level, level.label), _height(level)) for level in RiskLevel],
        said=". ".join(
            f"{level.label} from {day(row.decided_at)}" for level, row in zip(levels, rows, strict=True)
        )
        + ".",
    )


def _height(level: RiskLevel) -> int:
    return TOP + LANE * (level.rank - 1) + LANE // 2


def _across(moments: Sequence[datetime], now: datetime) -> list[int]:
    """Where each moment lies between the first and now; moments close together keep a little apart."""
    first, room = moments[0], RIGHT - LEFT
    whole = max((now - first).total_seconds(), 1)
    closest = min(CLOSEST, room // (len(moments) + 1))
    found: list[int] = []
    for number, moment in enumerate(moments):
        there = LEFT + int(room * (moment - first).total_seconds() / whole)
        latest = RIGHT - closest * (len(moments) - number)  # what follows needs its room too
        earliest = found[-1] + closest if found else LEFT
        found.append(max(earliest, min(there, latest)))
    return found
