"""Giving a field its answers once the page knows them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

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
