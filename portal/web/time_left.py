"""How much time is left, or by how much it is over, as people say it."""

from datetime import datetime, timedelta

from portal import clock

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


def time_left(due: datetime | None, now: datetime | None = None) -> str:
    """“2 hours 5 minutes left”, “Overdue by 3 days”; nothing without a due time."""
    if due is None:
        return ""
    now = now or clock.now()
    if due < now:
        return f"Overdue by {span(now - due)}"
    return f"{span(due - now)} left"


def span(length: timedelta) -> str:
    """A length of time in its two largest units: days and hours, or hours and minutes."""
    if length >= 2 * _DAY:
        return _count(length // _DAY, "day")
    hours, rest = length // _HOUR, length % _HOUR
    minutes = rest // _MINUTE
    if hours >= 10:  # noqa: PLR2004 - minutes no longer matter
        return _count(hours, "hour")
    said = [_count(hours, "hour") if hours else "", _count(minutes, "minute") if minutes else ""]
    return " ".join(filter(None, said)) or "less than a minute"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
