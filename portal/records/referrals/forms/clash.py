"""Where two versions of a page differ, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wtforms import BooleanField, SelectFieldBase

from portal.records.referrals.forms.base import PageForm, Setting
from portal.records.referrals.forms.lists import ListsPage
from portal.records.referrals.forms.reading import Page, Step
from portal.records.referrals.forms.typed import Typed
from portal.web.date_boxes import PARTS, DateBoxes

EMPTY = "(empty)"


@dataclass(frozen=True)
class Difference:
    """One question to which two answers were given."""

    question: str
    theirs: str
    mine: str


def differences(step: Step, setting: Setting, theirs: Typed, mine: Typed) -> list[Difference]:
    """Every question of a page that the two versions answer differently."""
    pages = (step.form(setting, theirs), step.form(setting, mine))
    answers: list[dict[str, str]] = [dict(_answers(page)) for page in pages]
    questions = dict.fromkeys([*answers[0], *answers[1]])
    return [
        Difference(question, answers[0].get(question) or EMPTY, answers[1].get(question) or EMPTY)
        for question in questions
        if answers[0].get(question, "") != answers[1].get(question, "")
    ]


def _answers(page: Page) -> Iterator[tuple[str, str]]:
    if isinstance(page, ListsPage):
        for listed in page.lists.values():
            for number, form in enumerate(listed.items, start=1):
                for question, answer in _of_form(form):
                    yield f"{listed.of.one.capitalize()} {number}: {question}", answer
    else:
        yield from _of_form(page)


def _of_form(form: PageForm) -> Iterator[tuple[str, str]]:
    for field in form:
        yield field.label.text, _words(field)


def _words(field: Any) -> str:
    if isinstance(field, DateBoxes):
        return " ".join(filter(None, (field.typed[part] for part in PARTS)))
    if isinstance(field, SelectFieldBase):
        choices: Any = field.iter_choices()
        return ", ".join(str(one.label) for one in choices if one.selected and one.value)
    if isinstance(field, BooleanField):
        return "Yes" if field.data else ""
    return str(field.data or "")
