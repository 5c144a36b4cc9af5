"""The only place that reads the time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Europe/London")

_told: ContextVar[datetime | None] = ContextVar("moment_told_instead", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _told.get() or datetime.now(UTC)


def today() -> date:
    """Today's date where the partnership works (Europe/London)."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """An aware moment as it reads on a clock in Europe/London."""
    return moment.astimezone(LOCAL_ZONE)


def ticks() -> float:
    """Seconds that only ever go forward, to tell how long something lasted; not a time of day."""
    return time.monotonic()


@contextmanager
def telling(moment: datetime) -> Iterator[None]:
    """Tell `moment` (aware) instead of the present, until the end of the block.

    For the demonstration alone, whose history of months is written in seconds: a test keeps everything else
    from calling this.
    """
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)
