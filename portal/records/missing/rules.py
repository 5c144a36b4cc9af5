"""What needs no database: counting episodes back in days by the clock on the wall, and which times can be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from portal.clock import local
from portal.pathway.calendar import as_meant
from portal.pathway.characters import latin
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


#: The times of an episode, by column.
TIMES = ("left_at", "last_seen_at", "missing_since", "reported_at", "found_at", "returned_at")

BEFORE_BIRTH = "This is before the child was born. Check it, and the date of birth"
_BEFORE_MISSING = "This is before the child was missing. Check both times: the first can be changed too"
_BACK_BY_THEN = "The child was found or back by then. Enter an earlier time"
_SEEN_AFTER = "The child was seen after this, when they were not found yet. Check both times"
#: Which time comes before which, what is said at the later one where it does not, and what at the earlier.
#: After the national return on looked-after children: a child is missing from when they left or when an adult
#: who answers for them last saw them, whichever is later, until they are found (SSDA903, Missing).
_ORDER = (
    (
        *("left_at", "missing_since"),
        "The child left later than this. Missing since is the later of the two",
        "The child was missing before this. Missing since is the later of the two",
    ),
    (
        *("missing_since", "reported_at"),
        "It was raised after the child was missing, and not in the future",
        "It was raised before this. Check both times",
    ),
    ("missing_since", "found_at", _BEFORE_MISSING, _BACK_BY_THEN),
    ("missing_since", "returned_at", _BEFORE_MISSING, _BACK_BY_THEN),
    ("last_seen_at", "found_at", _SEEN_AFTER, _BACK_BY_THEN),
    ("last_seen_at", "returned_at", _SEEN_AFTER, _BACK_BY_THEN),
    (
        *("found_at", "returned_at"),
        "The child was found later than this. Check both times",
        "The child was back by then. Check both times",
    ),
)
_SEEN_LATER = (
    "An adult who answers for the child saw them later than this. Missing since is the later of the two"
)


class Contradiction(NamedTuple):
    """Times that cannot all be right, to be shown at the first of its columns that was asked for."""

    said: Mapping[str, str]  # what is wrong, by column


def as_meant_each(times: Mapping[str, datetime | None]) -> dict[str, datetime]:
    """The times of an episode as meant in the night in which clocks go back, as far as they are known.

    Args:
        times: by column, as they were read from the clock on the wall.
    """
    meant = {name: moment for name, moment in times.items() if moment is not None}
    for earlier, later, *_ in _ORDER:
        if earlier in meant and later in meant:
            meant[later] = as_meant(meant[later], after=meant[earlier])
    return meant


def contradictions(
    times: Mapping[str, datetime], *, now: datetime, seen_by_responsible: bool, born: date | None = None
) -> list[Contradiction]:
    """Everything that the times of an episode say and that cannot be.

    Args:
        times: by column, as `as_meant_each` gives them.
        now: what all of them come before.
        seen_by_responsible: whether it was an adult who answers for the child that saw them last.
        born: the child’s date of birth, where it is known for certain.
    """
    found = [
        Contradiction({name: "This must be in the past"}) for name, moment in times.items() if moment > now
    ]
    found += [
        Contradiction({name: BEFORE_BIRTH})
        for name, moment in times.items()
        if born is not None and local(moment).date() < born
    ]
    found += [
        Contradiction({later: at_later, earlier: at_earlier})
        for earlier, later, at_later, at_earlier in _ORDER
        if earlier in times and later in times and times[later] < times[earlier]
    ]
    seen, since = times.get("last_seen_at"), times.get("missing_since")
    if seen_by_responsible and seen and since and seen > since:
        found.append(Contradiction({"missing_since": _SEEN_LATER}))
    return found


def named_alike(one: str, other: str) -> bool:
    """Whether two names that were reported are one: the same words in any order, whatever their accents."""
    words, others = (
        sorted(re.findall(r"\w+", latin(name.replace("’", "").replace("'", "")))) for name in (one, other)
    )
    return words == others


@dataclass(frozen=True)
class ClosingOff:
    """Who would lose sight of the report of a child who is missing now, if its case is held more closely.

    Attributes:
        police: whether the police would, who look for the child; not where their desk made the report.
        desks: the desks and front doors that would, each with what it is, as soon as it is restricted.
        hub: whether the hub would, once it is sealed.
    """

    reference: str
    police: bool
    desks: tuple[str, ...]
    hub: bool
