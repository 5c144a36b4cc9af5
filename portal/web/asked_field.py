"""What every field that is asked for takes, and what to say where an answer is missing."""

from collections.abc import Callable, Sequence
from typing import Any

from wtforms import Field
from wtforms.validators import InputRequired, StopValidation

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


class AskedField(Field):
    """A field with a label, a hint and what to say where there is no answer.

    :param hint: below the label.
    :param required: what to say where there is no answer, as an order: “Enter the child's name”; without it
        no answer is right too.
    """

    def __init__(
        self, label: str, *, hint: str = "", required: str = "", validators: Validators = (), **options: Any
    ) -> None:
        must = [_Required(required)] if required else []
        super().__init__(label, [*must, *validators], description=hint, **options)
