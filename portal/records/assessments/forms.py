"""Risk assessments: the section, whose fields are those of the policy's tool, and the conclusion."""

from collections.abc import Mapping
from typing import Any, ClassVar

from portal.policy import Policy
from portal.records.assessments.policy import Assessment
from portal.records.assessments.rules import Given
from portal.records.assessments.vocabulary import AssessmentKind, Influence, SignAnswer
from portal.vocabulary import Answer, RiskLevel
from portal.web.choices import OfferingForm, VersionedForm, terms
from portal.web.error_summary import Reveals
from portal.web.fields import Checkboxes, Choice, LongText, Radios, Select, Text, Tick

_WORDS, _SOURCE, _NOT = "__words", "__source", "__not_obtained"


class StartForm(OfferingForm):
    """Begin an assessment."""

    kind = Radios(
        "How far does it go?",
        choices=[
            Choice(
                AssessmentKind.FULL,
                AssessmentKind.FULL.label,
                hint="Sets the level, and with it the meeting and its date",
            ),
            Choice(
                AssessmentKind.SCREENING,
                AssessmentKind.SCREENING.label,
                hint="Short: says whether a full assessment is needed",
            ),
        ],
        required="Choose how far it goes",
    )
    trigger = Radios("Why is it made now?", required="Choose why it is made now")

    @classmethod
    def of(cls, tool: Assessment) -> "StartForm":
        """The form with the reasons of the policy."""
        form = cls()
        form.offer("trigger", terms(tool.triggers.offered, hints=True))
        return form


class SectionForm(VersionedForm):
    """One section: `items` are the codes of what it asks, each with its fields."""

    items: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()

    def given(self) -> dict[str, Given]:
        """What was typed, by item."""
        return {item: self._given(item) for item in self.items}

    def _given(self, item: str) -> Given:
        answer = self[item].data or None if item in self.signs or item in self.contexts else None
        source = self.said(item + _SOURCE) if item in self.signs else ""
        not_obtained = bool(self[item + _NOT].data) if item + _NOT in self else False
        return Given(answer, self.said(item + _WORDS), source, not_obtained)

    def label_of(self, item: str) -> str:
        """The question of an item."""
        return str(self[item].label.text if item in self else self[item + _WORDS].label.text)


def section_form(tool: Assessment, section: str, *, screening: bool) -> type[SectionForm]:
    """The form of a section of the tool, on the long or the short form."""
    signs = tool.signs_of(section, screening=screening)
    questions = tool.questions_of(section, screening=screening)
    contexts = tool.contexts.offered if section == "context" and not screening else ()
    fields: dict[str, Any] = {
        "signs": tuple(one.code for one in signs),
        "questions": tuple(one.code for one in questions),
        "contexts": tuple(f"context_{one.code}" for one in contexts),
    }
    fields["items"] = (*fields["questions"], *fields["contexts"], *fields["signs"])
    for question in questions:
        fields[question.code + _WORDS] = LongText(question.label, hint=question.hint, rows=4)
        if question.obtained:
            fields[question.code + _NOT] = Tick("This could not be obtained. I have written why")
    for sign in signs:
        fields[sign.code] = Radios(sign.label, hint=sign.hint, choices=SignAnswer, small=True)
        fields[sign.code + _WORDS] = LongText("Evidence", rows=2)
        fields[sign.code + _SOURCE] = Text("Who saw or said it")
    for context in contexts:
        code = f"context_{context.code}"
        fields[code] = Select(context.label, hint=context.hint, choices=Influence)
        fields[code + _WORDS] = LongText("Why", rows=2)
    return type("SectionForm", (SectionForm,), fields)


def filled(answers: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Answers as they stand, for the fields of a section's form."""
    data: dict[str, Any] = {"version": str(number)}
    for item, one in answers.items():
        data[item] = one.answer
        data[item + _WORDS] = one.words
        data[item + _SOURCE] = one.source
        data[item + _NOT] = one.not_obtained
    return data


class LevelForm(VersionedForm):
    """The level, chosen before the suggestion is shown."""

    level = Radios("What level of risk is it?", required="Choose the level")
    reason = LongText(
        "Why is it this level?",
        hint="What is happening, what the child says, and what weighs most",
        rows=5,
        required="Say why it is this level",
    )

    def offer_levels(self, policy: Policy) -> None:
        """The levels with what they mean."""
        self.offer(
            "level",
            [Choice(rule.code, rule.label, hint=rule.meaning) for rule in policy.levels.levels.offered],
        )


class ConclusionForm(LevelForm):
    """The rest of the conclusion, beside what the answers suggest."""

    difference_reason = LongText("Why do you see it differently?", rows=4)
    types = Checkboxes("Which types of exploitation is it about?")
    s47 = Radios(
        "Was a Section 47 enquiry considered?",
        choices=Answer,
        inline=True,
        required="Say whether a Section 47 enquiry was considered",
    )
    s47_reason = LongText("What came of it, or why not?", required="Say what came of it")
    nrm = Radios(
        "Was a referral to the National Referral Mechanism considered?",
        hint="For signs of trafficking or modern slavery. A child’s consent is not needed",
        choices=Answer,
        inline=True,
        required="Say whether a National Referral was considered",
    )
    nrm_reason = LongText("What came of it, or why not?", required="Say what came of it")
    safety_steps = LongText("What is done at once to keep the child safe?")

    def offer_types(self, policy: Policy) -> None:
        """The types of exploitation."""
        self.offer("types", terms(policy.exploitation.types.offered))


class ScreeningEndForm(VersionedForm):
    """What a screening ends in."""

    needs_full = Radios(
        "What does the screening come to?",
        choices=[
            Choice("yes", "A full assessment is needed"),
            Choice("no", "No exploitation and no risk of it found", hint=RiskLevel.NONE.label),
        ],
        required="Choose what the screening comes to",
    )
    reason = LongText("Why?", rows=4, required="Say why")

    @property
    def finds_more(self) -> bool:
        """Whether a full assessment is needed."""
        return self.said("needs_full") == "yes"


class SecondForm(VersionedForm):
    """The second person's answer to a lower level."""

    reveals: ClassVar[Reveals] = {"answer": {"no": ("reason",)}}

    answer = Radios(
        "Do you agree to the lower level?",
        choices=[
            Choice("yes", "Yes, I agree", hint="The assessment is then finalised"),
            Choice("no", "No, it has to be looked at again", hint="The assessor writes on"),
        ],
        required="Choose whether you agree",
    )
    reason = LongText("What has to be looked at again?")


class SignOffForm(VersionedForm):
    """A manager signs off, or says why not."""

    reveals: ClassVar[Reveals] = {"answer": {"yes": ("note",), "no": ("reason",)}}

    answer = Radios(
        "Do you sign it off?",
        choices=[
            Choice("yes", "Yes, I sign it off"),
            Choice("no", "No, I do not agree", hint="The level stands until it is decided again"),
        ],
        required="Choose whether you sign it off",
    )
    note = LongText("Anything to add?", hint="You can leave this empty")
    reason = LongText("Why do you not sign it off?")
