"""Form fields that render themselves as GOV.UK components: ``{{ form.name }}`` is label, hint, error and box.

::

    class ConcernForm(FlaskForm):
        kind = Radios("About?", choices=[Choice("child", "A child", hint="One or several")])
        what = LongText("What happened?", rows=8, validators=[required("Say what happened")])
        seen_on = DateBoxes("When did you see it?", called="Date seen", validators=[Optional()])

Every field takes ``label``, ``hint`` and ``validators``; ``legend_size`` or ``label_size`` (“l”, “m”, “s”)
sets how large its question is. The first box of a field has the id that the error summary leads to.
"""

from collections.abc import Callable, Sequence
from typing import Any

from wtforms import FileField, StringField, TextAreaField
from wtforms.validators import InputRequired, StopValidation, ValidationError

from portal.web import widgets
from portal.web.choice_fields import Checkboxes, Choice, Radios, Select, Tick, one_of
from portal.web.date_boxes import DateBoxes

__all__ = [
    "Checkboxes",
    "Choice",
    "DateBoxes",
    "Email",
    "File",
    "LongText",
    "NhsNumber",
    "Phone",
    "Radios",
    "Select",
    "Text",
    "Tick",
    "one_of",
    "required",
]

Validators = Sequence[Callable[..., Any]]


def required(message: str) -> InputRequired:
    """An answer must be given; ``message`` says which, as an order: “Enter the child's name”."""
    return _Required(message)


class _Required(InputRequired):
    """Spaces alone are no answer."""

    def __call__(self, form: Any, field: Any) -> None:
        first = field.raw_data[0] if field.raw_data else None
        if isinstance(first, str) and not first.strip():
            field.errors = []
            raise StopValidation(self.message or "Enter an answer")
        super().__call__(form, field)


def _stripped(value: str | None) -> str | None:
    return value.strip() if value else value


class Text(StringField):
    """One line of text.

    :param width: columns that the box shows: 2, 3, 4, 5, 10, 20 or 30; 0 is the whole width.
    :param kind: HTML type of the box.
    """

    def __init__(
        self,
        label: str,
        *,
        hint: str = "",
        validators: Validators = (),
        width: int = 0,
        label_size: str = "s",
        kind: str = "text",
        autocomplete: str = "off",
        inputmode: str = "",
        spellcheck: bool = False,
        prefix: str = "",
        **options: Any,
    ) -> None:
        options.setdefault("filters", [_stripped])
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
        super().__init__(label, list(validators), description=hint, **options)


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
        :func:`portal.pathway.identifiers.read_nhs_number`.
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
    from portal.pathway.identifiers import read_nhs_number  # noqa: PLC0415  # keeps forms without one light

    return read_nhs_number(typed)


class LongText(TextAreaField):
    """Several lines of text.

    :param limit: most characters; shows a count and is checked.
    """

    def __init__(
        self,
        label: str,
        *,
        hint: str = "",
        validators: Validators = (),
        rows: int = 5,
        limit: int = 0,
        label_size: str = "s",
        spellcheck: bool = True,
        **options: Any,
    ) -> None:
        self.limit = limit
        options.setdefault("filters", [_stripped])
        options.setdefault("widget", widgets.LongTextBox(rows, limit, label_size, spellcheck))
        super().__init__(
            label, [*validators, *([_within(limit)] if limit else [])], description=hint, **options
        )


def _within(limit: int) -> Callable[[Any, Any], None]:
    def check(_form: Any, field: Any) -> None:
        if field.data and len(field.data) > limit:
            over = len(field.data) - limit
            raise ValidationError(f"Shorten {field.label.text.lower().rstrip('?')} by {over:,} characters")

    return check


class File(FileField):
    """A file to send along."""

    def __init__(
        self,
        label: str,
        *,
        hint: str = "",
        validators: Validators = (),
        label_size: str = "s",
        **options: Any,
    ) -> None:
        options.setdefault("widget", widgets.FileBox(label_size))
        super().__init__(label, list(validators), description=hint, **options)
