"""What policy files are made of: units, kinds, terms with a code, and figures with a source."""

from dataclasses import dataclass
from enum import StrEnum


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
    """How an identifier proves that it was typed right (:mod:`portal.pathway.identifiers`)."""

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
