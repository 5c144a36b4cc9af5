"""When a rung falls, worked out as a person does with a wall calendar, and not as the portal does.

The bank holidays of England and Wales stand here as the government publishes them.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.messages.vocabulary import TellBy
from portal.policy.telling import ReminderStep, RungWhen, SendingHours
from portal.policy.validators import Unit

LONDON = ZoneInfo("Europe/London")
BANK_HOLIDAYS = {
    date(2026, 12, 25),
    date(2026, 12, 28),  # for Boxing Day, a Saturday
    date(2027, 1, 1),
    date(2027, 3, 26),  # Good Friday
    date(2027, 3, 29),  # Easter Monday; the clocks change on the Sunday between
    date(2027, 5, 3),
    date(2027, 5, 31),
    date(2027, 8, 30),
    date(2027, 12, 27),  # for Christmas Day, a Saturday
    date(2027, 12, 28),  # for Boxing Day, a Sunday
    date(2028, 1, 3),  # for New Year's Day, a Saturday
}


def works(day: date) -> bool:
    """Whether people work on a day."""
    return day.isoweekday() <= 5 and day not in BANK_HOLIDAYS


def falls(rung: ReminderStep, hours: SendingHours, *, due: datetime, opened: datetime) -> datetime:
    """When a rung falls, in UTC: one that the morning message tells as its day begins."""
    moment = _falls(rung, hours, due=due, opened=opened)
    return moment if rung.by is TellBy.MAIL else _at(moment.astimezone(LONDON).date(), time())


def _falls(rung: ReminderStep, hours: SendingHours, *, due: datetime, opened: datetime) -> datetime:
    if rung.when is RungWhen.OPENED:
        return opened.astimezone(UTC)
    if rung.unit is Unit.ELAPSED_HOURS:
        seconds = rung.value * 3600 * (-1 if rung.when is RungWhen.BEFORE else 1)
        return datetime.fromtimestamp(due.timestamp() + seconds, UTC)
    due_day = due.astimezone(LONDON).date()
    if rung.when is RungWhen.BEFORE:
        day = next(day for day in _days(due_day, -1) if works(day) and _worked(day, due_day) >= rung.value)
    elif rung.when is RungWhen.AFTER:
        next_day = timedelta(days=1)
        day = next(
            day
            for day in _days(due_day, 1)
            if works(day) and _worked(due_day + next_day, day + next_day) >= rung.value
        )
    else:
        day = next(day for day in _days(due_day, -1) if works(day) and _at(day, hours.day_starts) <= due)
    return _at(day, hours.day_starts)


def sent(moment: datetime, hours: SendingHours, *, urgent: bool) -> datetime:
    """When what is owed from a moment on goes out: at once, or when somebody is at work to read it."""
    here = moment.astimezone(LONDON)
    if urgent or (works(here.date()) and hours.opens <= here.time() < hours.closes):
        return moment
    openings = (_at(day, hours.opens) for day in _days(here.date(), 1) if works(day))
    return next(opening for opening in openings if opening > moment)


def _days(first: date, step: int) -> Iterator[date]:
    return (first + timedelta(days=step * number) for number in range(100))


def _worked(first: date, before: date) -> int:
    """The working days from one day until before another."""
    return sum(works(first + timedelta(days=number)) for number in range((before - first).days))


def _at(day: date, wall_clock: time) -> datetime:
    return datetime.combine(day, wall_clock, LONDON).astimezone(UTC)
