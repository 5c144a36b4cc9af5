"""The list of what has to be put right, at the head of a page: each line leads to the box it is about."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from wtforms import Field, FieldList, FormField
from wtforms.form import BaseForm

from portal.web.form_layout import in_order


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
