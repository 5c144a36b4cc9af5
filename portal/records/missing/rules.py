"""Counting missing episodes back from a moment: rolling days by the clock on the wall."""

from datetime import UTC, datetime, timedelta

from portal.clock import local
from portal.records.missing.vocabulary import MissingStatus

#: The counts that pages show, in days.
WINDOWS = (30, 90, 365)


def days_before(moment: datetime, days: int) -> datetime:
    """The same time of day in Europe/London so many days earlier.

    Across a change of the clocks that is an hour more or less than so many times 24 hours: people count days.
    A time of day that the change skips or repeats is read as the database reads it (`ctx.days_before`): in
    winter time.
    """
    wall = local(moment) - timedelta(days=days)
    return max(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def status_words(status: str) -> str:
    """What a status is called in a list; one that this program does not know is read as it is."""
    return MissingStatus(status).short if status in set(MissingStatus) else status
