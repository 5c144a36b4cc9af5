"""Working days of England, ends of days, ages on a day, the hours of the hub, whom to ring at a moment,
and when messages go out; and a day as people type it while they talk: “18 Dec”, “in two weeks”, “next
Friday”, “5 working days”.

Pure: whoever asks says which day it is. What is typed and not understood is no day, never a guess; pages
show the day that was understood in full beside what was typed.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import holidays

from portal.clock import LOCAL_ZONE, local
from portal.policy import Contact, ContactKind, Hub, Policy
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


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {
    word: number
    for number, words in enumerate(
        ("", "a an one", "two couple", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
    for word in words.split()
} | {"eleven": 11, "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30}
#: The longest way ahead that somebody may type, in each unit.
_MOST = {"day": 730, "week": 104, "month": 24, "working day": 500}

_YEAR, _NTH = r"(?: (\d{4}|\d{2}))?", r"(\d{1,2})(?:st|nd|rd|th)?"
_NAME = "(" + "|".join([*_LONG_MONTHS, *_MONTHS, "sept"]) + ")"
_DAY_MONTH = re.compile(f"{_NTH}(?: of)? {_NAME}{_YEAR}", re.ASCII)
_MONTH_DAY = re.compile(f"{_NAME} {_NTH}{_YEAR}", re.ASCII)
_FIGURES = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_AHEAD = re.compile(
    r"(?:in )?(?:the next )?(?:a (?=couple))?(\w+)(?: of)? "
    r"(working day|day|week|month)s?'?s?(?: from now| time)?",
    re.ASCII,
)
_NAMED = re.compile(r"(?:on )?(this |next )?([a-z]+)")
#: So far ahead lies a day that is typed without its year: what is further away is more likely behind.
_WITHOUT_YEAR = timedelta(days=300)


def day_typed(typed: str, *, today: date, next_meeting: date | None = None) -> date | None:
    """The day that somebody means; None for what is no day, or a day that does not exist.

    Args:
        typed: what they typed. A day without a year is the next such day, today among them; one that was
            lately, and would be most of a year ahead, is none: it wants its year.
        next_meeting: the date that “next meeting” stands for, where one is set.
    """
    words = (
        " ".join(typed.lower().replace(",", " ").replace("’", "'").split())
        .removeprefix("by ")
        .removeprefix("until ")
    )
    if words in {"next meeting", "the next meeting", "next review"}:
        return next_meeting
    if words in _SAID:
        return _SAID[words](today)
    for shape, read in (
        (_ISO, _iso),
        (_FIGURES, _figures),
        (_DAY_MONTH, _day_month),
        (_MONTH_DAY, _month_day),
    ):
        if found := shape.fullmatch(words):
            return read(today, found.groups())
    if found := _AHEAD.fullmatch(words):
        return _ahead(today, *found.groups())
    found = _NAMED.fullmatch(words)
    return _weekday(today, *found.groups()) if found else None


def _iso(_today: date, parts: tuple[str, ...]) -> date | None:
    return _day(*(int(one) for one in parts))


def _figures(today: date, parts: tuple[str | None, ...]) -> date | None:
    day, month, year = parts
    return _dated(today, int(day or 0), int(month or 0), year)


def _day_month(today: date, parts: tuple[str | None, ...]) -> date | None:
    day, month, year = parts
    return _dated(today, int(day or 0), _month(month or ""), year)


def _month_day(today: date, parts: tuple[str | None, ...]) -> date | None:
    month, day, year = parts
    return _dated(today, int(day or 0), _month(month or ""), year)


def _dated(today: date, day: int, month: int, year: str | None) -> date | None:
    if year:
        return _day(int(year) + (2000 if len(year) == 2 else 0), month, day)  # noqa: PLR2004 - a year written as in 18.12.26
    for one in (_day(today.year, month, day), _day(today.year + 1, month, day)):
        if one is not None and today <= one <= today + _WITHOUT_YEAR:
            return one
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(word: str) -> int:
    if word in _LONG_MONTHS:
        return _LONG_MONTHS.index(word) + 1
    short = "sep" if word == "sept" else word
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def _ahead(today: date, number: str, unit: str) -> date | None:
    count = int(number) if number.isdigit() else _NUMBERS.get(number, 0)
    if not 0 < count <= _MOST[unit]:
        return None
    if unit == "working day":
        return add_working_days(today, count)
    if unit == "month":
        return add_months(today, count)
    return today + timedelta(days=count * (7 if unit == "week" else 1))


def _weekday(today: date, which: str | None, name: str) -> date | None:
    """“Friday” is the next one after today; “next Friday” the one of the week after this."""
    found = [place for place, one in enumerate(_WEEKDAYS) if len(name) > 2 and one.startswith(name)]  # noqa: PLR2004 - “tu” and “th” say too little
    if not found:
        return None
    if (which or "").strip() == "next":
        return _monday(today) + timedelta(days=7 + found[0])
    return today + timedelta(days=(found[0] - today.weekday() - 1) % 7 + 1)


def _monday(today: date) -> date:
    return today - timedelta(days=today.weekday())


def _friday(today: date) -> date:
    """The Friday of this week; at the week-end the one after."""
    return today + timedelta(days=(4 - today.weekday()) % 7)


_SAID: dict[str, Callable[[date], date]] = {
    "today": lambda today: today,
    "tomorrow": lambda today: today + timedelta(days=1),
    "next week": lambda today: today + timedelta(days=7),
    "next month": lambda today: add_months(today, 1),
    "fortnight": lambda today: today + timedelta(days=14),
    "a fortnight": lambda today: today + timedelta(days=14),
    "in a fortnight": lambda today: today + timedelta(days=14),
    "end of the week": _friday,
    "end of week": _friday,
    "end of the month": lambda today: add_months(today.replace(day=1), 1) - timedelta(days=1),
    "end of month": lambda today: add_months(today.replace(day=1), 1) - timedelta(days=1),
}


def numbers_at(
    policy: Policy, moment: datetime, *kinds: ContactKind, authority: str | None = None
) -> tuple[Contact, ...]:
    """The numbers of some kinds that are answered at a moment, in the order of policy `hub.contacts`.

    In the place of an office that is closed stands whoever answers then: out of hours for the front door of
    an authority, a front door for the hub. An office for which policy has nobody else stays.

    Args:
        authority: code of policy `areas.authorities`: of the numbers of authorities only this one's.
    """
    found = {
        now.code
        for one in policy.hub.contacts_of(*kinds)
        if authority is None or one.authority in {None, authority}
        for now in _answering(policy, moment, one, authority)
    }
    return tuple(one for one in policy.hub.contacts.offered if one.code in found)


def numbers_of_night(
    policy: Policy, moment: datetime, *, authority: str | None = None
) -> tuple[Contact, ...]:
    """Who answers for social care outside office hours; nobody in them."""
    if offices_are_open(policy, moment):
        return ()
    of_night = policy.hub.contacts_of(ContactKind.OUT_OF_HOURS)
    theirs = tuple(one for one in of_night if one.authority == authority)
    return theirs or of_night


def offices_are_open(policy: Policy, moment: datetime) -> bool:
    """Whether it is within office hours: those in which what is not urgent is sent (`reminders.hours`)."""
    return goes_out(policy.reminders.hours, moment, urgent=False) == moment


def _answering(policy: Policy, moment: datetime, one: Contact, authority: str | None) -> Iterator[Contact]:
    """The contact itself if it is answered then, else whoever is in its stead."""
    if _is_answered(policy, moment, one):
        yield one
        return
    instead = [
        other
        for other in policy.hub.contacts_of(*_INSTEAD[one.kind])
        if (one.authority or authority) in {None, other.authority} and _is_answered(policy, moment, other)
    ]
    yield from instead or [one]


def _is_answered(policy: Policy, moment: datetime, one: Contact) -> bool:
    match one.kind:
        case ContactKind.HUB:
            return hub_is_open(policy.hub, moment)
        case ContactKind.FRONT_DOOR:
            return offices_are_open(policy, moment)
        case ContactKind.OUT_OF_HOURS:
            return not offices_are_open(policy, moment)
        case _:
            return True


_INSTEAD = {
    ContactKind.HUB: (ContactKind.FRONT_DOOR, ContactKind.OUT_OF_HOURS),
    ContactKind.FRONT_DOOR: (ContactKind.OUT_OF_HOURS,),
    ContactKind.OUT_OF_HOURS: (ContactKind.FRONT_DOOR,),
}
