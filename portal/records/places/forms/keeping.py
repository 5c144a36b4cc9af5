"""Who could watch or act in a place, what they said, and what is known of the place."""

from uuid import UUID, uuid4

from wtforms.validators import Optional

from portal.forms.offering import OfferingForm
from portal.policy import Policy
from portal.records.places.policy import Guardianship
from portal.records.places.vocabulary import GuardianState
from portal.web.fields import Choice, DateBoxes, Hidden, LongText, Radios, Select, Text, required

_ANSWERS = (GuardianState.ASKED, GuardianState.AGREED, GuardianState.DECLINED)


class OnceForm(OfferingForm):
    """A form that makes one record, however often it is sent."""

    once = Hidden(default=lambda: str(uuid4()))

    @property
    def nonce(self) -> UUID:
        """What makes sending the page twice the same as sending it once."""
        try:
            return UUID(self.once.data or "")
        except ValueError:
            return uuid4()


class GuardianForm(OnceForm):
    """Somebody who could watch or act."""

    name = Text(
        "Who are they?",
        hint="A person, a job or an organisation. Not a child",
        validators=[required("Write who they are")],
    )
    role = Select("What are they to the place?", validators=[required("Choose who they are to the place")])
    can = LongText(
        "What could they see or do?", rows=3, validators=[required("Write what they could see or do")]
    )
    contact = Text("How are they reached?", hint="A phone number or where they are", validators=[Optional()])
    version = Hidden(default="0")

    def offer_roles(self, policy: Policy) -> None:
        """Set the list of the policy."""
        roles = policy.of(Guardianship).roles.offered
        self.offer("role", [Choice(one.code, one.label) for one in roles], prompt=True)


class NameForm(GuardianForm):
    """Naming somebody, with whether they were asked already."""

    state = Radios(
        "Were they asked?",
        choices=[Choice(one.value, one.label) for one in GuardianState],
        default=GuardianState.NOT_ASKED.value,
        validators=[required("Choose whether they were asked")],
    )
    on = DateBoxes("When?", hint="Leave this empty for today", called="The date", validators=[Optional()])


class AnswerForm(OfferingForm):
    """What somebody said."""

    state = Radios(
        "What did they say?",
        choices=[Choice(one.value, one.label) for one in _ANSWERS],
        validators=[required("Choose what they said")],
    )
    on = DateBoxes("When?", hint="Leave this empty for today", called="The date", validators=[Optional()])
    words = LongText("Anything to add?", rows=2, validators=[Optional()])
    version = Hidden(default="0")


class EndGuardianForm(OfferingForm):
    """Why somebody watches no longer."""

    words = LongText(
        "Why do they watch no longer?", rows=2, validators=[required("Say why they watch no longer")]
    )
    version = Hidden(default="0")


class FactForm(OnceForm):
    """What is known of a place."""

    kind = Radios("What is it about?", validators=[required("Choose what it is about")])
    text = LongText("What is known?", rows=4, validators=[required("Write what is known")])
    holder = Text("Whose is it?", hint="Holder of the licence, owner or landlord", validators=[Optional()])
    number = Text("Number or reference", validators=[Optional()])
    until_on = DateBoxes(
        "Until when does it hold?",
        hint="Leave this empty if it has no end",
        called="The date",
        validators=[Optional()],
    )

    def offer_kinds(self, policy: Policy) -> None:
        """Set the list of the policy."""
        facts = policy.of(Guardianship).facts.offered
        self.offer("kind", [Choice(one.code, one.label, hint=one.hint) for one in facts])


class TakeBackForm(OfferingForm):
    """Why something is no longer right."""

    words = LongText(
        "Why is it no longer right?", rows=2, validators=[required("Say why it is no longer right")]
    )
