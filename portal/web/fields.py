"""Form fields that render themselves as GOV.UK components, each with label, hint and error."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import has_request_context, request
from wtforms import (
    BooleanField,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than WTForms 3.3
from wtforms.validators import ValidationError

from portal.pathway.characters import one_line, several_lines
from portal.policy import Size, current_policy
from portal.vocabulary import Labelled
from portal.web import widgets
from portal.web.date_boxes import DateBoxes, PastDay
from portal.web.error_summary import AskedField, Validators, required


@dataclass(frozen=True)
class Choice:
    """One answer of radios or checkboxes.

    :param exclusive: checkboxes only: “None of these”, which takes the other ticks away.
    :param divider: a word (“or”) above this answer.
    """

    value: str
    label: str
    hint: str = ""
    exclusive: bool = False
    divider: str = ""

    def for_wtforms(self) -> SelectChoice:
        """The same for WTForms; what it has no place for travels in the rendering keywords."""
        extra = {"hint": self.hint, "exclusive": self.exclusive, "divider": self.divider}
        return SelectChoice(self.value, self.label, render_kw={k: v for k, v in extra.items() if v})


#: A word of a vocabulary is offered by its label.
Choices = Iterable[Choice | SelectChoice | Labelled]


def one_of(message: str) -> Callable[[Any, Any], None]:
    """At least one box must be ticked."""

    def check(_form: Any, field: Any) -> None:
        if not field.data:
            raise ValidationError(message)

    return check


def for_wtforms(choices: Choices) -> list[SelectChoice]:
    """Answers as WTForms takes them."""
    return [
        SelectChoice(one.value, one.label)
        if isinstance(one, Labelled)
        else one.for_wtforms()
        if isinstance(one, Choice)
        else one
        for one in choices
    ]


#: What was ticked on a page that is older than what happened since.
NOT_OFFERED = "Something that you ticked is no longer there. Look at what there is now, and send it again"


#: The same of the one answer that was chosen.
NOT_OFFERED_ONE = "What you chose is no longer offered. Look at what there is now, and choose again"


class _OneOffered(AskedField):
    """An answer that was not offered is refused; no answer at all is for the validators to judge."""

    def pre_validate(self, form: Any) -> None:
        """Look whether the answer was offered, where there is one."""
        if not self.data:
            return
        try:
            super().pre_validate(form)
        except ValidationError:
            raise ValidationError(NOT_OFFERED_ONE) from None


class Select(_OneOffered, SelectField):
    """One answer of many, in a list. Seven or fewer are better as :class:`Radios`.

    :param prompt: the first line, which stands for no answer.
    """

    def __init__(
        self,
        label: str,
        *,
        choices: Choices = (),
        prompt: str = "Choose",
        label_size: str = "s",
        **options: Any,
    ) -> None:
        options.setdefault("widget", widgets.SelectBox(label_size))
        self.no_answer = [SelectChoice("", prompt)] if prompt else []
        super().__init__(label, choices=[*self.no_answer, *for_wtforms(choices)], **options)


class Radios(_OneOffered, RadioField):
    """One answer of a few. ``{{ form.kind(reveals={"place": form.place}) }}`` shows a field below an answer.

    Without an answer the field's data are None, and ``required`` says so.
    """

    def __init__(
        self,
        label: str,
        *,
        choices: Choices = (),
        legend_size: str = "s",
        inline: bool = False,
        small: bool = False,
        **options: Any,
    ) -> None:
        options.setdefault("widget", widgets.ChoiceList("radios", legend_size, inline=inline, small=small))
        options.setdefault("validate_choice", True)
        super().__init__(label, choices=for_wtforms(choices), **options)


class Checkboxes(AskedField, SelectMultipleField):
    """Any number of answers. ``reveals`` works as for :class:`Radios`.

    Where there are many they are found by words: while somebody types, or, without a script, by a button
    that brings the page back with all that was filled in (`portal.web.choices.OfferingForm`). What is ticked
    stays.

    :param find: what is looked for, such as “an agency”, where there may be many.
    """

    sought: str = ""

    def __init__(
        self,
        label: str,
        *,
        choices: Choices = (),
        hint: str = "Choose all that apply",
        legend_size: str = "s",
        small: bool = False,
        find: str = "",
        **options: Any,
    ) -> None:
        self.find = find
        options.setdefault("widget", widgets.ChoiceList("checkboxes", legend_size, small=small))
        super().__init__(label, choices=for_wtforms(choices), hint=hint, **options)

    def pre_validate(self, form: Any) -> None:
        """Say in words that something that is ticked is not offered any more."""
        try:
            super().pre_validate(form)
        except ValidationError:
            raise ValidationError(NOT_OFFERED) from None

    def process(self, formdata: Any, *more: Any, **options: Any) -> None:
        """Take the ticks, and the words by which more are looked for."""
        super().process(formdata, *more, **options)
        self.sought = str(formdata.get(f"{self.name}-find", "")) if self.find and formdata else ""


class Tick(AskedField, BooleanField):
    """One box to tick, with its sentence beside it."""

    def __init__(self, label: str, *, small: bool = False, **options: Any) -> None:
        options.setdefault("widget", widgets.SingleTick(small=small))
        super().__init__(label, **options)


__all__ = [
    "Checkboxes",
    "Choice",
    "DateBoxes",
    "Email",
    "Files",
    "Hidden",
    "LongText",
    "NhsNumber",
    "NotSaved",
    "PastDay",
    "Phone",
    "Radios",
    "Select",
    "Size",
    "Text",
    "Tick",
    "one_of",
    "required",
]


class NotSaved(Exception):
    """A save by itself cannot be taken; the page says so in these words, and nothing typed is lost."""


class _Limited(AskedField):
    """A text that is not longer than policy allows for its size, and holds nothing that is not seen.

    One that was longer before, when no limit held, may be as long as it was.

    :param size: what the text is; policy ``texts`` says how long that may be.
    :param limit: most characters, where this text has to be shorter still.
    """

    cleaned_by: Callable[[str], str] = staticmethod(one_line)

    def __init__(
        self,
        label: str = "",
        *,
        size: Size = Size.LINE,
        limit: int = 0,
        filters: Validators = (),
        **options: Any,
    ) -> None:
        self.size, self.limit = size, limit
        super().__init__(label, filters=[self._cleaned, *filters], **options)

    @property
    def most(self) -> int:
        """The most characters that it may have."""
        allowed = current_policy().texts.most(self.size)
        before = self.object_data if isinstance(self.object_data, str) else ""
        return max(min(allowed, self.limit or allowed), len(before))

    @property
    def too_long(self) -> str:
        """What to say when it is too long; empty when it is not."""
        over = len(self.data) - self.most if isinstance(self.data, str) else 0
        if over <= 0:
            return ""
        asked = self.label.text.rstrip("?") or "This text"
        return f"{asked}: shorten your answer by {over:,} character{'s' if over > 1 else ''}"

    def process(self, formdata: Any, *more: Any, **options: Any) -> None:
        """Take what was sent. Saved by itself it is taken or refused at once: nobody sees the page anew."""
        super().process(formdata, *more, **options)
        saves_itself = has_request_context() and bool(request.headers.get("X-Autosave"))
        if saves_itself and formdata is not None and (words := self.too_long):
            raise NotSaved(f"Not saved. {words}")

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Whatever else is asked of it."""
        super().post_validate(form, validation_stopped)
        if words := self.too_long:
            self.errors = [*self.errors, words]

    def _cleaned(self, value: Any) -> Any:
        return type(self).cleaned_by(value).strip() if isinstance(value, str) else value


