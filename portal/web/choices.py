"""What forms of several nouns share: choices that depend on the record, its version, and a time of day."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, Self
from uuid import UUID, uuid4

from flask import request
from flask_wtf import FlaskForm
from wtforms.validators import StopValidation

from portal import clock
from portal.pathway import characters
from portal.pathway.calendar import at_local
from portal.web import widgets
from portal.web.fields import Choice, Choices, Hidden, Text, for_wtforms


def offer(field: Any, choices: Choices) -> None:
    """Add answers to a field; the line of a list that stands for no answer stays first."""
    field.choices = [*(field.choices or []), *for_wtforms(choices)]


def identifiers(values: Iterable[str] | None) -> list[UUID]:
    """Ticked boxes as identifiers; the form has checked that they were offered."""
    return [UUID(value) for value in values or []]


#: What the button of a search within a form says: what was filled in stays, and nothing is done.
FIND = "find"

#: Codes or identifiers, each with its label.
Pairs = Iterable[tuple[object, str]]


def choices(pairs: Pairs) -> list[Choice]:
    """Answers from pairs of value and label."""
    return [Choice(str(value), label) for value, label in pairs]


def terms(offered: Iterable[Any], *, hints: bool = False) -> list[Choice]:
    """Answers from terms of the policy, with their hints where the page has room for them."""
    return [Choice(one.code, one.label, hint=getattr(one, "hint", "") if hints else "") for one in offered]


class OfferingForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF carries no types
    """A form that is given its choices after it was made."""

    def offer(self, name: str, offered: Choices) -> None:
        """Set what can be chosen in a field; the line of a list that stands for no answer stays first."""
        field = self[name]
        field.choices = [*getattr(field, "no_answer", ()), *for_wtforms(offered)]

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Whether it is sent and right; looking for one of many answers (`Checkboxes`) is not sending it."""
        if self.is_submitted() and request.form.get("action") == FIND:
            return False
        return bool(super().validate_on_submit(extra_validators))

    def prefill(self, **values: Any) -> None:
        """Fill in what a new page begins with; what was sent stays as it was sent."""
        if not self.is_submitted():
            for name, value in values.items():
                self[name].process(None, value)

    def said(self, name: str) -> str:
        """What was typed in a field; empty for nothing."""
        return str(self[name].data or "")

    @property
    def seen_version(self) -> int:
        """The version of the record that the form was opened with; 0 for one that makes no sense."""
        return characters.whole_number(self.said("version"))


class VersionedForm(OfferingForm):
    """A form on a record as it was seen: `version` is that of the record when the page was opened."""

    version = Hidden(default="0")

    @classmethod
    def opened(cls, record: Any, **data: Any) -> Self:
        """The form as a page opens it on a record.

        Args:
            data: what its fields say at first.
        """
        return cls(data=data | {"version": str(record.version)})


class OnceForm(OfferingForm):
    """A form that makes one record, however often it is sent."""

    once = Hidden(default=lambda: str(uuid4()))

    @property
    def nonce(self) -> UUID:
        """What makes sending the page twice the same as sending it once."""
        return characters.identifier(self.said("once")) or uuid4()


_SHAPES = ("%H:%M", "%H%M", "%I:%M%p", "%I:%M %p", "%I%p", "%I %p")


def read_time(typed: str) -> time | None:
    """The time that was typed (``14:30``, ``2.30pm``, ``1430``); None for what is no time of day."""
    bare = typed.strip().lower().replace(".", ":")
    for shape in _SHAPES:
        try:
            return datetime.strptime(bare, shape).time()  # noqa: DTZ007 - a time of day has no zone yet
        except ValueError:
            continue
    return None


class ClockTime(Text):
    """A time of day, by the clock in Europe/London; its data stay what was typed.

    :param past: the name of the date that it belongs to, where both together must be past.
    :param now: whether a button beside it fills in the time that it is; by default where it must be past.
    """

    def __init__(
        self, label: str, *, hint: str = "Like 14:30", past: str = "", now: bool = False, **options: Any
    ) -> None:
        self.past = past
        super().__init__(label, hint=hint, width=5, **options)
        if now or past:
            self.widget = widgets.WithButton(self.widget, "Now", "data-fill-now")

    @property
    def time_of_day(self) -> time | None:
        """The time that was typed; None for what is none."""
        return read_time(str(self.data or ""))

    def on(self, day: date) -> datetime:
        """The moment of that time on a day, in UTC. For a form that was found right."""
        if (found := self.time_of_day) is None:
            raise ValueError("the form was not found right")
        return at_local(day, found)

    def pre_validate(self, form: Any) -> None:
        """What was typed is a time of day; none at all is for the validators to judge."""
        if not self.data:
            return
        if self.time_of_day is None:
            raise StopValidation("Enter a time of day, like 14:30")
        day = form[self.past].data if self.past else None
        if day and self.on(day) > clock.now():
            raise StopValidation("This must be in the past")


def clock_words(moment: datetime) -> str:
    """A moment as people type it into a `ClockTime`."""
    return f"{clock.local(moment):%H:%M}"
