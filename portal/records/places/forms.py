"""Who could watch or act in a place, what is known of it, and a contact in the directory: the forms."""

from collections.abc import Collection

from portal.policy import Policy
from portal.records.places.policy import DirectoryRules, Guardianship
from portal.records.places.rules import Contact
from portal.records.places.vocabulary import GuardianState
from portal.vocabulary import Sector
from portal.web.choices import OfferingForm, OnceForm, VersionedForm, in_words, terms
from portal.web.fields import (
    DateBoxes,
    Email,
    LongText,
    Phone,
    Radios,
    Select,
    Text,
)

_ANSWERS = (GuardianState.ASKED, GuardianState.AGREED, GuardianState.DECLINED)


class GuardianForm(OnceForm, VersionedForm):
    """Somebody who could watch or act."""

    name = Text(
        "Who are they?", hint="A person, a job or an organisation. Not a child", required="Write who they are"
    )
    role = Select("What are they to the place?", required="Choose who they are to the place")
    can = LongText("What could they see or do?", required="Write what they could see or do")
    contact = Text("How are they reached?", hint="A phone number or where they are")

    def offer_roles(self, policy: Policy) -> None:
        """Set the list of the policy."""
        roles = policy.of(Guardianship).roles.offered
        self.offer("role", terms(roles))


class NameForm(GuardianForm):
    """Naming somebody, with whether they were asked already."""

    state = Radios(
        "Were they asked?",
        choices=GuardianState,
        default=GuardianState.NOT_ASKED.value,
        required="Choose whether they were asked",
    )
    on = DateBoxes("When?", hint="Leave this empty for today", called="The date")


class AnswerForm(VersionedForm):
    """What somebody said."""

    state = Radios(
        "What did they say?",
        choices=_ANSWERS,
        required="Choose what they said",
    )
    on = DateBoxes("When?", hint="Leave this empty for today", called="The date")
    words = LongText("Anything to add?", rows=2)


#: Why somebody watches no longer.
EndGuardianForm = in_words(
    VersionedForm, "words", "Why do they watch no longer?", rows=2, required="Say why they watch no longer"
)


class FactForm(OnceForm):
    """What is known of a place."""

    kind = Radios("What is it about?", required="Choose what it is about")
    text = LongText("What is known?", rows=4, required="Write what is known")
    holder = Text("Whose is it?", hint="Holder of the licence, owner or landlord")
    number = Text("Number or reference")
    until_on = DateBoxes(
        "Until when does it hold?", hint="Leave this empty if it has no end", called="The date"
    )

    def offer_kinds(self, policy: Policy) -> None:
        """Set the list of the policy."""
        facts = policy.of(Guardianship).facts.offered
        self.offer("kind", terms(facts, hints=True))


#: Why something is no longer right.
TakeBackForm = in_words(
    OfferingForm, "words", "Why is it no longer right?", rows=2, required="Say why it is no longer right"
)


class ContactForm(OnceForm, VersionedForm):
    """Whom to ask, for what, and how."""

    role = Select("What are they asked for?", required="Choose what they are asked for")
    district = Select("Which district?", required="Choose the district")
    name = Text("Name of the person or team", required="Write the name of the person or team")
    job = Text("Job")
    phone = Phone("Work phone")
    email = Email("Work e-mail address")
    hours = Text("When are they there?", hint="Such as Monday to Friday, 9 to 5")
    words = LongText("Anything else that helps", hint="Such as who stands in", rows=2)

    def offer_places(self, policy: Policy, sector: Sector, districts: Collection[str]) -> None:
        """Set the roles of the sector, and the districts of the agency; all, where it names none."""
        roles = policy.of(DirectoryRules).roles_of(sector)
        self.offer("role", terms(roles))
        offered = [one for one in policy.areas.districts.offered if not districts or one.code in districts]
        self.offer("district", terms(offered))

    @property
    def contact(self) -> Contact:
        """What was said. For a form that was found right."""
        return Contact(**{name: self.said(name) for name in Contact.__dataclass_fields__})
