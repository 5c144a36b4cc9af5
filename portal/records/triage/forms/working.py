"""Small forms on a form: colour, hand-over, messages, feedback, confirmations."""

from typing import ClassVar

from wtforms.validators import Optional

from portal import clock
from portal.forms.offering import OfferingForm
from portal.vocabulary import TriageColour
from portal.web.fields import Checkboxes, DateBoxes, Hidden, LongText, Radios, Text, Tick, one_of, required
from portal.web.form_layout import Group, Shown


class ColourForm(OfferingForm):
    """Another colour, with a reason."""

    colour = Radios("Which colour is right?", validators=[required("Choose a colour")])
    reason = LongText("Why?", rows=3, validators=[required("Say why the colour changes")])
    seen = Hidden()

    @property
    def seen_colour(self) -> TriageColour:
        """The colour that the page showed; green when somebody changed the page."""
        codes = {one.value for one in TriageColour}
        return TriageColour(self.seen.data) if self.seen.data in codes else TriageColour.GREEN


class HandOverForm(OfferingForm):
    """Who has the form from now on, with a note."""

    to = Radios("Who takes it on?", validators=[required("Choose who takes it on")])
    note = LongText(
        "What do they need to know?",
        hint="What you have done, and what comes next",
        rows=4,
        validators=[required("Say what your colleague needs to know")],
    )


class MessageForm(OfferingForm):
    """A message to the sender."""

    text = LongText(
        "Message to the sender",
        hint="They read it in the portal. Do not name the source or other children",
        rows=4,
        validators=[required("Write what you want to say or ask")],
    )
    asks_reply = Tick("I need an answer", hint="The form waits for the sender. The clock runs on")
    once = Hidden()


class NewChildForm(OfferingForm):
    """A child whom nobody knew yet."""

    eligibility_reason = LongText(
        "Why is this pathway the right one for somebody of 18 or over?",
        rows=2,
        validators=[Optional()],
    )


class FeedbackForm(OfferingForm):
    """What became of it, for the sender."""

    text = LongText(
        "What should the sender know?",
        hint="What happens next, and what they can do. Do not name the source or other children",
        rows=6,
        validators=[required("Write what the sender should know")],
    )


class ReopenForm(OfferingForm):
    """Decisions that were wrong."""

    decisions = Checkboxes(
        "Which decisions were wrong?", validators=[one_of("Choose which decision was wrong")]
    )
    reason = LongText(
        "What was wrong?", rows=3, validators=[required("Say what was wrong with the decision")]
    )


class ConfirmSocialCareForm(OfferingForm):
    """That the front door has a referral."""

    shown: ClassVar[Shown] = ("reference", Group("Or a call", ("call_with", "call_on", "call_time")))

    reference = Text("Reference that the front door gave", width=20)
    call_with = Text("Who took the call", hint="If there is no reference: name and role", width=30)
    call_on = DateBoxes("When did you ring?", called="The day of the call", latest=clock.today)
    call_time = Text("Time of the call", hint="For example, 14:30", width=5)


class WithdrawForm(OfferingForm):
    """Why something that was told is taken back."""

    reason = LongText("Why is it withdrawn?", rows=3, validators=[required("Say why it is withdrawn")])
