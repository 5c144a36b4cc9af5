"""When something is due. Two ways of counting, never mixed: elapsed hours, and working days."""

from datetime import UTC, date, datetime, timedelta

from portal.clock import local
from portal.pathway.calendar import add_months, add_working_days, end_of_day
from portal.policy import Clock, Figure, Unit


def due(clock: Clock | Figure, start: datetime) -> datetime:
    """When a time that started at ``start`` is up, in UTC.

    Elapsed hours run on through nights, weekends and clock changes. For working days the local date of the
    start is day 0, whatever the hour, and the time is up at the end of the last day in Europe/London.
    Days and months (limits of reviews) also end at the end of a local day.

    :param clock: how long (policy ``clocks`` or a figure with a unit).
    :param start: an aware moment.
    :raises ValueError: the start has no time zone, or the unit cannot be counted from a moment.
    """
    if start.tzinfo is None:
        raise ValueError("A start needs a time zone: use clock.now().")
    if clock.unit is Unit.ELAPSED_HOURS:
        return start.astimezone(UTC) + timedelta(hours=clock.value)
    return end_of_day(last_day(clock, local(start).date()))


def last_day(clock: Clock | Figure, day: date) -> date:
    """The last day on which something that started on a day is in time.

    :raises ValueError: the unit is hours, which are counted from a moment, or years, which are ages.
    """
    if clock.unit is Unit.WORKING_DAYS:
        return add_working_days(day, clock.value)
    if clock.unit is Unit.DAYS:
        return day + timedelta(days=clock.value)
    if clock.unit is Unit.MONTHS:
        return add_months(day, clock.value)
    raise ValueError(f"{clock.unit} cannot be counted from a day.")


def is_overdue(due_at: datetime, moment: datetime) -> bool:
    """Whether a time is up. The due moment itself is still in time."""
    return moment > due_at
