"""Working days of England, ends of days, ages on a day, the hours of the hub, and when messages go out."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import holidays

from portal.clock import LOCAL_ZONE, local
from portal.policy import Hub
from portal.policy.telling import SendingHours

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> Mapping[date, str]:
    return dict(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_bank_holiday(day: date) -> bool:
    """Whether a day is a bank holiday in England, substitute days included."""
    return day in _bank_holidays(day.year)


def is_working_day(day: date) -> bool:
    """Whether a day is neither at a weekend nor a bank holiday in England."""
    return day.weekday() < _SATURDAY and not is_bank_holiday(day)


def add_working_days(day: date, count: int) -> date:
    """The working day that is ``count`` working days after ``day``, which itself is day 0.

    :raises ValueError: ``count`` is less than 1.
    """
    return _count_working_days(day, count, _ONE_DAY)


def subtract_working_days(day: date, count: int) -> date:
    """The working day that is ``count`` working days before ``day``, which itself is day 0.

    :raises ValueError: ``count`` is less than 1.
    """
    return _count_working_days(day, count, -_ONE_DAY)


def _count_working_days(day: date, count: int, step: timedelta) -> date:
    if count < 1:
        raise ValueError("Count at least one working day.")
    while count:
        day += step
        count -= is_working_day(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days come after one day, up to another."""
    return sum(is_working_day(first + timedelta(days=number)) for number in range(1, (last - first).days + 1))


def last_working_day(day: date) -> date:
    """The day itself, or the working day before it."""
    return day if is_working_day(day) else subtract_working_days(day, 1)


def add_months(day: date, count: int) -> date:
    """The same day of the month ``count`` months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def at_local(day: date, wall_clock: time) -> datetime:
    """The moment, in UTC, at which clocks in Europe/London show a time on a day."""
    return datetime.combine(day, wall_clock, LOCAL_ZONE).astimezone(UTC)


def as_meant(moment: datetime, *, after: datetime) -> datetime:
    """A moment that somebody gave by the clock on the wall, of something that came after another.

    In the night in which clocks go back they show an hour twice: where the first time is too early, the
    second is meant.
    """
    again = local(moment).replace(fold=1).astimezone(UTC)
    return again if moment < after <= again else moment


def end_of_day(day: date) -> datetime:
    """The last second of a day in Europe/London, in UTC."""
    return at_local(day, time(23, 59, 59))


def ends_a_day(moment: datetime) -> bool:
    """Whether a moment is the end of a day in Europe/London: what is counted in days is due then."""
    return moment == end_of_day(local(moment).date())


def hub_hours_on(hub: Hub, day: date) -> tuple[datetime, datetime] | None:
    """When the hub opens and closes on a day (policy ``hub.hours``), in UTC; None when it stays closed."""
    if day in hub.closures or (hub.closed_on_bank_holidays and is_bank_holiday(day)):
        return None
    for hours in hub.hours:
        if day.weekday() in {weekday.number for weekday in hours.days}:
            return at_local(day, hours.opens), at_local(day, hours.closes)
    return None


def hub_is_open(hub: Hub, moment: datetime) -> bool:
    """Whether the hub is at work at a moment."""
    hours = hub_hours_on(hub, local(moment).date())
    return hours is not None and hours[0] <= moment < hours[1]


def hub_next_looks(hub: Hub, moment: datetime) -> datetime:
    """When the hub next looks at what arrives, in UTC: ``moment`` itself while open, else the next opening.

    :raises ValueError: the hub stays closed for a whole year from that moment.
    """
    if hub_is_open(hub, moment):
        return moment.astimezone(UTC)
    first = local(moment).date()
    for ahead in range(366):
        hours = hub_hours_on(hub, first + ahead * _ONE_DAY)
        if hours is not None and hours[0] >= moment:
            return hours[0]
    raise ValueError("The hub does not open within a year: correct hub.toml.")


def goes_out(hours: SendingHours, moment: datetime, *, urgent: bool) -> datetime:
    """When a message that is owed from a moment on is sent, in UTC: at once, or at the next opening.

    :param hours: policy ``reminders.hours``.
    :param urgent: the message does not wait for the hours.
    """
    if urgent:
        return moment.astimezone(UTC)
    day = local(moment).date()
    if sends_on(hours, day):
        if moment < at_local(day, hours.opens):
            return at_local(day, hours.opens)
        if moment < at_local(day, hours.closes):
            return moment.astimezone(UTC)
    day += _ONE_DAY
    while not sends_on(hours, day):
        day += _ONE_DAY
    return at_local(day, hours.opens)


def sends_on(hours: SendingHours, day: date) -> bool:
    """Whether messages that are not urgent go out on a day at all."""
    return is_working_day(day) or not hours.working_days_only


def age_on(birth: date, day: date) -> int:
    """Age in whole years on a day. Born on 29 February, one is a year older on 1 March in other years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
