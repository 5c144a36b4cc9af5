"""Where a value lies along a line, and how marks on it are kept apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal import clock


def along(first: float, last: float, start: float, end: float) -> Callable[[float], float]:
    """Places values from `first` to `last` between `start` and `end`; a single value, halfway."""
    span = last - first

    def place(value: float) -> float:
        if not span:
            return round((start + end) / 2, 1)
        within = min(max(value, min(first, last)), max(first, last))
        return round(start + (end - start) * (within - first) / span, 1)

    return place


def along_time(since: datetime, until: datetime, start: float, end: float) -> Callable[[datetime], float]:
    """Places moments from `since` to `until` on a line; what lies outside, at its ends."""
    place = along(since.timestamp(), until.timestamp(), start, end)
    return lambda moment: place(moment.timestamp())


def apart(places: Sequence[float], gap: float, start: float, end: float) -> list[float]:
    """Moves marks, which come in order, until they lie `gap` apart between `start` and `end`.

    Where there are more than fit, they lie evenly. A mark moves back only as far as those after it need.
    """
    gap = min(gap, (end - start) / max(len(places) - 1, 1))
    found: list[float] = []
    for place in places:
        found.append(max(place, start, found[-1] + gap if found else start))
    latest = end
    for index in reversed(range(len(found))):
        found[index] = min(found[index], latest)
        latest = found[index] - gap
    return [round(place, 1) for place in found]


def months(since: datetime, until: datetime) -> list[datetime]:
    """The first moment of each month, in Europe/London, that begins between two moments."""
    at, last = (
        clock.local(since).replace(day=1, hour=0, minute=0, second=0, microsecond=0),
        clock.local(until),
    )
    found: list[datetime] = []
    while True:
        year, month = divmod(at.year * 12 + at.month, 12)
        at = at.replace(year=year, month=month + 1)
        if at > last:
            return found
        found.append(at)


# Bars: the time that is left, and what adds up to a whole.

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
