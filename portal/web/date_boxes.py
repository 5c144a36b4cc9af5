"""A date in three boxes, as the GOV.UK Design System has it: the error is on the box that is wrong."""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import render_template
from markupsafe import Markup
from wtforms.utils import unset_value
from wtforms.validators import StopValidation

from portal import clock
from portal.pathway.characters import whole_number
from portal.web.error_summary import AskedField

PARTS = ("day", "month", "year")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_LENGTH = 4


class DateBoxesWidget:
    """Three boxes in a fieldset; only the wrong ones are marked."""

    def __init__(self, legend_size: str) -> None:
        self._legend_size = legend_size

    def __call__(self, field: Any, **options: Any) -> Markup:
        names = {"legend_size": self._legend_size} | options
        return Markup(render_template("fields/date.html", field=field, parts=PARTS, **names))  # noqa: S704  # escaped by the template


class DateBoxes(AskedField):
    """A date. Its data are a :class:`datetime.date`, or None when the boxes are empty.

    The boxes are posted as ``<name>-day``, ``<name>-month``, ``<name>-year``. Months may be typed as words.

    :param called: what the date is called in errors, with a capital: “Date of birth”.
    :param asked: whether one has to be given, which is then said by what it is called: “Enter the last day”.
    :param earliest: the first date that is possible; the error says so.
    :param today: whether a button beside it fills in today.
    :param latest: gives the last possible date, asked at each check: ``clock.today`` for the past.
    """

    def __init__(
        self,
        label: str,
        *,
        hint: str = "For example, 27 3 2010",
        called: str = "",
        asked: bool = False,
        earliest: date = date(1900, 1, 1),
        latest: Callable[[], date] | None = None,
        legend_size: str = "s",
        today: bool = False,
        **options: Any,
    ) -> None:
        options.setdefault("widget", DateBoxesWidget(legend_size))
        self.today = today
        self.called = called or label.rstrip("?")
        if asked:
            options["required"] = f"Enter {self.called[0].lower()}{self.called[1:]}"
        self.earliest = earliest
        self.latest = latest
        self.typed: dict[str, str] = dict.fromkeys(PARTS, "")
        self.wrong: tuple[str, ...] = ()
        super().__init__(label, hint=hint, **options)

    @property
    def first_wrong_box(self) -> str:
        """The id of the box that the error summary leads to."""
        return f"{self.id}-{self.wrong[0] if self.wrong else PARTS[0]}"

    def process(
        self,
        formdata: Any,
        data: Any = unset_value,
        extra_filters: Sequence[Callable[..., Any]] | None = None,
    ) -> None:
        """Read the three boxes, or take a date that is already known."""
        super().process(None, data, extra_filters)
        if isinstance(self.data, date):
            self.typed = {
                "day": str(self.data.day),
                "month": str(self.data.month),
                "year": str(self.data.year),
            }
        if formdata is not None and any(f"{self.name}-{part}" in formdata for part in PARTS):
            self.typed = {part: formdata.get(f"{self.name}-{part}", "").strip() for part in PARTS}
            self.raw_data = [value for value in self.typed.values() if value]
            self.data = None
            try:
                self.data = self._read()
            except _WrongDate as problem:
                self.wrong = problem.parts
                self.process_errors = [*self.process_errors, problem.message]

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002  # WTForms calls it so
        """A fault in what was typed stands by itself: “is required” beside it would only confuse."""
        if self.process_errors:
            raise StopValidation

    def post_validate(self, form: Any, validation_stopped: bool) -> None:  # noqa: ARG002  # WTForms calls it so
        """An error from a validator is about the whole date."""
        if self.errors and not self.wrong:
            self.wrong = PARTS

    def _read(self) -> date | None:
        missing = tuple(part for part in PARTS if not self.typed[part])
        if len(missing) == len(PARTS):
            return None
        if missing:
            raise _WrongDate(missing, f"{self.called} must include a {' and a '.join(missing)}")
        year = self._whole_number("year", 1, 9999)
        month = self._month()
        day = self._whole_number("day", 1, 31)
        if len(self.typed["year"]) != _YEAR_LENGTH:
            raise _WrongDate(("year",), "Year must include 4 numbers")
        if day > monthrange(year, month)[1]:
            raise _WrongDate(("day",), f"{self.called} must be a real date: that month has no day {day}")
        return self._within_limits(date(year, month, day))

    def _month(self) -> int:
        start = self.typed["month"].lower()[:3]
        return _MONTHS.index(start) + 1 if start in _MONTHS else self._whole_number("month", 1, 12)

    def _whole_number(self, part: str, lowest: int, highest: int) -> int:
        typed = self.typed[part]
        number = whole_number(typed)
        if not lowest <= number <= highest:
            raise _WrongDate((part,), f"{self.called} must be a real date: check the {part}")
        return number

    def _within_limits(self, value: date) -> date:
        if value < self.earliest:
            raise _WrongDate(PARTS, f"{self.called} must be {_written(self.earliest)} or later")
        if self.latest is not None and value > self.latest():
            raise _WrongDate(PARTS, f"{self.called} must be {_written(self.latest())} or earlier")
        return value


class PastDay(DateBoxes):
    """A day that is past, or today."""

    def __init__(self, label: str, *, hint: str = "", called: str = "The day", **options: Any) -> None:
        super().__init__(label, hint=hint, called=called, latest=clock.today, **{"today": True, **options})


class _WrongDate(Exception):  # named for what is wrong
    """What is wrong with a date, and which boxes hold it."""

    def __init__(self, parts: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.parts = parts
        self.message = message


def _written(value: date) -> str:
    return f"{value.day} {value:%B %Y}"


def posted(name: str, value: date) -> Mapping[str, str]:
    """What a browser sends for a date; for tests and for links that fill a form in."""
    return {f"{name}-day": str(value.day), f"{name}-month": str(value.month), f"{name}-year": str(value.year)}
