"""What a plan says, giving an action, and saying how one goes."""

from datetime import timedelta
from uuid import UUID

from wtforms.validators import ValidationError

from portal import clock
from portal.policy import Policy
from portal.records.entries.vocabulary import Handling
from portal.records.plans.rules import NO_EXTERNAL, External
from portal.records.plans.vocabulary import ActionPriority
from portal.web.choices import OfferingForm, OnceForm, Pairs, Picker, VersionedForm, choices, in_words, terms
from portal.web.fields import (
    Checkboxes,
    Choice,
    DateBoxes,
    LongText,
    Radios,
    Select,
    Size,
    Text,
    Tick,
)


class SayForm(OfferingForm):
    """What a part of the plan says."""

    text = LongText("What does the plan say?", rows=5, required="Write what the plan says")

    @property
    def nobody_asked(self) -> bool:
        """Whether nobody could ask the child, where that is asked."""
        return "not_obtained" in self and bool(self["not_obtained"].data)


class GoalForm(SayForm):
    """The child's own goal, or why nobody could ask."""

    text = LongText(
        "What does the child want?",
        hint="In the child’s own words. If nobody could ask, say why not and tick the box",
        rows=4,
        required="Write what the child wants, or why nobody could ask",
    )
    not_obtained = Tick("Nobody could ask the child")


def _owner_field() -> Select:
    return Select(
        "Who does it?",
        hint="A person, or a team that decides who does it",
        prompt="Choose, or look somebody up below",
    )


def _somebody_else() -> Picker:
    return Picker(
        "Or somebody else",
        hint="By name, job, team or work e-mail address. "
        "They learn who the child is and what you write here, and nothing else of the case",
    )


def _external_name() -> Text:
    return Text(
        "Name of somebody without an account who does it",
        hint="Whoever you chose above then tells them, and says here how it goes. No e-mail names them",
        size=Size.NAME,
    )


def _external_role() -> Text:
    return Text("What they are, or their organisation", hint="For example, youth worker", size=Size.NAME)


class OwnerForm(OfferingForm):
    """Whose an action is."""

    owner = _owner_field()
    email = _somebody_else()
    external_name = _external_name()
    external_role = _external_role()

    @property
    def external(self) -> External:
        """Who does it without an account, as it was typed; nobody where that is not asked."""
        if "external_name" not in self:
            return NO_EXTERNAL
        return External(self.said("external_name"), self.said("external_role"))

    def offer_owners(self, people: Pairs, teams: Pairs) -> None:
        """Set who can be chosen."""
        found = [
            *(Choice(f"person:{value}", label) for value, label in people),
            *(Choice(f"team:{value}", label) for value, label in teams),
        ]
        self.offer("owner", found)

    def validate_owner(self, field: Select) -> None:
        """One of the two, and not both."""
        if bool(field.data) == bool(self.said("email")):
            raise ValidationError(
                "Choose who does it, or look somebody up, not both" if field.data else "Choose who does it"
            )

    @property
    def chosen(self) -> tuple[str, UUID | None]:
        """What was chosen: `person` or `team` with its identifier, or nothing."""
        kind, _, value = self.said("owner").partition(":")
        return kind, UUID(value) if value else None


class GiveForm(OwnerForm, OnceForm):
    """An action."""

    what = LongText(
        "What is to be done?",
        hint="One thing that somebody can do and say that it is done. Whoever does it reads these words",
        required="Write what is to be done",
    )
    owner = _owner_field()  # again, so that errors are listed in the order of the page
    email = _somebody_else()
    external_name = _external_name()
    external_role = _external_role()
    due_on = DateBoxes("By when?", called="The date", hint="", required="Enter by when")
    measure = LongText(
        "How will we know that it worked?", rows=2, required="Write how we will know that it worked"
    )
    category = Radios("What is it for?", required="Choose what it is for")
    target = Radios("Who or what is it about?", required="Choose who or what it is about")
    priority = Radios(
        "How much does it matter that it is done soon?",
        choices=ActionPriority,
        required="Choose how much it matters",
    )
    support = Checkboxes(
        "Which other agencies help?",
        hint="They are named on the action. They are told nothing and see nothing by it",
        small=True,
        find="an agency",
    )

    def offer_words(self, policy: Policy, agencies: Pairs) -> None:
        """Set the lists of the policy, and the agencies that may help."""
        self.offer("category", terms(policy.plans.categories.offered, hints=True))
        self.offer("target", terms(policy.plans.targets.offered))
        self.offer("support", choices(agencies))

    def start(self) -> None:
        """Fill in what a new page begins with."""
        self.prefill(due_on=clock.today() + timedelta(days=14), priority=ActionPriority.NORMAL.value)

    @property
    def supporting(self) -> list[UUID]:
        """The agencies that help."""
        return [UUID(one) for one in self.support.data or ()]


