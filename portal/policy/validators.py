"""What policy files are made of – units, kinds, terms with a code, and figures with a source – and what
checks of them say again and again, each by a `PolicyError` with file, key and remedy.

Some checks stand in the types of fields, so that every value is checked as it is read: `InDays`,
`Positive`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from portal.policy.reader import Coded, PolicyError


class Unit(StrEnum):
    """What a figure counts."""

    ELAPSED_HOURS = "elapsed_hours"
    WORKING_DAYS = "working_days"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


class ClockStart(StrEnum):
    """The event from which a clock runs."""

    RECEIVED = "received"
    DECIDED = "decided"
    TOLD = "told"
    OPENED = "opened"
    FINALISED = "finalised"
    GRANTED = "granted"
    HELD = "held"
    RECORDED = "recorded"
    MISSING = "missing"
    RETURNED = "returned"


class Weekday(StrEnum):
    """A day of the week, as a policy file writes it."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """0 for Monday, as :meth:`datetime.date.weekday` counts."""
        return list(Weekday).index(self)


class ContactKind(StrEnum):
    """When a number is the right one to ring."""

    EMERGENCY = "emergency"
    NON_EMERGENCY = "non_emergency"
    HUB = "hub"
    FRONT_DOOR = "front_door"
    OUT_OF_HOURS = "out_of_hours"
    GENERAL = "general"


class IdentifierCheck(StrEnum):
    """How an identifier proves that it was typed right (:mod:`portal.pathway.characters`)."""

    NHS_NUMBER = "nhs_number"
    UPN = "upn"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Term:
    """One thing in a list: the code that records keep, what people read, and a line of help."""

    code: str
    label: str
    hint: str = ""
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class Sourced:
    """What somebody has to answer for: where it comes from and whether the partnership agreed it."""

    source: str
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class Figure(Sourced):
    """A number that somebody has to answer for."""

    value: int
    unit: Unit


def exists(code: str, among: Iterable[Coded], file: Path, key: str) -> None:
    """A code stands in a list."""
    codes = [item.code for item in among]
    if code not in codes:
        raise PolicyError(file, key, f"Nothing has the code “{code}”.", f"Use one of: {', '.join(codes)}.")


def positive(value: int, file: Path, key: str) -> None:
    """A number counts something."""
    if value < 1:
        raise PolicyError(file, key, f"This has to be at least 1, and is {value}.", "Write a larger number.")


def counted_in(*allowed: Unit) -> Callable[[Figure, Path, str], None]:
    """A figure counts something, in a unit that can be counted there."""

    def check(figure: Figure, file: Path, key: str) -> None:
        positive(figure.value, file, f"{key}.value")
        if figure.unit not in allowed:
            units = ", ".join(sorted(allowed))
            raise PolicyError(
                file, f"{key}.unit", f"“{figure.unit}” cannot be counted here.", f"Use one of: {units}."
            )

    return check


Positive = Annotated[int, positive]
InHours = Annotated[Figure, counted_in(Unit.ELAPSED_HOURS)]
InWorkingDays = Annotated[Figure, counted_in(Unit.WORKING_DAYS)]
InDays = Annotated[Figure, counted_in(Unit.DAYS)]
InDaysOrMonths = Annotated[Figure, counted_in(Unit.DAYS, Unit.MONTHS)]
InMonths = Annotated[Figure, counted_in(Unit.MONTHS)]
InYears = Annotated[Figure, counted_in(Unit.YEARS)]
