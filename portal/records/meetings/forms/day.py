"""Changing a meeting that was called, preparing it, and recording its day."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from markupsafe import Markup
from wtforms import Form
from wtforms.validators import Optional, ValidationError

from portal import clock
from portal.pathway.characters import whole_number
from portal.records.meetings.forms.calling import (
    ChairForm,
    ElsewhereForm,
    LearnsForm,
    MeetingTime,
    NoteTakerForm,
    WhenForm,
    WhereForm,
)
from portal.records.meetings.vocabulary import Attendance, InvitationReply
from portal.web.choices import OfferingForm, Picker, VersionedForm, clock_words
from portal.web.error_summary import Reveals, Row, Shown
from portal.web.fields import Checkboxes, Choice, Hidden, LongText, PastDay, Radios, Select, Text, Tick

_MORE = Markup('More<span class="govuk-visually-hidden"> about {}</span>')


class PaperForm(Form):
    """What is said of one paper."""

    mark = Radios(
        "",
        choices=[
            Choice("there", "It is there"),
            Choice("missing", "Not there yet"),
            Choice("not_needed", "Not needed"),
        ],
        required="Choose whether it is there",
        small=True,
    )
    reason = Text("Why is it not needed?")
    seen = Hidden(default="")
    version = Hidden(default="0")

    def __init__(self, formdata: Any, *, kind: str, label: str, **data: str) -> None:
        super().__init__(formdata, prefix=f"{kind}-", data=data)
        self.kind = kind
        self.mark.label.text = label

    def validate_reason(self, field: Text) -> None:
        """A paper that is not needed has a reason."""
        if self.mark.data == "not_needed" and not (field.data or "").strip():
            raise ValidationError("Say why it is not needed")

    @property
    def seen_version(self) -> int:
        """The version of what was shown; 0 for one that makes no sense."""
        return whole_number(self.version.data)


class HeadingForm(VersionedForm):
    """A heading of the agenda."""

    heading = Text(
        "Heading",
        hint="The invited read it too, so leave out what they should not know yet",
        required="Write the heading",
    )


class NewHeadingForm(HeadingForm):
    """A new one, and on which child it is."""

    about = Select("About", prompt="")

    @property
    def case_id(self) -> UUID | None:
        """The case of the child that it is on. For a form that was found right."""
        return UUID(self.about.data) if self.about.data else None


class AttendanceForm(Form):
    """How one person took part."""

    attendance = Select("", choices=Attendance, prompt="Not marked yet")
    note = Text("")
    seen = Hidden(default="")
    seen_note = Hidden(default="")

    def __init__(self, formdata: Any, *, invitation: str, name: str, hint: str, **data: str) -> None:
        super().__init__(formdata, prefix=f"{invitation}-", data=data)
        self.name = name
        self.attendance.label.text = name
        self.attendance.description = hint
        self.note.label.text = _MORE.format(name)

    @property
    def came_back(self) -> bool:
        """Whether the person was on the page that is sent."""
        return self.seen.raw_data is not None and bool(self.seen.raw_data)

    def blame(self, fault: str) -> None:
        """Say on the box that is wrong what is wrong."""
        field = self.attendance if not self.attendance.data else self.note
        field.errors = [*field.errors, f"{self.name}: {fault}"]


class DayForm(OfferingForm):
    """What goes for everybody, and what is done about a sector that is missing."""

    rest = Tick(
        "Everybody whom I have not marked was there",
        hint="Of a team that was invited without a name, say beside it who came",
    )
    quorum = Radios(
        "Somebody whom the meeting needs is missing. What do you do?",
        choices=[
            Choice("held", "The meeting is held all the same"),
            Choice(
                "not_quorate",
                "It does not go ahead without them",
                hint="Who came is kept. You then move the meeting or cancel it",
            ),
        ],
    )
    quorum_reason = LongText("Why is it held without them?", rows=2, limit=500)
    began = MeetingTime("If it began earlier, when?", validators=[Optional()])
    ended = MeetingTime(
        "If it did not end as planned, when did it end?",
        hint="Empty: as planned, or now where that is earlier",
        validators=[Optional()],
    )
    plans_end = Checkboxes("Which safety plans end with this meeting?", hint="")
    item = Text("What is the new item?")
    item_after = Select(
        "After which item?", prompt="At the end", hint="It is about the same child as that one"
    )

    @property
    def times(self) -> dict[str, Any]:
        """When it began and ended, where that was not as planned."""
        return {
            name: box.time_of_day if box.data else None
            for name, box in (("began", self.began), ("ended", self.ended))
        }

    @property
    def after(self) -> UUID | None:
        """The item after which the new one stands. For a form that was found right."""
        return UUID(self.item_after.data) if self.item_after.data else None

    @property
    def goes_ahead(self) -> bool:
        """Whether the meeting is held, whoever is missing."""
        return bool(self.quorum.data != "not_quorate")


class WalkInForm(OfferingForm):
    """Somebody who came without an invitation."""

    reveals: ClassVar[Reveals] = {
        "account": {"yes": ("email", "role"), "no": ("outside", "organisation", "outside_role")}
    }

    account = Radios(
        "Do they have an account here?",
        legend_size="m",
        choices=[Choice("yes", "Yes"), Choice("no", "No")],
        required="Say whether they have an account",
    )
    email = Picker("Name or work e-mail address")
    role = Select("They came as")
    outside = Text("Name", width=30)
    organisation = Text("Agency or organisation, if any", width=30)
    outside_role = Select("They came as")

    def validate_email(self, field: Picker) -> None:
        """Somebody with an account is named by address."""
        if self.has_account and not (field.data or "").strip():
            raise ValidationError("Enter their name or work e-mail address")

    def validate_role(self, field: Select) -> None:
        """They came as something."""
        if self.has_account and not field.data:
            raise ValidationError("Choose as what they came")

    def validate_outside(self, field: Text) -> None:
        """Somebody without an account is named."""
        if self.account.data == "no" and not (field.data or "").strip():
            raise ValidationError("Enter their name")

    def validate_outside_role(self, field: Select) -> None:
        """They came as something."""
        if self.account.data == "no" and not field.data:
            raise ValidationError("Choose as what they came")

    @property
    def has_account(self) -> bool:
        """Whether they read the portal."""
        return bool(self.account.data == "yes")

    @property
    def whom(self) -> str:
        """Somebody without an account, with where they come from."""
        return ", ".join(one for one in (self.said("outside"), self.said("organisation")) if one)


class HandoutForm(OfferingForm):
    """What somebody without an account was handed."""

    to = Radios("Who was it handed to?", required="Choose who it was handed to")
    children = Checkboxes("Which child is it about?", hint="")
    issue = Radios("Was it a version of the minutes?")
    what = LongText(
        "What was it?",
        hint="Name the paper, or say what was explained. The words are part of the record of the child",
        limit=500,
    )
    way = Radios("How?", required="Choose how it was handed over")
    on = PastDay("When?", required="Enter the day")

    def validate_what(self, field: LongText) -> None:
        """Something was handed over: a version of the minutes, or what is named here."""
        if not self.issue.data and not (field.data or "").strip():
            raise ValidationError("Say what was handed over")


class ChangeForm(VersionedForm):
    """Why it is changed, and the version that the page was opened with."""

    reason = LongText("Why?", hint="It is kept with the meeting", rows=2, required="Say why")


class MoveForm(WhenForm, ElsewhereForm, ChangeForm):
    """Another time."""

    shown: Shown = ("day", Row(("starts", "ends")), "all_the_same", "reason")

    def start(self, *, starts_at: datetime, ends_at: datetime) -> None:
        """Fill in when it is now."""
        self.prefill(
            day=clock.local(starts_at).date(), starts=clock_words(starts_at), ends=clock_words(ends_at)
        )


class PlaceForm(WhereForm, ChangeForm):
    """Another place or link."""

    shown: Shown = ("place", "link", "reason")


class ChangeChairForm(ChairForm, ElsewhereForm, LearnsForm, ChangeForm):
    """Somebody else chairs."""

    shown: Shown = ("chair", "chair_email", "all_the_same", "may_know", "reason")


class ChangeNoteTakerForm(NoteTakerForm, LearnsForm, ChangeForm):
    """Somebody else takes the notes."""

    shown: Shown = ("note_taker", "note_taker_email", "may_know", "reason")


class WithdrawForm(OfferingForm):
    """Why an invitation is taken back."""

    reason = LongText("Why is it withdrawn?", rows=2, required="Say why it is withdrawn")


class ByHandForm(VersionedForm):
    """What somebody without an account answered."""

    reveals: ClassVar[Reveals] = {"reply": {InvitationReply.APOLOGIES: ("reason",)}}

    reply = Radios(
        "Do they come?",
        choices=[
            Choice(InvitationReply.COMING, "They are coming"),
            Choice(InvitationReply.APOLOGIES, "They cannot come"),
            Choice(InvitationReply.WAITING, "They have not said"),
        ],
        required="Choose whether they come",
    )
    reason = LongText("Why can they not come?", rows=2)

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

    question = LongText("What do you ask?", required="Write what you ask")
    why = LongText("Why do you ask?", rows=2, required="Say why you ask")
