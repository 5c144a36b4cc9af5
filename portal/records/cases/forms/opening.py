"""Who is on a shared case, who leads it and how closely it is held: the forms."""

from wtforms.validators import Optional

from portal.forms.offering import OfferingForm, Pairs, choices
from portal.vocabulary import Sensitivity
from portal.web.fields import Checkboxes, Choice, Email, Hidden, LongText, Radios, Select, required


class WhyForm(OfferingForm):
    """End something, with a reason."""

    reason = LongText("Why?", rows=3, validators=[required("Say why")])


class ReasonForm(WhyForm):
    """The same of a record that others may change meanwhile."""

    version = Hidden(default="0")


class ChooseTeamForm(OfferingForm):
    """The team that is brought onto a case; the next page says what that opens."""

    class Meta:
        csrf = False  # it only shows a page

    team = Select("Which team?", validators=[required("Choose a team")])


class JoinForm(OfferingForm):
    """Bring the chosen team onto a case."""

    worker = Select(
        "Who of them works on the case?",
        hint="You can leave this to the team",
        prompt="Not known yet",
        validators=[Optional()],
    )
    reason = LongText(
        "Why is this team needed?",
        hint="It is kept on the sharing ledger",
        rows=3,
        validators=[required("Say why this team is needed on the case")],
    )


class WorkerForm(OfferingForm):
    """Name who of a team works on a case."""

    worker = Select("Who works on the case?", validators=[required("Choose who works on the case")])
    seen = Hidden()


class LeadForm(OfferingForm):
    """Who leads a case."""

    professional = Select(
        "Who is the lead professional?", validators=[required("Choose the lead professional")]
    )
    reason = LongText("Why does the lead change?", rows=3, validators=[required("Say why the lead changes")])
    version = Hidden()


class SensitivityForm(OfferingForm):
    """How closely a case is held."""

    to = Radios("How is the case to be held?", validators=[required("Choose how the case is to be held")])
    named = Checkboxes(
        "Who is to read it by name?",
        hint="The lead professional always can. Others who work on it now will not, unless you tick them.",
        validators=[Optional()],
    )
    reason = LongText("Why?", rows=3, validators=[required("Say why")])
    version = Hidden()

    HINTS = {  # noqa: RUF012 - a constant of the class
        Sensitivity.NORMAL: "Teams that work on the case read it",
        Sensitivity.RESTRICTED: "Only the hub and named people read it. Teams see that it exists",
        Sensitivity.SEALED: "Only named people read it. Nobody else learns that it exists",
    }

    @classmethod
    def of(
        cls, now: Sensitivity, version: int, may_raise: bool, may_lower: bool, people: Pairs
    ) -> "SensitivityForm":
        """The form with what this person may choose."""
        form = cls(data={"version": str(version)})
        offered = [one for one in Sensitivity if (may_raise and one > now) or (may_lower and one < now)]
        form.offer("to", [Choice(str(int(one)), one.label, hint=cls.HINTS[one]) for one in offered])
        form.offer("named", choices(people))
        return form

    @property
    def chosen(self) -> Sensitivity:
        """How it is to be held. For a form that was found right."""
        return Sensitivity(int(self.to.data))


class NameForm(OfferingForm):
    """Name a person on a restricted or sealed case."""

    email = Email("Their work e-mail address", validators=[required("Enter their work e-mail address")])
    reason = LongText(
        "Why do they need to read the case?", rows=3, validators=[required("Say why they need to read it")]
    )


class AskAccessForm(OfferingForm):
    """Ask those who lead a closely held case for access."""

    reason = LongText(
        "Why do you need to read this case?",
        hint="Those who lead the case and the hub read this. Do not write anything about the child here",
        rows=4,
        validators=[required("Say why you need to read the case")],
    )


class AnswerAccessForm(OfferingForm):
    """Answer somebody who asks for access."""

    decision = Radios(
        "May they read the case?",
        choices=[
            Choice("grant", "Yes, until they are taken off"),
            Choice("refuse", "No", hint="You can tell them by phone what they need to know"),
        ],
        validators=[required("Choose whether they may read the case")],
    )
    answer = LongText(
        "Why?", hint="They read this", rows=3, validators=[required("Say why they may, or may not, read it")]
    )
