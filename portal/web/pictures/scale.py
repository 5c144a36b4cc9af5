"""Where a value lies along a line, and how marks on it are kept apart."""

from collections.abc import Callable, Sequence
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
