"""The whole form: its pages in order, and what a draft says when all of them are read together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.records.referrals.forms.base import PageForm, Setting
from portal.records.referrals.forms.lists import ChildrenPage, ListsPage, OthersPage
from portal.records.referrals.forms.opening import AboutForm, SenderForm, UrgencyForm
from portal.records.referrals.forms.story import HappenedForm, SharingForm, SourceForm
from portal.records.referrals.forms.typed import Typed, says_something
from portal.records.referrals.rules.answers import Details, FormAnswers
from portal.vocabulary import Answer

Page = PageForm | ListsPage


@dataclass(frozen=True)
class Step:
    """A page of the form."""

    name: str
    title: str
    form: type[PageForm] | type[ListsPage]


SENDER = Step("sender", "Who sent it", SenderForm)
STEPS = (
    Step("urgency", "How urgent it is", UrgencyForm),
    Step("about", "What it is about", AboutForm),
    Step("children", "Children", ChildrenPage),
    Step("others", "People, places and things", OthersPage),
    Step("happened", "What happened", HappenedForm),
    Step("source", "Who told you", SourceForm),
    Step("sharing", "Family and sharing", SharingForm),
)


@dataclass(frozen=True)
class Problem:
    """Something that has to be put right before a form can be sent, and on which page."""

    step: str
    message: str


@dataclass(frozen=True)
class Reading:
    """What a draft says, and what is wrong with it."""

    answers: FormAnswers
    details: tuple[Details, ...]
    source: str
    source_at_risk: bool | None
    problems: tuple[Problem, ...]


def steps_for(*, for_sender: bool) -> tuple[Step, ...]:
    """The pages of a form: one that is entered for somebody else begins with who that is."""
    return (SENDER, *STEPS) if for_sender else STEPS


def has_answers(typed: Typed) -> bool:
    """Whether a kept page says anything."""
    return any(_says(value) for values in typed.values() for value in values)


def read(typed: Mapping[str, Typed], setting: Setting, *, for_sender: bool) -> Reading:
    """Everything that a draft says.

    :param typed: what was kept, by step, the source included.
    """
    answers: dict[str, Any] = {}
    details: list[Details] = []
    problems: list[Problem] = []
    source: dict[str, Any] = {}
    for step in steps_for(for_sender=for_sender):
        page = step.form(setting, typed.get(step.name, {}))
        page.validate()
        problems += [Problem(step.name, message) for message in page.problems()]
        if isinstance(page, ListsPage):
            details += page.details()
        elif step.name == SourceForm.step:
            source = page.answers()
        else:
            answers |= page.answers()
    return Reading(
        FormAnswers.from_json(answers),
        tuple(details),
        source.get("source", ""),
        at_risk(source.get("at_risk")),
        tuple(problems),
    )


def at_risk(answer: str | None) -> bool | None:
    """Whether somebody would be at risk if the source became known; nothing when that is not known."""
    return {Answer.YES: True, Answer.NO: False}.get(Answer(answer)) if answer in set(Answer) else None


def _says(value: str | Typed) -> bool:
    return bool(value.strip()) if isinstance(value, str) else says_something(value)
