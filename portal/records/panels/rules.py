"""When the papers of a panel go out, and when the next panel is."""

from datetime import date, datetime

from portal import clock
from portal.pathway import calendar
from portal.policy import Figure

_WEEK = 7

#: Longer than this is no summary.
LONGEST = 4000
LONGEST_HEADING = 120


def papers_from(starts_at: datetime, before: Figure) -> date:
    """The first day on which the papers of a panel may go out."""
    return calendar.subtract_working_days(clock.local(starts_at).date(), before.value)


def summary_due(starts_at: datetime, before: Figure, today: date) -> datetime:
    """By when a summary is read: as the papers may go out, or the next working day, before the panel."""
    day = max(papers_from(starts_at, before), calendar.add_working_days(today, 1))
    return min(calendar.end_of_day(day), starts_at)


def next_panel_day(day: date, every: Figure) -> date:
    """The day of the next panel: the same weekday in the same week of the month, else the next working day.

    >>> from portal.policy import Unit
    >>> next_panel_day(date(2027, 1, 14), Figure(value=1, unit=Unit.MONTHS, source="", confirmed=False))
    datetime.date(2027, 2, 11)
    """
    month = calendar.add_months(day.replace(day=1), every.value)
    first = month.day + (day.weekday() - month.weekday()) % _WEEK
    wanted = month.replace(day=first)
    for _ in range((day.day - 1) // _WEEK):
        later = date.fromordinal(wanted.toordinal() + _WEEK)
        if later.month != wanted.month:
            break  # a month with four of them
        wanted = later
    while not calendar.is_working_day(wanted):
        wanted = date.fromordinal(wanted.toordinal() + 1)
    return wanted
