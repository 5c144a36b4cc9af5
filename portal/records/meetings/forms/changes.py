"""Changing a meeting that was called, inviting more people to it, and what somebody answered by hand."""

from datetime import datetime
from typing import ClassVar

from wtforms.validators import Optional

from portal import clock
from portal.forms.offering import OfferingForm
from portal.records.meetings.forms.calls import (
    QUESTION,
    WHY,
    ChairForm,
    InviteForm,
    NoteTakerForm,
    WhenForm,
    WhereForm,
)
from portal.records.meetings.vocabulary import InvitationReply
from portal.web.fields import Choice, Hidden, LongText, Radios, required
from portal.web.form_layout import Reveals, Row, Shown


class ChangeForm(OfferingForm):
    """Why it is changed, and the version that the page was opened with."""

    reason = LongText(
        "Why?",
        hint="It is kept with the meeting",
        rows=2,
        validators=[required("Say why")],
    )
    version = Hidden(default="0")


class MoveForm(WhenForm, ChangeForm):
    """Another time."""

    shown: Shown = ("day", Row(("starts", "ends")), "reason")

    def start(self, *, starts_at: datetime, ends_at: datetime) -> None:
        """Fill in when it is now."""
        starts, ends = clock.local(starts_at), clock.local(ends_at)
        self.day.process(None, starts.date())
        self.starts.data, self.ends.data = f"{starts:%H:%M}", f"{ends:%H:%M}"


class PlaceForm(WhereForm, ChangeForm):
    """Another place or link."""

    shown: Shown = ("place", "link", "reason")


class ChangeChairForm(ChairForm, ChangeForm):
    """Somebody else chairs."""

    shown: Shown = ("chair", "chair_email", "reason")


class ChangeNoteTakerForm(NoteTakerForm, ChangeForm):
    """Somebody else takes the notes."""

    shown: Shown = ("note_taker", "note_taker_email", "reason")


class CancelForm(ChangeForm):
    """It does not take place."""


class InviteMoreForm(InviteForm):
    """Others to invite."""


class WithdrawForm(OfferingForm):
    """Why an invitation is taken back."""

    reason = LongText("Why is it withdrawn?", rows=2, validators=[required("Say why it is withdrawn")])


class ByHandForm(OfferingForm):
    """What somebody without an account answered."""

    reveals: ClassVar[Reveals] = {"reply": {InvitationReply.APOLOGIES: ("reason",)}}

    reply = Radios(
        "Do they come?",
        choices=[
            Choice(InvitationReply.COMING, "They are coming"),
            Choice(InvitationReply.APOLOGIES, "They cannot come"),
            Choice(InvitationReply.WAITING, "They have not said"),
        ],
        validators=[required("Choose whether they come")],
    )
    reason = LongText("Why can they not come?", rows=2, validators=[Optional()])
    version = Hidden(default="0")

    @property
    def answer(self) -> InvitationReply:
        """What was chosen."""
        return InvitationReply(self.said("reply"))

    @property
    def why(self) -> str:
        """Why they cannot come, where they cannot."""
        return self.said("reason") if self.answer is InvitationReply.APOLOGIES else ""


class ReportsForm(OfferingForm):
    """What those who are invited are asked."""

    question = LongText("What do you ask?", rows=3, validators=[required("Write what you ask")])
    why = LongText("Why do you ask?", rows=2, validators=[required("Say why you ask")])

    def start(self) -> None:
        """Fill in what is mostly asked."""
        self.question.data, self.why.data = QUESTION, WHY