class GiveOnConcernForm(GiveForm):
    """An action on a place or person of concern: its kind is what it is about."""

    target = None  # type: ignore[assignment]  # WTForms takes a field away by None
    external_name = None  # type: ignore[assignment]  # nobody without an account does anything about one
    external_role = None  # type: ignore[assignment]  # likewise
    email = Picker(
        "Or somebody else",
        hint="By name, job, team or work e-mail address. Whoever does not see this reads only what you write",
    )
    means = Radios("How is it done?")

    def offer_words(self, policy: Policy, agencies: Pairs, kind: str = "") -> None:
        """Set the lists of the policy, and the agencies that may help."""
        plans = policy.plans
        self.offer("category", terms(plans.categories.offered, hints=True))
        means = [one for one in plans.means.offered if not one.kinds or kind in one.kinds]
        self.offer("means", terms(means, hints=True))
        self.offer("support", choices(agencies))


class NoteForm(OfferingForm):
    """How an action goes."""

    text = LongText("How does it go?", required="Write how it goes")
    handling = Radios(
        "Who may read it?",
        choices=Handling,
        required="Choose who may read it",
    )
    agencies = Checkboxes("Which agencies?", small=True, find="an agency")

    @property
    def listed(self) -> list[UUID]:
        """The agencies that may read it."""
        return [UUID(one) for one in self.agencies.data or ()]

    def offer_readers(self, agencies: Pairs) -> None:
        """Set the agencies that a note may be for; without any that answer is not offered."""
        pairs = list(agencies)
        self.offer("agencies", choices(pairs))
        if not pairs:
            kept = [one for one in Handling if one is not Handling.AGENCIES]
            self.offer("handling", kept)
        self.prefill(handling=Handling.NETWORK.value)


#: What was done.
DoneForm = in_words(VersionedForm, "words", "What was done?", required="Write what was done")


#: Why it cannot go on.
BlockForm = in_words(
    VersionedForm,
    "words",
    "Why can it not go on?",
    hint="Whoever gave it and the lead professional are told",
    required="Say why it is blocked",
)


#: Why it is no longer needed.
NotNeededForm = in_words(
    VersionedForm, "words", "Why is it no longer needed?", required="Say why it is no longer needed"
)


#: What sees to it instead.
CoveredForm = in_words(
    VersionedForm,
    "words",
    "Which other plan sees to it?",
    hint="For example the child protection plan, and who leads it",
    rows=2,
    required="Say which plan sees to it",
)


class MoveForm(VersionedForm):
    """Another date."""

    due_on = DateBoxes("By when now?", called="The date", hint="", required="Enter by when")
    words = LongText(
        "Why does the date move?",
        hint="The first date stays on record",
        rows=2,
        required="Say why the date moves",
    )


class HandOverForm(OwnerForm, VersionedForm):
    """Another owner."""

    words = LongText("Why does it go to somebody else?", rows=2, required="Say why it goes to somebody else")


class EffectForm(VersionedForm):
    """What came of it."""

    effect = Radios("What came of it?", required="Choose what came of it")
    words = LongText("What did you see?")

    def offer_effects(self, policy: Policy) -> None:
        """Set the list of the policy."""
        self.offer("effect", terms(policy.plans.effects.offered))


class ConfirmForm(EffectForm):
    """A second person says that it is done, and perhaps what came of it."""

    effect = Radios("What came of it?", hint="Leave this open if it is too soon to say")
    words = LongText("Anything to add?", rows=2)
