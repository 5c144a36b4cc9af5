"""What happened, who told it, and who may know."""

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than WTForms 3.3
from wtforms.validators import ValidationError

from portal import clock
from portal.records.entries.vocabulary import FamilySafe
from portal.records.referrals.forms.base import PageForm, Setting, answers_of, offered
from portal.vocabulary import Answer
from portal.web.fields import Checkboxes, DateBoxes, LongText, Radios, Size, Text, Tick, required


class HappenedForm(PageForm):
    """What happened. The source has a page of its own, because few may see it."""

    step = "happened"
    what_happened = LongText(
        "What happened?",
        hint="Who, what, when, where and how. Say what you know, and what you think. "
        "Do not say who told you: the next page asks for that, and fewer people see it.",
        rows=10,
        validators=[required("Say what happened")],
        size=Size.NARRATIVE,
        label_size="m",
    )
    how_often = Text("How often?", hint="For example, once, or most evenings")
    event_from = DateBoxes(
        "When did it happen, or begin?",
        hint="For example, 3 11 2026. If you only know the month, say so in what happened.",
        called="The day it began",
        latest=clock.today,
    )
    event_to = DateBoxes(
        "When did it last happen?",
        hint="Leave this empty if it happened once, or still goes on",
        called="The day it last happened",
        latest=clock.today,
    )
    flags = Checkboxes("Is any of this part of it?", choices=())
    how_known = Checkboxes("How do you know?", choices=())
    childs_words = LongText(
        "What did the child say, in their own words?",
        hint="Leave this empty if you have not spoken with the child",
        rows=4,
    )

    def choices_for(self, setting: Setting) -> dict[str, list[SelectChoice]]:
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
    at_risk = Radios("Would anyone be at risk if it became known who told you?", choices=answers_of(Answer))


class SharingForm(PageForm):
    """Who knows already, who may know, and what has been done."""

    step = "sharing"
    family_aware = Radios("Does the family know that you are sharing this?", choices=answers_of(Answer))
    why_family_not_aware = LongText(
        "Why has the family not been told?",
        hint="For example, because telling them could put the child or someone else in danger",
        rows=3,
    )
    family_may_be_told = Radios(
        "May what you wrote be shared with the child or family?",
        choices=answers_of(FamilySafe),
        hint="Who told you is never shared with them",
    )
    already_told = Checkboxes("Who else have you told?", choices=())
    already_told_details = Text("Whom, and when?")
    safeguarding_referral = Radios(
        "Have you also made a safeguarding referral to children’s social care?",
        choices=answers_of(Answer),
        hint="This form is not one. If a child may be at risk of significant harm, make one as well.",
    )
    safeguarding_referral_on = DateBoxes(
        "When did you make it?",
        hint="For example, 3 11 2026",
        called="The day of the referral",
        latest=clock.today,
    )
    safeguarding_referral_to = Text("Who took it?", hint="The team, and a reference if you have one")
    immediate_action = LongText("What have you done to keep the child safe?", rows=3)
    concerns_colleague = Tick(
        "This concerns a colleague of mine, or a colleague’s family",
        hint="Your manager will then not see this form. The hub will.",
    )

    def choices_for(self, setting: Setting) -> dict[str, list[SelectChoice]]:
        """The lists of the partnership; “nobody yet” takes the place of all others."""
        choices = offered(setting.policy.referral.already_told)
        for choice in choices:
            if choice.value == "nobody":
                choice.render_kw = {**(choice.render_kw or {}), "exclusive": True, "divider": "or"}
        return {"already_told": choices}
