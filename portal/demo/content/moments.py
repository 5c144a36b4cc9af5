"""Texts of the demonstration, moments counted back from its loading, and numbers that are nobody’s."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from portal.clock import LOCAL_ZONE
from portal.pathway.calendar import add_working_days, at_local, subtract_working_days
from portal.pathway.identifiers import BadIdentifier, read_nhs_number, read_upn

_AGO = re.compile(r"(?:(\d+)d(?: (\d\d?):(\d\d))?|(\d+)h|(\d+)min)")
_AGE = re.compile(r"(\d+)y(?: (\d+)m)?(?: (\d+)d)?")
_WORKING_DAY = re.compile(r"([+-])(\d+)wd (\d\d):(\d\d)")
_HOURS_AHEAD = re.compile(r"\+(\d+)h")
_MORNING = time(10)
_JUST_NOW = timedelta(minutes=2)
DAY = timedelta(days=1)


def moment(said: str, now: datetime) -> datetime:
    """The moment so long before `now`: "12d" (at ten in the morning), "12d 15:30", "6h" or "20min".

    Args:
        now: aware; what is said to be today and later than now becomes a moment ago.

    Raises:
        ValueError: it is written in another way.
    """
    found = _AGO.fullmatch(said)
    if not found:
        raise ValueError(f"“{said}” is no time ago: write 12d, 12d 15:30, 6h or 20min")
    days, hour, minute, hours, minutes = found.groups()
    if days is None:
        return now - timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    day = now.astimezone(LOCAL_ZONE).date() - timedelta(days=int(days))
    at = time(int(hour), int(minute)) if hour else _MORNING
    return min(datetime.combine(day, at, tzinfo=LOCAL_ZONE), now - _JUST_NOW)


def day(said: str, now: datetime) -> date:
    """The day of a moment as it was in London."""
    return moment(said, now).astimezone(LOCAL_ZONE).date()


def day_and_time(said: str, now: datetime) -> datetime:
    """A moment on a working day, so many after or before today: "+5wd 10:00", "-4wd 10:00".

    Or in so many hours, on the hour: "+2h"; late in the evening that is still today.

    Raises:
        ValueError: it is written in another way.
    """
    today = now.astimezone(LOCAL_ZONE)
    if hours := _HOURS_AHEAD.fullmatch(said):
        soon = today + timedelta(hours=int(hours[1]))
        on_the_hour = soon.replace(minute=0, second=0, microsecond=0)
        return on_the_hour if soon.date() == today.date() else at_local(today.date(), time(23, 55))
    found = _WORKING_DAY.fullmatch(said)
    if not found:
        raise ValueError(f"“{said}” is no working day: write +5wd 10:00, -4wd 10:00 or +2h")
    count = add_working_days if found[1] == "+" else subtract_working_days
    return at_local(count(today.date(), int(found[2])), time(int(found[3]), int(found[4])))


def born(age: str, today: date) -> date:
    """A date of birth of somebody who is so old today: "14y 3m" or "9y 0m 20d".

    Without days it is some day of the month before, always the same one for the same age.

    Raises:
        ValueError: it is written in another way.
    """
    found = _AGE.fullmatch(age)
    if not found:
        raise ValueError(f"“{age}” is no age: write 14y 3m")
    years, months, days = (int(part or 0) for part in found.groups())
    if found[3] is None:
        days = (years * 7 + months * 11) % 27
    month = today.month - months
    first = date(today.year - years + (month - 1) // 12, (month - 1) % 12 + 1, 1)
    return first + timedelta(days=min(today.day, 28) - 1 - days)


DATA = Path(__file__).parents[1] / "data"

Described = dict[str, Any]


def described(folder: str) -> list[Described]:
    """Everything that the files of a folder describe, in the order of their names."""
    return [one for path in sorted((DATA / folder).glob("*.toml")) for one in _items(path)]


def pool() -> dict[str, list[Described]]:
    """Entries that fit almost any case, by the sector of the agency that adds them."""
    found: dict[str, list[Described]] = tomllib.loads((DATA / "entries.toml").read_text("utf-8"))
    return found


def _items(path: Path) -> Iterator[Described]:
    for items in tomllib.loads(path.read_text("utf-8")).values():
        yield from items


_NO_SUCH_AUTHORITY = "000"


def nhs_numbers() -> Iterator[str]:
    """NHS numbers of the test range, each once."""
    for serial in range(100_000, 1_000_000, 37):
        for check in range(10):
            try:
                yield read_nhs_number(f"999{serial}{check}")
            except BadIdentifier:
                continue


def pupil_numbers() -> Iterator[str]:
    """Unique pupil numbers of a local authority that does not exist, each once."""
    for serial in range(1, 10_000, 7):
        for letter in "ABCDEFGHJKLMNPQRTUVWXYZ":
            try:
                yield read_upn(f"{letter}{_NO_SUCH_AUTHORITY}12{serial:07d}")
            except BadIdentifier:
                continue
