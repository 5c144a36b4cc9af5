"""How moments, days and numbers read on a page, and whom to ring, out of policy. Moments are stored in UTC
and shown in Europe/London.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from flask import Flask

from portal import clock
from portal.access import principal
from portal.pathway.calendar import ends_a_day, hub_next_looks, numbers_at, numbers_of_night
from portal.pathway.characters import format_nhs_number
from portal.policy import Contact, ContactKind, current_policy
from portal.vocabulary import Sector


def offer_numbers(app: Flask) -> None:
    """Let templates name who answers now."""
    app.jinja_env.globals.update(
        night_numbers=night_numbers,
        hub_numbers=hub_numbers,
        instead_of_hub=instead_of_hub,
        hub_opens=hub_opens,
    )


def numbers_to_ring() -> Sequence[Contact]:
    """Those that the partnership has given, in its own order, for pages that do not know what hour it is."""
    return [one for one in current_policy().hub.contacts.offered if one.is_given]


def numbers_now(*kinds: ContactKind, authority: str | None = None) -> tuple[Contact, ...]:
    """The numbers of some kinds that are answered now (`portal.pathway.calendar`)."""
    return numbers_at(current_policy(), clock.now(), *kinds, authority=authority)


def hub_numbers() -> tuple[Contact, ...]:
    """The hub while it is open, else who answers in its stead."""
    return numbers_now(ContactKind.HUB)


def instead_of_hub() -> tuple[Contact, ...]:
    """Whom to ring while the hub is closed, if a child may come to harm: social care; and for whoever would
    reach their own line by that, the police.
    """
    person = principal.optional()
    if person is not None and person.sector is Sector.SOCIAL_CARE:
        return numbers_now(ContactKind.EMERGENCY, ContactKind.NON_EMERGENCY)
    return hub_numbers()


def hub_opens() -> datetime:
    """When the hub reads what reaches it: now while it is open."""
    return hub_next_looks(current_policy().hub, clock.now())


def night_numbers(authority: str | None = None) -> tuple[Contact, ...]:
    """Who answers for social care outside office hours; nobody in them."""
    return numbers_of_night(current_policy(), clock.now(), authority=authority)


def in_words(numbers: Iterable[Contact]) -> str:
    """“01632 960112 (Derby social care, evenings, nights and weekends)”, each once."""
    return " or ".join(one.said for one in numbers)


_NOON = 12


def day(value: date | datetime | None) -> str:
    """A day in full: ``24 November 2026``. Nothing for nothing."""
    if value is None:
        return ""
    value = clock.local(value).date() if isinstance(value, datetime) else value
    return f"{value.day} {value:%B %Y}"


def short_day(value: date | datetime | None) -> str:
    """A day for a narrow column: ``24 Nov 2026``."""
    if value is None:
        return ""
    return _short_day(clock.local(value).date() if isinstance(value, datetime) else value)


@lru_cache(maxsize=5_000)
def _short_day(value: date) -> str:
    """A page of a list says some two hundred days, most of them on other pages too."""
    return f"{value.day} {value:%b %Y}"


def born_day(dob: date | None, *, is_estimate: bool = False) -> str:
    """On which day somebody was born, never more exactly than it is known: ``8 September 2011``, or
    ``about 2011`` where the date was reckoned from an age. Nothing for nothing.
    """
    if dob is None:
        return ""
    return f"about {dob.year}" if is_estimate else day(dob)


def born_on(child: Any) -> str:
    """The same of a row that has `dob` and `dob_is_estimate`."""
    return born_day(child.dob, is_estimate=child.dob_is_estimate)


def clock_time(value: datetime | time | None) -> str:
    """A time of day, always in one way: ``10:42am``, ``12:00pm``. One without a day is London's already."""
    if value is None:
        return ""
    local = clock.local(value) if isinstance(value, datetime) else value
    return f"{local.hour % _NOON or _NOON}:{local:%M}{'am' if local.hour < _NOON else 'pm'}"


def moment(value: datetime | None) -> str:
    """A moment: ``24 November 2026 at 10:42am``."""
    return f"{day(value)} at {clock_time(value)}" if value is not None else ""


def weekday(value: date | datetime) -> str:
    """The day of the week: ``Friday``."""
    value = clock.local(value).date() if isinstance(value, datetime) else value
    return f"{value:%A}"


def short_weekday(value: datetime) -> str:
    """A day of the next week, for a narrow column: ``Tue 1 Dec``."""
    then = clock.local(value).date()
    return f"{then:%a} {then.day} {then:%b}"


def day_number(value: datetime) -> int:
    """The day of the month."""
    return clock.local(value).day


def month(value: datetime) -> str:
    """The month: ``December``."""
    return f"{clock.local(value):%B}"


def due_today(value: datetime) -> str:
    """Until when something that is due today is due: ``today``, or ``by 10:00am``."""
    return "today" if ends_a_day(value) else f"by {clock_time(value)}"


def age(born: date) -> int:
    """How old somebody is today, in whole years."""
    today = clock.today()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def born(value: date | None, is_estimate: bool = False) -> str:
    """A date of birth for a list: ``7 Apr 2011``, ``about 2011``; nothing where it is not known."""
    if value is None:
        return ""
    return f"about {value.year}" if is_estimate else short_day(value)


def recently(value: datetime | None) -> str:
    """A moment for a narrow column: ``9:15am`` today, ``yesterday``, ``Thu``, else ``24 Nov``."""
    if value is None:
        return ""
    then, today = clock.local(value).date(), clock.today()
    if then == today:
        return clock_time(value)
    if (today - then).days == 1:
        return f"yesterday, {clock_time(value)}"
    return brief_day(then)


def brief_day(value: date | datetime | None) -> str:
    """A day for a narrow column: ``24 Nov``, and with its year where that is not this one."""
    if value is None:
        return ""
    value = clock.local(value).date() if isinstance(value, datetime) else value
    return f"{value.day} {value:%b}" if value.year == clock.today().year else short_day(value)


def due(value: datetime | None) -> str:
    """Until when something is due: a day, because most times end with one; else the moment."""
    return day(value) if value is not None and ends_a_day(value) else moment(value)


def machine_time(value: date | datetime | None) -> str:
    """The form for ``<time datetime>``."""
    return value.isoformat() if value is not None else ""


def nhs_number(value: str | None) -> str:
    """An NHS number as it is read out: ``943 476 5919``."""
    digits = (value or "").replace(" ", "")
    return format_nhs_number(digits) if len(digits) == 10 else digits  # noqa: PLR2004  # its length


def lower_first(text: str) -> str:
    """A label inside a sentence: ``Close the case`` → ``close the case``; ``CRE case`` stays."""
    return text if text[:2].isalpha() and text[:2].isupper() else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """The beginning of a line: ``about 5 June`` → ``About 5 June``, where `capitalize` would write “june”."""
    return text[:1].upper() + text[1:]


def init_app(app: Flask) -> None:
    """Offer the filters to templates under their own names."""
    days = (day, short_day, brief_day, weekday, short_weekday, day_number, month, due, due_today)
    for function in (
        *days,
        clock_time,
        moment,
        recently,
        born,
        born_on,
        age,
        machine_time,
        nhs_number,
        lower_first,
        upper_first,
    ):
        app.jinja_env.filters[function.__name__] = function
