"""The record of a meeting, on one page, and its minutes on their way out: the forms."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from wtforms import Form
from wtforms.validators import Optional, ValidationError

from portal.pathway.characters import whole_number
from portal.records.minutes.vocabulary import ActionOutcome, MeetingOutcome
from portal.vocabulary import RiskLevel
from portal.web.choices import OfferingForm, OnceForm, VersionedForm
from portal.web.fields import (
    Checkboxes,
    Choice,
    DateBoxes,
    Hidden,
    LongText,
    Radios,
    Select,
    Size,
    Text,
    Tick,
)
from portal.web.widgets import LongSelectBox

SHORT = 2_000


class MinuteForm(Form):
    """What was said under one heading. `seen` says what was shown; `seq` counts what a page sends of it."""

    words = LongText("", rows=4, size=Size.MINUTES)
    seen = Hidden(default="")
    seq = Hidden(default="")

    def __init__(self, formdata: Any, *, item: str, heading: str, **data: str) -> None:
        super().__init__(formdata, prefix=f"m-{item}-", data=data)
        self.words.label.text = heading

    @property
    def came_back(self) -> bool:
        """Whether the heading was on the page that is sent."""
        return bool(self.seen.raw_data)


class DecisionForm(Form):
    """A decision that is added: empty while nobody types one."""

    text = LongText("What was decided?")
    reason = LongText("Why?", rows=2)
    everybody = Tick("Every agency that took part agrees")
    dissenter = Select("Who does not agree?", prompt="Nobody")
    dissent = Text("Why do they not agree?")
    escalation = Text("Where does that go next?")
    once = Hidden(default="")

    @property
    def made(self) -> UUID:
        """By which the page is known when it is sent twice."""
        try:
            return UUID(self.said("once"))
        except ValueError:
            return uuid4()

    @property
    def is_begun(self) -> bool:
        """Whether somebody typed a decision, or something that belongs to one."""
        names = ("text", "reason", "everybody", "dissenter", "dissent", "escalation", "outcome")
        return any(bool(self[name].data) for name in names if name in self)

    def said(self, name: str) -> str:
        """What was typed in a field; empty for nothing."""
        return str(self[name].data or "")

    def blame(self, name: str, message: str) -> None:
        """Put what a service refused on a field."""
        field = self[name if name in self else "text"]
        field.errors = [*field.errors, message]


class ChildForm(DecisionForm):
    """What is decided on one child, with the outcome, the level and the next date."""

    outcome = Select(
        "How does the case go on?",
        choices=MeetingOutcome,
        prompt="This decision does not say",
    )
    level = Radios(
        "Which level did the meeting come to?",
        choices=RiskLevel,
        hint="A lower one holds once a second person agrees: the chair, or a manager of the lead agency",
        inline=True,
        small=True,
    )
    level_reason = LongText("Why this level?", rows=2)
    next_on = DateBoxes("When do you meet again?", called="The next date", hint="")
    next_reason = Text("If that is later than the level asks for: why?")
    rows = Hidden(default="1")

    @property
    def row_count(self) -> int:
        """How many rows for actions the page has."""
        return min(max(whole_number(self.rows.data), 1), 20)


class ActionForm(Form):
    """One action beside the decision: who does what by when."""

    what = Text("What is done?")
    owner = Select("Who does it, or tells whoever does?", prompt="Choose", widget=LongSelectBox("s"))
    external_name = Text(
        "Who does it, if they have no account?", hint="Name and role, like Fenella Gladwrack, youth worker"
    )
    due_on = DateBoxes("By when?", called="The day", hint="")
    measure = Text("How will we know that it worked?")
    category = Select("What is it for?", prompt="Choose")
    target = Select("Whom is it about?", prompt="")

    @property
    def is_begun(self) -> bool:
        """Whether somebody typed an action."""
        return bool(
            self.what.data
            or self.owner.data
            or self.external_name.data
            or self.measure.data
            or self.due_on.data
            or self.due_on.raw_data
        )

    def blame(self, name: str, message: str) -> None:
        """Put what a service refused on a field."""
        field = self[name if name in self else "what"]
        field.errors = [*field.errors, message]


class LineForm(Form):
    """A decision or an action in one line under a heading. `was` says what the page had read or sent of a
    field before, as `name=value`, as often as there is something.
    """

    was = Hidden(default="")

    def __init__(self, formdata: Any, *, line_id: str, **data: str) -> None:
        super().__init__(formdata, prefix=f"l-{line_id}-", data=data)

    def fields(self, names: Iterable[str]) -> dict[str, str]:
        """What stands in it, by name."""
        return {name: str(self[name].data or "") for name in names}

    def seen(self) -> dict[str, list[str]]:
        """By name what the page read or sent before."""
        found: dict[str, list[str]] = {}
        for one in self.was.raw_data or ():
            name, _, value = str(one).partition("=")
            found.setdefault(name, []).append(value)
        return found

    def blame(self, name: str, message: str) -> None:
        """Put what a service refused on a field."""
        field = self[name if name in self else next(iter(self)).short_name]
        field.errors = [*field.errors, message]


class ActionLineForm(LineForm):
    """Who does what by when, in one line."""

    what = Text("Action", size=Size.NOTE, label_size="")
    who = Select("Who, or who tells", prompt="Choose", widget=LongSelectBox(""))
    by = Text("By, like 18 Dec", label_size="")
    measure = Text("How we will know that it worked", size=Size.NOTE, label_size="")
    category = Select("What it is for", prompt="Choose", label_size="")
    outside = Text("Outside: name, role", size=Size.NOTE, label_size="")


class DecisionLineForm(LineForm):
    """What is decided and why, in one line."""

    text = Text("Decision", size=Size.NOTE, label_size="")
    reason = Text("Why", size=Size.NOTE, label_size="")


class ReviewForm(LineForm):
    """What a meeting hears of an action of last time, in the row of that action."""

    outcome = Select("What came of it", prompt="Choose", label_size="", choices=ActionOutcome)
    effect = Select("What effect it had", prompt="Not said", label_size="")
    words = Text("In a line", size=Size.NOTE, label_size="")


class ChangeDecisionForm(VersionedForm):
    """A decision in other words."""

    text = LongText("What was decided?", rows=4, limit=SHORT, required="Say what was decided")
    reason = LongText("Why?", limit=SHORT, required="Say why")
    outcome = Select(
        "How does the case go on?",
        choices=MeetingOutcome,
        prompt="This decision does not say",
    )

    @property
    def decided(self) -> MeetingOutcome | None:
        """How the case goes on, where the decision says. For a form that was found right."""
        return MeetingOutcome(self.outcome.data) if self.outcome.data else None


class WithdrawForm(OfferingForm):
    """Why a decision is taken back; it stands beside the decision's own form."""

    withdraw_reason = Text("Why?", required="Say why it is taken back")
    version = Hidden(default="0", id="withdraw_version")


