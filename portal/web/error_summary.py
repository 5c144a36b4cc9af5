"""The list of what has to be put right, at the head of a page: each line leads to the box it is about."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import Field, FieldList, FormField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, StopValidation
from wtforms.widgets import HiddenInput


class Problem(Protocol):
    """What a service says when it cannot do as asked: :class:`portal.changes.errors.DomainError` is one."""

    @property
    def message(self) -> str:
        """What is wrong and what to do, in plain words."""

    @property
    def field(self) -> str | None:
        """The name of the form field that it is about, if one is."""


@dataclass(frozen=True)
class SummaryItem:
    """One line of the summary; ``href`` is empty when no box is to blame."""

    text: str
    href: str = ""


def collect(forms: Iterable[BaseForm], problem: Problem | None = None) -> list[SummaryItem]:
    """Every error of the forms in the order in which the fields stand, then the problem of the service.

    A problem that names a field is also put beside that field, so that it shows there.

    :param forms: the forms on the page.
    :param problem: what a service refused, if it did.
    """
    forms = list(forms)
    blamed = _blame(forms, problem)
    items = [item for form in forms for item in _of_form(form)]
    if problem is not None and not blamed:
        items.append(SummaryItem(problem.message))
    return items


def _blame(forms: list[BaseForm], problem: Problem | None) -> bool:
    """Put a service's words beside the field they name; false when no form has such a field."""
    if problem is None or not problem.field:
        return False
    for form in forms:
        if problem.field in form:
            field = form[problem.field]
            if problem.message not in field.errors:
                field.errors = [*field.errors, problem.message]
            return True
    return False


def _of_form(form: BaseForm) -> Iterator[SummaryItem]:
    for message in form.form_errors:
        yield SummaryItem(str(message))
    for field in in_order(form):
        yield from _of_field(field)


def _of_field(field: Field) -> Iterator[SummaryItem]:
    if isinstance(field, FormField):
        yield from _of_form(field.form)
    elif isinstance(field, FieldList):
        for message in field.errors:
            if isinstance(message, str):  # its own; those of its entries come from the entries
                yield SummaryItem(message, f"#{field.id}")
        for entry in field.entries:
            yield from _of_field(entry)
    elif field.errors:
        first_box = getattr(field, "first_wrong_box", field.id)
        yield SummaryItem(str(field.errors[0]), f"#{first_box}")


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


class Group(NamedTuple):
    """Fields of a form below a legend of their own."""

    legend: str
    fields: tuple[str, ...]


class Row(NamedTuple):
    """Short fields of a form beside each other."""

    fields: tuple[str, ...]


class FormPart(NamedTuple):
    """A part of a form as it stands on its page; most have no legend."""

    html: Markup
    legend: str = ""


Shown = tuple[str | Group | Row, ...]
Reveals = Mapping[str, Mapping[str, tuple[str, ...]]]


def lay_out(form: FlaskForm) -> list[FormPart]:
    """The parts of a form, in the order in which a page shows them. A form class may say how:

    shown: names of fields, `Group`s and `Row`s, in their order; hidden fields are always there.
    reveals: by name of a field, the fields that each of its answers opens below it.

    A field that was taken out of the form (`del form.reason`) is left out.
    """
    return list(_parts(form))


def in_order(form: BaseForm) -> list[Field]:
    """The fields of a form in the order in which its page shows them, for the list of what is wrong."""
    names = list(_names(form, getattr(form, "shown", ())))
    place = {name: at for at, name in enumerate(names)}
    return sorted(form, key=lambda field: place.get(field.short_name, len(names)))


def _names(form: BaseForm, shown: Shown) -> Iterator[str]:
    for one in shown:
        for name in (one,) if isinstance(one, str) else one.fields:
            yield name
            for below in _reveals(form).get(name, {}).values():
                yield from _names(form, below)


def _parts(form: FlaskForm) -> Iterator[FormPart]:
    hidden = [
        field for field in form if isinstance(field.widget, HiddenInput) and field.type != "CSRFTokenField"
    ]
    if hidden:
        yield FormPart(Markup("").join(field() for field in hidden))
    inside = {name for answers in _reveals(form).values() for names in answers.values() for name in names}
    one_by_one = tuple(
        field.short_name
        for field in form
        if not isinstance(field.widget, HiddenInput) and field.short_name not in inside
    )
    shown: Shown = getattr(form, "shown", one_by_one)
    for one in shown:
        if isinstance(one, Group):
            if html := _fields(form, one.fields):
                yield FormPart(html, one.legend)
        elif isinstance(one, Row):
            yield FormPart(Markup('<div class="app-two-fields">{}</div>').format(_fields(form, one.fields)))
        elif one in form:
            yield FormPart(_field(form, one))


def _fields(form: FlaskForm, names: tuple[str, ...]) -> Markup:
    return Markup("").join(_field(form, name) for name in names if name in form)


def _field(form: FlaskForm, name: str) -> Markup:
    answers = _reveals(form).get(name, {})
    opened = {value: _fields(form, names) for value, names in answers.items()}
    return Markup("{}").format(form[name](reveals=opened) if opened else form[name]())


def _reveals(form: BaseForm) -> Reveals:
    return getattr(form, "reveals", {})
