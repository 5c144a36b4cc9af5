"""What people do with something of concern: link, add, review, end, grade, release, give it away."""

from typing import ClassVar
from uuid import UUID

from portal.policy import Policy
from portal.records.concerns.policy import Concerns
from portal.records.entries.forms import WhoReads
from portal.records.entries.vocabulary import Handling
from portal.web.choices import OfferingForm, Pairs, VersionedForm, choices, terms
from portal.web.fields import Checkboxes, DateBoxes, Hidden, LongText, PastDay, Radios, Select
from portal.web.form_layout import Reveals


class StepForm(VersionedForm):
    """A step on something as it was seen, with why."""

    words = LongText("Why?", required="Say why")


class HoldForm(StepForm):
    """Hold something closely, or as others again: the form says which, whatever was done to it meanwhile."""

    restricted = Hidden(default="")

    def mean(self, restricted: bool) -> bool:
        """What a new page means to do, or the one that was sent meant."""
        if self.said("restricted") not in {"0", "1"}:
            self.restricted.data = str(int(restricted))
        return self.said("restricted") == "1"


class HandledForm(OfferingForm):
    """Who may read something, as of an entry on a case."""

    reveals: ClassVar[Reveals] = {"handling": {Handling.AGENCIES: ("agencies",)}}

    handling = WhoReads("Everybody who sees this")
    agencies = Checkboxes("Which agencies?", small=True)

    def offer_readers(self, agencies: Pairs) -> None:
        """Set the agencies that it may be for."""
        self.offer("agencies", choices(agencies))
        self.prefill(handling=Handling.NETWORK.value)

    @property
    def listed(self) -> list[UUID]:
        """The agencies that may read it."""
        return [UUID(one) for one in self.agencies.data or ()]


class NoteForm(HandledForm):
    """What one's agency knows of it."""

    text = LongText(
        "What does your agency know?",
        hint="Leave out who the children are, and who told you",
        rows=4,
        required="Write what your agency knows",
    )
    happened_on = PastDay("When was it?", called="The date", hint="Leave it empty if you do not know")
    handling = WhoReads("Everybody who sees this")  # again: errors are listed in the order of the page
    agencies = Checkboxes("Which agencies?", small=True)


class LinkForm(HandledForm):
    """How it and a child, or it and another thing of concern, belong together."""

    other = Hidden(default="")
    role = Select("How do they belong together?", required="Choose how they belong together")
    words = LongText("What was seen or said?")
    from_on = PastDay("Since when?", called="The first day", hint="If known")
    until_on = DateBoxes("Until when?", called="The last day", hint="Leave it empty if it goes on")
    handling = WhoReads("Everybody who sees this")  # again: errors are listed in the order of the page
    agencies = Checkboxes("Which agencies?", small=True)

    def offer_roles(self, policy: Policy, kind: str, *, to_child: bool) -> None:
        """Set how something of a kind can belong to a child, or to other things."""
        self.offer("role", terms(policy.of(Concerns).roles_of(kind, to_child=to_child)))


class ReviewForm(StepForm):
    """Somebody looked, and it still holds."""

    words = LongText("What did you look at, and what did you find?", required="Say what you found")
    risk = Radios("How dangerous is it for children now?")
    review_on = DateBoxes("Look at it again by", called="The date", hint="", required="Enter the date")

    def offer_words(self, policy: Policy) -> None:
        """Set the list of the policy."""
        self.offer("risk", terms(policy.of(Concerns).risks.offered, hints=True))


class ReopenForm(StepForm):
    """It is of concern again."""

    review_on = DateBoxes("Look at it again by", called="The date", hint="", required="Enter the date")


class PoliceStatusForm(StepForm):
    """How police know a person."""

    status = Radios("How do police know this person?", required="Choose how police know them")
    words = LongText(
        "What is this based on?",
        hint="Whoever sees this person reads it. Never write a source",
        required="Say what this is based on",
    )

    def offer_words(self, policy: Policy) -> None:
        """Set the list of the policy."""
        self.offer("status", terms(policy.of(Concerns).police_statuses.offered))


class GradeForm(StepForm):
    """How reliable what is recorded is (3x5x2)."""

    source_grade = Radios("How reliable is the source?", required="Choose how reliable it is")
    information_grade = Radios("How is it known?", required="Choose how it is known")
    handling_code = Radios("How may it be handled?", required="Choose how it may be handled")
    words = LongText("Conditions, or why the grading changes", rows=2)


class ReleaseForm(OfferingForm):
    """Another agency may see it."""

    agency = Select("Which agency?", required="Choose an agency")
    reason = LongText(
        "Why do they need to know it?",
        hint="They read it, and so does everybody who sees this",
        rows=2,
        required="Say why they need to know it",
    )


class GiveForm(StepForm):
    """Another team answers for it."""

    team = Select("Which team answers for it from now on?", required="Choose a team")
    words = LongText("Why does it go to them?", rows=2, required="Say why it goes to them")
