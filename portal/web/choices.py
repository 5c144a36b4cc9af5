"""What forms of several nouns share: choices that depend on the record, its version, a time of day, and
looking somebody up by words, in place of a typed address or reference.

Without a script the form is sent with the words, and comes back with those who fit to choose among, all
else kept. With one they are shown while somebody types (`portal.blueprints.picking`). Views say where to
look: `form.person.seek(find_people)`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Any, Self, TypeVar
from uuid import UUID, uuid4

from flask import request
from flask_wtf import FlaskForm
from wtforms.validators import StopValidation

from portal import clock
from portal.pathway import characters
from portal.pathway.calendar import at_local
from portal.pathway.references import Prefix, read_reference
from portal.pathway.searching import wrong_number
from portal.web import widgets
from portal.web.fields import Choice, Choices, Hidden, LongText, Text, for_wtforms
from portal.web.widgets import PickerBox

Asking = TypeVar("Asking", bound="OfferingForm")


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


def in_words(base: type[Asking], field: str, question: str, **how: Any) -> type[Asking]:
    """A form that asks one thing, answered in words.

    Args:
        base: what it is besides, such as a `VersionedForm`.
        field: the name of the answer.
        how: as of `LongText`.
    """
    return type("InWords", (base,), {field: LongText(question, **how)})


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


#: The answer that it is none of those who fit.
NOBODY = "nobody"
#: Letters from which on somebody is looked up.
FEWEST = 2


@dataclass(frozen=True)
class Fit:
    """Somebody or something that fits.

    Attributes:
        why: why it is offered, or what tells it from others.
        exact: the words name it and nothing else.
    """

    value: str
    label: str
    why: str = ""
    exact: bool = False


Find = Callable[[str], Sequence[Fit]]


class Picker(Text):
    """Who or what is meant: words to look it up by, and which of those who fit.

    Attributes:
        chosen: the value of the one that was chosen; empty where nobody was.

    :param of: where a script looks while somebody types: the last part of an address below `/pick`.
    :param nobody: what to say where nobody fits.
    :param which: what to say where several do, or one whom nobody chose; else it says by which words.
    :param none: the last answer: none of these.
    :param reads: the value that the words are by themselves, such as a reference; None where they are none.
    """

    def __init__(
        self,
        label: str,
        *,
        of: str = "people",
        nobody: str = "Nobody who works here fits. Try another spelling, or the work e-mail address",
        which: str = "",
        none: str = "None of these",
        reads: Callable[[str], str | None] = lambda _typed: None,
        **options: Any,
    ) -> None:
        self.of, self.none, self._reads = of, none, reads
        self._nobody, self._which = nobody, which
        self.chosen, self.picked = "", ""
        self.fits: Sequence[Fit] = ()
        super().__init__(label, **{"width": 30, "widget": PickerBox(), **options})

    def process(self, formdata: Any, *more: Any, **options: Any) -> None:
        """Take the words, and the answer beside them."""
        super().process(formdata, *more, **options)
        self.picked = str(formdata.get(f"{self.name}-pick", "")) if formdata else ""

    def seek(self, find: Find) -> None:
        """Look up what was typed; what was chosen counts only where it fits the words."""
        typed = str(self.data or "")
        if self.picked == NOBODY:
            self.data, self.raw_data, typed = "", [""], ""
        if known := self._reads(typed):
            self.chosen = known
            return
        self.fits = find(typed) if len(typed) >= FEWEST else ()
        values = {one.value for one in self.fits}
        exact = [one.value for one in self.fits if one.exact]
        self.chosen = self.picked if self.picked in values else exact[0] if len(exact) == 1 else ""

    @property
    def wrong(self) -> str:
        """Why a number that was typed cannot be right; empty where nobody is looked up by one."""
        return wrong_of(self.of, str(self.data or ""))

    def pre_validate(self, form: Any) -> None:
        """Whoever is typed is chosen too."""
        super().pre_validate(form)
        if self.data and not self.chosen:
            which = self._which or f"Choose whom you mean by “{self.data}”"
            raise StopValidation(which if self.fits else self.wrong or self._nobody)


def are_references(typed: str) -> bool:
    """Whether somebody typed references and nothing else, with commas or blanks between: they name what they
    mean, and are not looked up.
    """
    parts = [one for one in _APART.split(typed) if one]
    return read_reference(typed) is not None or (bool(parts) and all(map(read_reference, parts)))


_APART = re.compile(r"[,;\s]+")


def wrong_of(of: str, typed: str) -> str:
    """Why a number that was typed into a picker is no NHS number, where it looks for children."""
    return "" if of == "people" else wrong_number(typed, clock.today())


class ChildPicker(Picker):
    """A child whom the person may see, or the reference of one: what it is worth the service decides."""

    def __init__(self, label: str, *, which: str = "Choose the child", **options: Any) -> None:
        super().__init__(
            label,
            of="children",
            nobody="You see no such child. Try another spelling, or the reference, like CHD-7KQ2-9XWD",
            which=which,
            reads=partial(read_reference, prefix=Prefix.CHILD),
            **{"hint": "Name, date of birth or reference", **options},
        )
