"""Bars: the time that is left, and what adds up to a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

LEFT_WIDTH = 64
_ROOM = {1: 14, 2: 22, 3: 30}  # pixels that a number of so many digits needs


@dataclass(frozen=True)
class TimeLeft:
    """A bar of 64 by 10 pixels: how much of the time from coming in to being due is left."""

    filled: float
    late: bool


def time_left(came_in: datetime, due: datetime, now: datetime) -> TimeLeft:
    """How much of it is left at `now`: all before it began, nothing and late after it ended."""
    whole = max((due - came_in).total_seconds(), 1)
    share = min(max((due - now).total_seconds() / whole, 0), 1)
    return TimeLeft(round(share * (LEFT_WIDTH - 2), 1), due < now)


@dataclass(frozen=True)
class Piece:
    """A part of a bar; its number stands in it where it fits."""

    x: float
    width: float
    middle: float
    kind: str
    number: int
    written: bool


def stack(parts: Sequence[tuple[str, int]], *, width: int, most: int | None = None) -> list[Piece]:
    """Parts side by side, in a fixed order.

    Args:
        parts: kinds and numbers.
        width: of the bar in pixels.
        most: the number that fills the whole width; by default what the parts add up to.
    """
    whole = most or sum(number for _, number in parts)
    found: list[Piece] = []
    x = 0.0
    for kind, number in parts:
        if number <= 0 or not whole:
            continue
        wide = width * number / whole
        written = wide - 1.5 >= _ROOM.get(len(str(number)), 38)
        shown = round(max(wide - 1.5, 1), 1)
        found.append(Piece(round(x, 1), shown, round(x + shown / 2, 1), kind, number, written))
        x += wide
    return found
