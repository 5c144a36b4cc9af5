"""Minutes on their way out: what is put right, approved, distributed, and chosen for the child and family."""

from uuid import UUID

from wtforms.validators import Optional, ValidationError

from portal.forms.offering import OfferingForm
from portal.web.fields import Checkboxes, Choice, Hidden, LongText, Radios, Select, Tick, required


class CorrectionForm(OfferingForm):
    """What somebody asks to be put right."""

    about = Select("Which heading is it about?", prompt="The minutes as a whole", validators=[Optional()])
    text = LongText(
        "What is wrong, and how should it be?",
        rows=4,
        limit=2000,
        validators=[required("Say what is wrong and how it should be")],
    )
    once = Hidden()

    @property
    def item_id(self) -> UUID | None:
        """The heading that it is about. For a form that was found right."""
        return UUID(self.about.data) if self.about.data else None

    @property
    def nonce(self) -> UUID | None:
        """What makes sending the page twice the same as sending it once."""
        try:
            return UUID(self.said("once"))
        except ValueError:
            return None


class SettleForm(OfferingForm):
    """What becomes of a correction."""

    taken = Radios(
        "What becomes of it?",
        choices=[
            Choice("yes", "It is taken", hint="You then change the minutes and send another draft round"),
            Choice("no", "It is not taken"),
        ],
        validators=[required("Choose what becomes of it")],
    )
    answer = LongText(
        "Your answer", hint="Whoever asked reads it", rows=3, limit=1000, validators=[Optional()]
    )

    @property
    def is_taken(self) -> bool:
        """Whether it is taken."""
        return bool(self.taken.data == "yes")

    def validate_answer(self, field: LongText) -> None:
        """What is not taken has a reason."""
        if self.taken.data == "no" and not (field.data or "").strip():
            raise ValidationError("Say why it is not taken")


class SendForm(OfferingForm):
    """A button alone."""


class ApproveForm(OfferingForm):
    """Approval by the chair."""

    leave_open = Tick("Corrections that nobody answered stay as notes beside the minutes")


class DistributeForm(OfferingForm):
    """Who receives the approved minutes."""

    to = Checkboxes("Who was invited", hint="", validators=[Optional()])
    teams = Checkboxes("Teams that work on the case", hint="", validators=[Optional()])

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

    passages = Checkboxes("Passages", hint="", validators=[Optional()])

    @property
    def chosen(self) -> list[str]:
        """What was ticked."""
        return list(self.passages.data or ())
