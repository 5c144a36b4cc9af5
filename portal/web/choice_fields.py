"""Fields that are answered by choosing: a list, radios, checkboxes, one box to tick."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than WTForms 3.3
from wtforms.validators import ValidationError

from portal.web import widgets

Validators = Sequence[Callable[..., Any]]


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


Choices = Iterable[Choice | SelectChoice]


def one_of(message: str) -> Callable[[Any, Any], None]:
    """At least one box must be ticked."""

    def check(_form: Any, field: Any) -> None:
        if not field.data:
            raise ValidationError(message)

    return check


def _for_wtforms(choices: Choices) -> list[SelectChoice]:
    return [choice.for_wtforms() if isinstance(choice, Choice) else choice for choice in choices]


class Select(SelectField):
    """One answer of many, in a list. Seven or fewer are better as :class:`Radios`.

    :param prompt: the first line, which stands for no answer.
    """

    def __init__(
        self,
        label: str,
        *,
        choices: Choices = (),
        hint: str = "",
        validators: Validators = (),
        prompt: str = "Choose",
        label_size: str = "s",
        **options: Any,
    ) -> None:
        options.setdefault("widget", widgets.SelectBox(label_size))
        first = [SelectChoice("", prompt)] if prompt else []
        super().__init__(
            label, list(validators), choices=[*first, *_for_wtforms(choices)], description=hint, **options
        )

    def pre_validate(self, form: Any) -> None:
        """An answer that was not offered is refused; no answer at all is for the validators to judge."""
        if self.data:
            super().pre_validate(form)


class Radios(RadioField):
    """One answer of a few. ``{{ form.kind(reveals={"place": form.place}) }}`` shows a field below an answer.

    Without an answer the field's data are None, and ``validators=[required(…)]`` says so.
    """

    def __init__(
        self,
        label: str,
        *,
        choices: Choices = (),
        hint: str = "",
        validators: Validators = (),
        legend_size: str = "s",
        inline: bool = False,
        small: bool = False,
        **options: Any,
    ) -> None:
        options.setdefault("widget", widgets.ChoiceList("radios", legend_size, inline=inline, small=small))
        options.setdefault("validate_choice", True)
        super().__init__(label, list(validators), choices=_for_wtforms(choices), description=hint, **options)

    def pre_validate(self, form: Any) -> None:
        """An answer that was not offered is refused; no answer at all is for the validators to judge."""
        if self.data is not None:
            super().pre_validate(form)


class Checkboxes(SelectMultipleField):
    """Any number of answers. ``reveals`` works as for :class:`Radios`."""

    def __init__(
        self,
        label: str,
        *,
        choices: Choices = (),
        hint: str = "Choose all that apply",
        validators: Validators = (),
        legend_size: str = "s",
        small: bool = False,
        **options: Any,
    ) -> None:
        options.setdefault("widget", widgets.ChoiceList("checkboxes", legend_size, small=small))
        super().__init__(label, list(validators), choices=_for_wtforms(choices), description=hint, **options)


class Tick(BooleanField):
    """One box to tick, with its sentence beside it."""

    def __init__(
        self,
        label: str,
        *,
        hint: str = "",
        validators: Validators = (),
        small: bool = False,
        **options: Any,
    ) -> None:
        options.setdefault("widget", widgets.SingleTick(small=small))
        super().__init__(label, list(validators), description=hint, **options)