class Hidden(_Limited, HiddenField):
    """What a page puts into its own form."""


class Text(_Limited, StringField):
    """One line of text.

    :param width: columns that the box shows: 2, 3, 4, 5, 10, 20 or 30; 0 is the whole width.
    :param kind: HTML type of the box.
    """

    def __init__(
        self,
        label: str,
        *,
        width: int = 0,
        label_size: str = "s",
        kind: str = "text",
        autocomplete: str = "off",
        inputmode: str = "",
        spellcheck: bool = False,
        prefix: str = "",
        **options: Any,
    ) -> None:
        options.setdefault(
            "widget",
            widgets.TextBox(
                kind,
                width=width,
                label_size=label_size,
                autocomplete=autocomplete,
                inputmode=inputmode,
                spellcheck=spellcheck,
                prefix=prefix,
            ),
        )
        super().__init__(label, **options)


class Email(Text):
    """An e-mail address."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, kind="email", **{"width": 30, **options})


class Phone(Text):
    """A telephone number, as people write it."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, kind="tel", **{"width": 20, **options})


class NhsNumber(Text):
    """An NHS number, however it was spaced; the field's data are its ten digits.

    :param check: gives the digits, or raises ValueError whose first argument says what is wrong: by default
        :func:`portal.pathway.characters.read_nhs_number`.
    """

    def __init__(
        self,
        label: str = "NHS number",
        *,
        hint: str = "10 digits, like 943 476 5919",
        check: Callable[[str], str] | None = None,
        **options: Any,
    ) -> None:
        self._check = check
        super().__init__(label, hint=hint, width=10, inputmode="numeric", **options)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the digits out of what was typed; what was typed stays to be shown when it is wrong."""
        super().process_formdata(valuelist)
        typed = (self.data or "").strip()
        if not typed:
            self.data = None
            return
        check = self._check or _read_nhs_number
        self.data = check(typed)


def _read_nhs_number(typed: str) -> str:
    from portal.pathway.characters import read_nhs_number  # noqa: PLC0415  # keeps forms without one light

    return read_nhs_number(typed)


class LongText(_Limited, TextAreaField):
    """Several lines of text, with a count of what is left."""

    cleaned_by = staticmethod(several_lines)

    def __init__(
        self,
        label: str,
        *,
        rows: int = 3,
        size: Size = Size.NOTE,
        label_size: str = "s",
        spellcheck: bool = True,
        **options: Any,
    ) -> None:
        options.setdefault("widget", widgets.LongTextBox(rows, label_size, spellcheck))
        super().__init__(label, size=size, **options)


class Files(AskedField, MultipleFileField):
    """Files to send along: one, or several at once."""

    def __init__(self, label: str, *, label_size: str = "s", **options: Any) -> None:
        options.setdefault("widget", widgets.FileBox(label_size, multiple=True))
        super().__init__(label, **options)
