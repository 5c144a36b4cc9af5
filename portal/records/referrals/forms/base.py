"""What the pages of the information form share: lists from policy, limits, and what was typed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than WTForms 3.3
from wtforms.validators import ValidationError

from portal.policy import Catalogue, Coded, Policy
from portal.web.choices import OfferingForm, in_words
from portal.web.date_boxes import PARTS, DateBoxes
from portal.web.fields import Choice, LongText

Typed = dict[str, Any]
Values = Mapping[str, list[str]]

#: What no text may hold: PostgreSQL keeps no NUL, and the other controls have no meaning on a page.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def cleaned(value: str) -> str:
    """A posted text without control characters, with line breaks of one kind."""
    return _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def keep(posted: MultiDict[str, str], names: Iterable[str], prefix: str = "") -> Typed:
    """The values that were posted under ``names`` (each with ``prefix`` before it), kept without prefix."""
    return {
        name: [cleaned(value) for value in posted.getlist(prefix + name)]
        for name in names
        if prefix + name in posted
    }


def give(typed: Values, prefix: str = "") -> MultiDict[str, str]:
    """What a browser would post for what was kept."""
    return MultiDict([(prefix + name, value) for name, values in typed.items() for value in values])


def says_something(typed: Values) -> bool:
    """Whether any value is more than blank."""
    return any(value.strip() for values in typed.values() for value in values)


LINE = 300  # characters of the name that a page has

NOT_KNOWN = "not_known"


@dataclass(frozen=True)
class FormSetting:
    """What a form has to know beside what was typed: policy, and the agencies that a sender may be of."""

    policy: Policy
    agencies: tuple[tuple[str, str], ...] = ()


class PageForm(Form):
    """One page of the form. `choices_for` gives the lists that policy decides."""

    step: ClassVar[str] = ""

    def __init__(self, setting: FormSetting, typed: Typed, prefix: str = "") -> None:
        self.setting = setting
        super().__init__(formdata=None, prefix=prefix)
        self.typed = typed
        for name, choices in self.choices_for(setting).items():
            field: Any = self[name]
            field.choices = [*field.choices, *choices]
        self.process(give(typed, f"{prefix}-" if prefix else ""))

    @classmethod
    def of_posted(cls, setting: FormSetting, posted: MultiDict[str, str]) -> Self:
        """The page as a browser posted it."""
        return cls(setting, keep(posted, cls.names()))

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names that a browser posts, without prefix."""
        unbound = {
            name: getattr(cls, name) for name in dir(cls) if hasattr(getattr(cls, name), "field_class")
        }
        return tuple(
            posted
            for name, field in unbound.items()
            for posted in (
                [f"{name}-{part}" for part in PARTS] if issubclass(field.field_class, DateBoxes) else [name]
            )
        )

    def choices_for(self, setting: FormSetting) -> dict[str, list[SelectChoice]]:  # noqa: ARG002 - for those that have lists
        """The answers on offer, by the name of the field."""
        return {}

    @property
    def is_too_long(self) -> bool:
        """Whether some answer is longer than a text may be, and has to be shortened before it is kept."""
        return any(getattr(field, "too_long", "") for field in self)

    def answers(self) -> dict[str, Any]:
        """The answers that are right, as JSON: what is wrong is told to the person, not to the hub."""
        found = {field.short_name: _plain(field.data) for field in self if not field.errors}
        return {name: value for name, value in found.items() if value not in (None, "", [])}

    def problems(self) -> Iterator[str]:
        """What is wrong, one sentence each. Call `validate` first."""
        for field in self:
            if field.errors:
                yield str(field.errors[0])


def offered(catalogue: Catalogue[Any], *, not_known: str = "") -> list[SelectChoice]:
    """The answers of a list in policy, “not known” apart from the rest and taking the place of all others.

    :param not_known: adds that answer in these words, where the list has none.
    """
    items: list[Coded] = list(catalogue.offered)
    plain = [
        Choice(one.code, one.label, hint=getattr(one, "hint", "")) for one in items if one.code != NOT_KNOWN
    ]
    known = next((one.label for one in items if one.code == NOT_KNOWN), not_known)
    last = [Choice(NOT_KNOWN, known, exclusive=True, divider="or")] if known else []
    return [choice.for_wtforms() for choice in (*plain, *last)]


def whole_years(_form: Any, field: Field) -> None:
    """An age in years."""
    typed = (field.data or "").strip()
    if not typed:
        return
    if not (typed.isascii() and typed.isdigit()):
        raise ValidationError(f"{field.label.text}: enter a number of years, like 14")
    if int(typed[:9]) > _OLDEST:
        raise ValidationError(f"{field.label.text}: nobody is {typed[:9]} years old. Check the number")


_OLDEST = 120


def check_young(age: int, policy: Policy) -> None:
    """The age of a child or young person. An adult is somebody else on the form.

    Raises:
        ValidationError: older than the policy’s oldest young person.
    """
    limits = policy.clocks.limits
    oldest = max(one.value for one in (limits.child_age, limits.send_age, limits.care_experienced_age))
    if age > oldest:
        raise ValidationError(
            f"That makes them {age}. This part is for children and young people up to {oldest}: check it, or "
            "add them under the other people"
        )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


class ReplyForm(OfferingForm):
    """Write to the hub about what was sent."""

    text = LongText(
        "Write to the hub",
        hint="Answer a question, or add something you have learnt since. Do not name who told you.",
        rows=4,
    )


#: Say why a draft has to be read that somebody left behind.
OpenLeftForm = in_words(OfferingForm, "reason", "Why do you need to read it?")
