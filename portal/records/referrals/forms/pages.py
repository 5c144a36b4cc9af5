"""The information form, page by page, read as a whole, and compared where two versions differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wtforms import BooleanField, SelectFieldBase
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than WTForms 3.3
from wtforms.validators import ValidationError

from portal import clock
from portal.pathway.calendar import at_local
from portal.records.entries.vocabulary import FamilySafe
from portal.records.referrals.forms.base import FormSetting, PageForm, Typed, offered, says_something
from portal.records.referrals.forms.items import MOST, ChildrenPage, ListsPage, OthersPage
from portal.records.referrals.rules import Details, FormAnswers
from portal.records.referrals.vocabulary import Channel
from portal.vocabulary import Answer, Urgency
from portal.web.choices import ClockTime, read_time
from portal.web.conflict import Difference
from portal.web.date_boxes import PARTS
from portal.web.date_boxes import DateBoxes as AnyDateBoxes
from portal.web.fields import Checkboxes, DateBoxes, LongText, PastDay, Radios, Select, Size, Text, Tick


class UrgencyForm(PageForm):
    """Whether somebody has to act before the hub can."""

    step = "urgency"
    urgency = Radios(
        "Is someone in danger now, or could they be in the next 24 hours?",
        choices=Urgency,
        required="Choose how urgent it is",
        legend_size="m",
    )


class SenderForm(PageForm):
    """Who told the hub, how and when: the clock starts at that moment."""

    step = "sender"
    channel = Radios(
        "How did it reach the hub?",
        choices=[one for one in Channel if one is not Channel.PORTAL],
        required="Choose how it reached the hub",
    )
    sender_name = Text("Who sent it?", hint="Their name, and what they do")
    sender_agency_id = Select("Their organisation", prompt="Not known, or not in this list")
    sender_agency_name = Text("Name of an organisation that is not in the list")
    sender_contact = LongText("How to reach them", hint="Phone number or email address", rows=2)
    received_on = PastDay(
        "Which day did it arrive?",
        hint="The time that the hub has to look at it starts then",
        called="Day that it arrived",
        required="Enter the day that it arrived",
    )
    received_time = ClockTime(
        "At what time?", hint="For example, 14:30", required="Enter the time it arrived"
    )

    def choices_for(self, setting: FormSetting) -> dict[str, list[SelectChoice]]:
        """The agencies of the partnership."""
        return {"sender_agency_id": [SelectChoice(code, name) for code, name in setting.agencies]}

    def validate_received_time(self, field: ClockTime) -> None:
        """A time of day that is not still to come."""
        day = self.received_on.data
        if day is not None and field.on(day) > clock.now():
            raise ValidationError("It cannot have arrived in the future: check the day and the time")

    def answers(self) -> dict[str, Any]:
        """Day and time as one moment."""
        found = super().answers()
        day, at = found.pop("received_on", None), read_time(found.pop("received_time", ""))
        if day and at:
            found["received_at"] = at_local(self.received_on.data, at).isoformat()
        return found


class AboutForm(PageForm):
    """What it is about, and what kind of harm."""

    step = "about"
    kind = Radios(
        "What is it mainly about?",
        choices=(),
        hint="You can add the others on the next pages",
        required="Choose what it is mainly about",
    )
    types = Checkboxes("What kind of exploitation might it be?", choices=())
    contexts = Checkboxes("How is it happening?", choices=())
    contact = Radios("Is it in person?", choices=())
    district = Select("Where is it mainly happening?", choices=())

    def choices_for(self, setting: FormSetting) -> dict[str, list[SelectChoice]]:
        """The lists of the partnership."""
        exploitation = setting.policy.exploitation
        return {
            "kind": offered(setting.policy.referral.kinds),
            "types": offered(exploitation.types, not_known="Not known yet"),
            "contexts": offered(exploitation.contexts),
            "contact": offered(exploitation.contact),
            "district": [
                *offered(setting.policy.areas.districts),
                SelectChoice("elsewhere", "Outside Derby and Derbyshire"),
                SelectChoice("not_known", "Not known"),
            ],
        }


class HappenedForm(PageForm):
    """What happened. The source has a page of its own, because few may see it."""

    step = "happened"
    in_one_line = Text(
        "In one line, what worries you?",
        hint="This is read first. No names. For example, adults wait for her outside school",
        size=Size.LINE,
    )
    what_happened = LongText(
        "What happened?",
        hint="Who, what, when, where and how. Say what you know, and what you think. "
        "Do not say who told you: the next page asks for that, and fewer people see it.",
        rows=10,
        required="Say what happened",
        size=Size.NARRATIVE,
        label_size="m",
    )
    how_often = Text("How often?", hint="For example, once, or most evenings")
    event_from = PastDay(
        "When did it happen, or begin?",
        hint="For example, 3 11 2026. If you only know the month, say so in what happened.",
        called="The day it began",
    )
    event_to = PastDay(
        "When did it last happen?",
        hint="Leave this empty if it happened once, or still goes on",
        called="The day it last happened",
    )
    flags = Checkboxes("Is any of this part of it?", choices=())
    how_known = Checkboxes("How do you know?", choices=())
    childs_words = LongText(
        "What did the child say, in their own words?",
        hint="Leave this empty if you have not spoken with the child",
        rows=4,
    )

    def choices_for(self, setting: FormSetting) -> dict[str, list[SelectChoice]]:
        """The lists of the partnership."""
        referral = setting.policy.referral
        return {
            "flags": offered(referral.flags, not_known="None of these, or not known"),
            "how_known": offered(referral.how_known),
        }

    def validate_event_to(self, field: DateBoxes) -> None:
        """The end does not come before the beginning."""
        if field.data and self.event_from.data and field.data < self.event_from.data:
            raise ValidationError("The day it last happened must not be before the day it began")


class SourceForm(PageForm):
    """Who told it. Never kept with the other answers."""

    step = "source"
    source = LongText(
        "Who or what told you?",
        hint="A name, how you know them, and how they know. Leave this empty if you saw it yourself.",
        rows=5,
        label_size="m",
    )
    at_risk = Radios("Would anyone be at risk if it became known who told you?", choices=Answer)


class SharingForm(PageForm):
    """Who knows already, who may know, and what has been done."""

    step = "sharing"
    family_aware = Radios("Does the family know that you are sharing this?", choices=Answer)
    why_family_not_aware = LongText(
        "Why has the family not been told?",
        hint="For example, because telling them could put the child or someone else in danger",
    )
    family_may_be_told = Radios(
        "May what you wrote be shared with the child or family?",
        choices=FamilySafe,
        hint="Who told you is never shared with them",
    )
    already_told = Checkboxes("Who else have you told?", choices=())
    already_told_details = Text("Whom, and when?")
    safeguarding_referral = Radios(
        "Have you also made a safeguarding referral to children’s social care?",
        choices=Answer,
        hint="This form is not one. If a child may be at risk of significant harm, make one as well.",
    )
    safeguarding_referral_on = PastDay(
        "When did you make it?", hint="For example, 3 11 2026", called="The day of the referral"
    )
    safeguarding_referral_to = Text("Who took it?", hint="The team, and a reference if you have one")
    immediate_action = LongText("What have you done to keep the child safe?")
    concerns_colleague = Tick(
        "This concerns a colleague of mine, or a colleague’s family",
        hint="Once it is sent, your manager does not see this form. The hub does.",
    )

    def choices_for(self, setting: FormSetting) -> dict[str, list[SelectChoice]]:
        """The lists of the partnership; “nobody yet” takes the place of all others."""
        choices = offered(setting.policy.referral.already_told)
        for choice in choices:
            if choice.value == "nobody":
                choice.render_kw = {**(choice.render_kw or {}), "exclusive": True, "divider": "or"}
        return {"already_told": choices}


Page = PageForm | ListsPage


@dataclass(frozen=True)
class FormStep:
    """A page of the form."""

    name: str
    title: str
    form: type[PageForm] | type[ListsPage]


SENDER = FormStep("sender", "Who sent it", SenderForm)
STEPS = (
    FormStep("urgency", "How urgent it is", UrgencyForm),
    FormStep("about", "What it is about", AboutForm),
    FormStep("children", "Children", ChildrenPage),
    FormStep("others", "People, places and things", OthersPage),
    FormStep("happened", "What happened", HappenedForm),
    FormStep("source", "Who told you", SourceForm),
    FormStep("sharing", "Family and sharing", SharingForm),
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


def steps_for(*, for_sender: bool) -> tuple[FormStep, ...]:
    """The pages of a form: one that is entered for somebody else begins with who that is."""
    return (SENDER, *STEPS) if for_sender else STEPS


def has_answers(typed: Typed) -> bool:
    """Whether a kept page says anything."""
    return any(_says(value) for values in typed.values() for value in values)


def read(typed: Mapping[str, Typed], setting: FormSetting, *, for_sender: bool) -> Reading:
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


__all__ = [
    "MOST",
    "SENDER",
    "STEPS",
    "FormSetting",
    "FormStep",
    "ListsPage",
    "Page",
    "PageForm",
    "Problem",
    "Reading",
    "Typed",
    "has_answers",
    "read",
    "steps_for",
]


EMPTY = "(empty)"


def differences(step: FormStep, setting: FormSetting, theirs: Typed, mine: Typed) -> list[Difference]:
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
    if isinstance(field, AnyDateBoxes):
        return " ".join(filter(None, (field.typed[part] for part in PARTS)))
    if isinstance(field, SelectFieldBase):
        choices: Any = field.iter_choices()
        return ", ".join(str(one.label) for one in choices if one.selected and one.value)
    if isinstance(field, BooleanField):
        return "Yes" if field.data else ""
    return str(field.data or "")
