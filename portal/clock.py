"""The only place that reads the time."""

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Europe/London")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today's date where the partnership works (Europe/London)."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """An aware moment as it reads on a clock in Europe/London."""
    return moment.astimezone(LOCAL_ZONE)


def ticks() -> float:
    """Seconds that only ever go forward, to tell how long something lasted; not a time of day."""
    return time.monotonic()
