"""What forms of several nouns share: choices that depend on the record, and a time of day."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm

from portal.pathway.characters import whole_number
from portal.web.fields import Choice


def offer(field: Any, choices: Iterable[Choice]) -> None:
    """Add answers to a field; the line of a list that stands for no answer stays first."""
    field.choices = [*(field.choices or []), *(choice.for_wtforms() for choice in choices)]


def named(pairs: Iterable[tuple[object, str]]) -> list[Choice]:
    """Answers from codes or identifiers and their labels."""
    return [Choice(str(value), label) for value, label in pairs]


def identifiers(values: Iterable[str] | None) -> list[UUID]:
    """Ticked boxes as identifiers; the form has checked that they were offered."""
    return [UUID(value) for value in values or []]


def identifier(value: str | None) -> UUID | None:
    """A chosen line as an identifier."""
    return UUID(value) if value else None


Pairs = Iterable[tuple[str, str]]


def choices(pairs: Pairs) -> list[Choice]:
    """Answers from pairs of value and label."""
    return [Choice(value, label) for value, label in pairs]


class OfferingForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF carries no types
    """A form that is given its choices after it was made."""

    def offer(self, name: str, offered: Iterable[Choice], *, prompt: bool = False) -> None:
        """Set what can be chosen in a field; with a prompt, its first line stays and stands for no answer."""
        field = self[name]
        first = field.choices[:1] if prompt else []
        field.choices = [*first, *(choice.for_wtforms() for choice in offered)]

    def said(self, name: str) -> str:
        """What was typed in a field; empty for nothing."""
        return str(self[name].data or "")

    @property
    def seen_version(self) -> int:
        """The version of the record that the form was opened with; 0 for one that makes no sense."""
        return whole_number(self.said("version"))


_SHAPES = ("%H:%M", "%H%M", "%I:%M%p", "%I:%M %p", "%I%p", "%I %p")

ADVICE = "Enter a time of day, like 14:30"


def read_time(typed: str) -> time | None:
    """The time that was typed (``14:30``, ``2.30pm``, ``1430``); None for what is no time of day."""
    bare = typed.strip().lower().replace(".", ":")
    for shape in _SHAPES:
        try:
            return datetime.strptime(bare, shape).time()  # noqa: DTZ007 - a time of day has no zone yet
        except ValueError:
            continue
    return None