class ReasonForm(OfferingForm):
    """A reason, for what takes one."""

    reason = Text("Why?", required="Say why")


class ClosedForm(VersionedForm):
    """A closed part."""

    about = Select("About", prompt="")
    heading = Text("What is it about?", required="Write what it is about")
    text = LongText("What was said", rows=10, size=Size.MINUTES, required="Write what was said")

    @property
    def case_id(self) -> UUID | None:
        """The case of the child that it is on. For a form that was found right."""
        return UUID(self.about.data) if self.about.data else None


class ReaderForm(OfferingForm):
    """Who reads a closed part."""

    person = Select("Who may read it?", required="Choose somebody")


class PartForm(Form):
    """One agency's part in a decision."""

    stance = Select("", prompt="Not said yet")
    words = Text("")
    escalation = Text("")
    seen = Hidden(default="")

    def __init__(self, formdata: Any, *, agency: str, name: str, **data: str) -> None:
        super().__init__(formdata, prefix=f"p-{agency}-", data=data)
        self.name = name
        self.stance.label.text = name

    def blame(self, fault: str) -> None:
        """Say on the box that is wrong what is wrong."""
        field = self.words if self.stance.data else self.stance
        field.errors = [*field.errors, f"{self.name}: {fault}"]


class SettleLevelForm(OfferingForm):
    """What a second person says to a lower level."""

    agrees = Radios(
        "Do you agree?",
        choices=[
            Choice("yes", "Yes, the lower level holds from now on"),
            Choice("no", "No, the level stays"),
        ],
        required="Say whether you agree",
    )
    reason = Text("Why not?", validators=[Optional()])

    @property
    def agreed(self) -> bool:
        """Whether they agree."""
        return bool(self.agrees.data == "yes")

    def validate_reason(self, field: Text) -> None:
        """A refusal has a reason."""
        if self.agrees.data == "no" and not (field.data or "").strip():
            raise ValidationError("Say why not")


