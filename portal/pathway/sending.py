"""When messages go out: within the hours that policy allows, by the clock in Europe/London."""

from datetime import UTC, date, datetime, timedelta

from portal.clock import local
from portal.pathway.calendar import at_local, is_working_day
from portal.policy.telling import SendingHours

_ONE_DAY = timedelta(days=1)


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
