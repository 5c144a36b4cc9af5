"""Minutes on their way out: what is put right, approved, distributed, and chosen for the child and family."""

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


class PassagesForm(OfferingForm):
    """Passages of the minutes, each with a box of its own."""

    passages = Checkboxes("Passages", hint="", validators=[Optional()])