class CorrectionForm(OnceForm):
    """What somebody asks to be put right."""

    about = Select("Which heading is it about?", prompt="The minutes as a whole")
    text = LongText(
        "What is wrong, and how should it be?",
        rows=4,
        limit=2000,
        required="Say what is wrong and how it should be",
    )

    @property
    def item_id(self) -> UUID | None:
        """The heading that it is about. For a form that was found right."""
        return UUID(self.about.data) if self.about.data else None


class SettleCorrectionForm(OfferingForm):
    """What becomes of a correction."""

    taken = Radios(
        "What becomes of it?",
        choices=[
            Choice("yes", "It is taken", hint="You then change the minutes and send another draft round"),
            Choice("no", "It is not taken"),
        ],
        required="Choose what becomes of it",
    )
    answer = LongText("Your answer", hint="Whoever asked reads it", limit=1000, validators=[Optional()])

    @property
    def is_taken(self) -> bool:
        """Whether it is taken."""
        return bool(self.taken.data == "yes")

    def validate_answer(self, field: LongText) -> None:
        """What is not taken has a reason."""
        if self.taken.data == "no" and not (field.data or "").strip():
            raise ValidationError("Say why it is not taken")


class ApproveForm(OfferingForm):
    """Approval by the chair."""

    leave_open = Tick("Corrections that nobody answered stay as notes beside the minutes")
    without = Checkboxes(
        "Approve the minutes without these corrections",
        hint="They were taken, and what they are about still reads as in the draft",
    )
    reason = LongText(
        "Why do the minutes do without them?",
        hint="It stands beside the minutes. Whoever asked for the correction is told that it does",
        limit=1000,
        validators=[Optional()],
    )

    @property
    def done_without(self) -> list[UUID]:
        """The corrections that were ticked. For a form that was found right."""
        return [UUID(one) for one in self.without.data or ()]


class CirculateForm(OfferingForm):
    """Whom of those without an account one tells of a draft oneself."""

    by_hand = Checkboxes(
        "Who has no account and do you tell yourself?",
        hint="No message reaches them. Whoever you tick is yours to tell, until you say when and how you did,"
        " or the minutes are approved",
        small=True,
    )

    @property
    def invitation_ids(self) -> list[UUID]:
        """Whose invitation was ticked. For a form that was found right."""
        return [UUID(one) for one in self.by_hand.data or ()]


class DistributeForm(OfferingForm):
    """Who receives the approved minutes."""

    to = Checkboxes("Who was invited", hint="")
    teams = Checkboxes("Teams that work on the case", hint="", find="a team")

    @property
    def invitation_ids(self) -> list[UUID]:
        """Whose invitation was ticked. For a form that was found right."""
        return [UUID(one) for one in self.to.data or ()]

    @property
    def case_teams(self) -> list[tuple[UUID, UUID]]:
        """Each case and team that was ticked. For a form that was found right."""
        pairs = (one.partition(":") for one in self.teams.data or ())
        return [(UUID(case_id), UUID(team_id)) for case_id, _, team_id in pairs]


class PassagesForm(OfferingForm):
    """Passages of the minutes, each with a box of its own."""

    passages = Checkboxes("Passages", hint="")

    @property
    def chosen(self) -> list[str]:
        """What was ticked."""
        return list(self.passages.data or ())
