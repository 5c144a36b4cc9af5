"""What a coordinator fills in: working on a form, deciding what is on it, telling agencies, finishing."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, ClassVar, cast
from uuid import UUID

from portal.pathway.references import Prefix, read_reference
from portal.policy import Policy
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.intelligence.forms import offer_grades
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import DecisionOutcome, Sensitivity, SubjectKind, TriageColour
from portal.web.choices import OfferingForm, Picker, choices, in_words, terms
from portal.web.error_summary import Group, Shown
from portal.web.fields import (
    Checkboxes,
    Choice,
    Hidden,
    LongText,
    PastDay,
    Radios,
    Select,
    Text,
    Tick,
    one_of,
)

_HELD = {
    Sensitivity.NORMAL: "The teams that work on the case read it",
    Sensitivity.RESTRICTED: "Only the hub and named people read it. Teams see that it exists",
    Sensitivity.SEALED: "Only named people read it. Nobody else learns that it exists",
}


class StartingForm(OfferingForm):
    """A step that may start the record of a child."""

    takes = Checkboxes(
        "What goes onto the record that is started?",
        hint="It stands there as the sender’s words, and everybody who works with the child reads it",
        small=True,
        validate_choice=False,  # of a child for whom a record was started meanwhile nothing goes over
    )

    others = Checkboxes(
        "Which of these known children is it not?",
        hint="A record is started once each is ticked. If it is one of them, say so on the form instead",
        small=True,
        validate_choice=False,  # whom it resembles is looked for again when it is sent
    )

    def offer_others(self, found: Sequence[tuple[str, str]]) -> None:
        """Offer the known children whom it resembles; ask nothing where it resembles nobody."""
        self.offer("others", choices(found))
        if not found:
            del self.others

    @property
    def not_these(self) -> frozenset[str]:
        """The references of the known children that it is not."""
        return frozenset(self.others.data or ()) if "others" in self else frozenset()

    def offer_to_take(self, found: Sequence[tuple[str, str]], *, ticked: bool) -> None:
        """Offer what a form says of how children are reached; ask nothing where it says nothing.

        Args:
            ticked: whether it goes over unless somebody unticks it: where it is decided who reads the form.
        """
        self.offer("takes", choices(found))
        self.prefill(takes=[code for code, _ in found] if ticked else [])
        if not found:
            del self.takes

    @property
    def taken(self) -> frozenset[str]:
        """The codes of what goes over."""
        return frozenset(self.takes.data or ()) if "takes" in self else frozenset()


class DecideForm(StartingForm):
    """Everything that a decision may need; most of it only for one outcome."""

    about = Checkboxes("What is it about?", hint="", small=True)
    outcomes = Checkboxes("What do you decide?", small=True, validators=[one_of("Choose what you decide")])
    reason = LongText(
        "Why?",
        hint="Where a case is opened or reopened, everybody who ever works on it reads this, in print too:"
        " name no other child and no source. Else whoever triages the form reads it",
        required="Give the reason for the decision",
    )
    # opening a case
    lead_team = Select("Which team leads?", prompt="Choose a team")
    lead_email = Picker(
        "Lead professional",
        hint="By name, job, team or work e-mail address, if you know who it is. A sealed case needs one",
    )
    sensitivity = Radios(
        "How is the case to be held?",
        choices=[Choice(str(int(one)), one.label, hint=_HELD[one]) for one in Sensitivity],
        small=True,
    )
    sensitivity_reason = Text("Why is it held more closely?", hint="If the type alone does not say so")
    eligibility_reason = Text("Why is this pathway right for somebody of 18 or over?")
    # what goes onto a case
    case_reference = Picker(
        "Whose case does it go onto?",
        of="cases",
        hint="The child’s name or date of birth, or the reference of the case",
        nobody="You see no such case. Try another spelling, or the reference, like CRE-7KQ2-9XWD",
        which="Choose the child whose case it is",
        reads=partial(read_reference, prefix=Prefix.CASE),
    )
    handling = Radios(
        "Who may read it on the case?",
        choices=(Handling.NETWORK, Handling.OWN),
        default=Handling.NETWORK.value,
        small=True,
    )
    family_safe = Radios(
        "May the family be told these words?",
        choices=FamilySafe,
        default=FamilySafe.ASK.value,
        small=True,
    )
    # other outcomes
    authority = Radios(
        "Whose social care?",
        hint="Beside your words they read gender, address, school and phone as the form has them, ticked"
        " or not: nothing of it where the form is graded, nor what is held back or says something of the"
        " source or of somebody else on the form. Once you have decided, the page says what was left out."
        " Ring them about that",
        small=True,
    )
    district = Select("Which district’s panel?", prompt="Choose a district")
    duplicate_of = Picker(
        "Which other form?",
        of="forms",
        hint="The name or date of birth of a child who is known on it, or its reference, like REF-7KQ2-9XWD",
        nobody="No form that you see is on such a child. Try another spelling, or the reference of the form",
        which="Choose the form that you mean",
        reads=partial(read_reference, prefix=Prefix.REFERRAL),
    )
    # intelligence
    nature = Radios(
        "What sort of information is it?",
        choices=InformationNature,
        default=InformationNature.CONCERN.value,
        small=True,
    )
    source_grade = Radios("The source", small=True)
    information_grade = Radios("The information", small=True)
    handling_code = Radios("Handling", small=True)
    grading_codes = Checkboxes("Under what conditions?", hint="", small=True)
    grading_conditions = Text("Other conditions")
    sanitised_text = LongText(
        "Words that others may see",
        hint="They start as a copy of what happened. Take out whatever points to the source",
        rows=5,
    )
    tell_sender = LongText(
        "What should the sender know?",
        hint="Sent, below what was decided, when nothing else on the form is left to decide. Until then it is"
        " kept, and stands here with the next decision",
        rows=4,
    )
    read = Tick("I have read the words: they give nobody away who must not be named")
    seen = Hidden()

    @property
    def positions(self) -> list[int]:
        """The places on the form of what is decided."""
        return [int(value) for value in self.about.data or ()]

    @property
    def chosen(self) -> list[DecisionOutcome]:
        """The outcomes that were ticked."""
        return [DecisionOutcome(value) for value in self.outcomes.data or ()]

    @property
    def seen_decisions(self) -> frozenset[UUID]:
        """The decisions that stood on the page."""
        try:
            return frozenset(UUID(one) for one in (self.seen.data or "").split(",") if one)
        except ValueError:
            return frozenset()

    def words(self, position: int) -> Any:
        """The box for the words about what stands at a place of the form; none when it has no box."""
        return self._fields.get(f"words_{position}")

    def offer_policy(self, policy: Policy) -> None:
        """Offer what the policy lists."""
        self.offer("authority", terms(policy.areas.authorities.offered, hints=True))
        self.offer("district", terms(policy.areas.districts.offered, hints=True))
        offer_grades(self, policy)
        self.offer("grading_codes", terms(policy.sharing.conditions.offered))

    def keep_from(self, agency: str, *, is_known: bool) -> None:
        """Offer, of a form for a colleague, who reads the words but the sender's agency; where nobody knows
        which that is, the hub alone or everybody.
        """
        others = Choice(
            Handling.AGENCIES,
            f"Everyone working on this case now, but nobody of {agency}",
            hint="Agencies that join later do not read it until the hub lets them",
        )
        mine = Choice(Handling.OWN, Handling.OWN.label)
        all_ = Choice(Handling.NETWORK, Handling.NETWORK.label, hint=f"{agency} too, where it works on it")
        self.offer("handling", [others, mine, all_] if is_known else [mine, all_])
        self.handling.default = Handling.AGENCIES if is_known else Handling.OWN

    @property
    def readers(self) -> Handling:
        """Who may read the words on the case; as the page begins, where nothing was sent."""
        return Handling(self.handling.data or self.handling.default or Handling.NETWORK)

    def offer_outcomes(self, policy: Policy, kinds: Iterable[SubjectKind]) -> None:
        """Offer the outcomes that fit at least one kind of what is on the form."""
        wanted = {rule.outcome for kind in kinds for rule in policy.decisions.outcomes_for(kind)}
        self.offer(
            "outcomes",
            [
                Choice(rule.code, rule.label, hint=rule.hint, exclusive=rule.stands_alone)
                for rule in policy.decisions.outcomes.offered
                if rule.outcome in wanted
            ],
        )


def decide_form(words: Sequence[tuple[int, str]], **start: Any) -> DecideForm:
    """The form with a box for the words about each child (or thing) that a case may get.

    Args:
        words: places on the form, each with the label of its box.
        start: what the fields say at first.
    """
    boxes = {
        f"words_{position}": LongText(
            label,
            hint="What agencies on the case read, and social care if you refer. Never who told the sender",
            rows=6,
        )
        for position, label in words
    }
    made = type("DecideFormWithWords", (DecideForm,), boxes)
    return cast(DecideForm, made(data=start))


class ColourForm(OfferingForm):
    """Another colour, with a reason."""

    colour = Radios("Which colour is right?", required="Choose a colour")
    reason = LongText("Why?", required="Say why the colour changes")
    seen = Hidden()

    @property
    def seen_colour(self) -> TriageColour:
        """The colour that the page showed; green when somebody changed the page."""
        codes = {one.value for one in TriageColour}
        return TriageColour(self.seen.data) if self.seen.data in codes else TriageColour.GREEN


class HandOverForm(OfferingForm):
    """Who has the form from now on, with a note."""

    to = Radios("Who takes it on?", required="Choose who takes it on")
    note = LongText(
        "What do they need to know?",
        hint="What you have done, and what comes next",
        rows=4,
        required="Say what your colleague needs to know",
    )


class SeenForm(OfferingForm):
    """What is done on a form as its page was opened: `seen` is the newest message of the sender on it."""

    seen = Hidden()


class MessageForm(SeenForm):
    """A message to the sender."""

    text = LongText(
        "Message to the sender",
        hint="With an account they read it in the portal; anybody else you tell yourself. Do not name the "
        "source or other children",
        rows=4,
        required="Write what you want to say or ask",
    )
    asks_reply = Tick("I need an answer", hint="The form waits for the sender. The clock runs on")
    once = Hidden()


class NewChildForm(StartingForm):
    """A child whom nobody knew yet."""

    eligibility_reason = LongText(
        "Why is this pathway the right one for somebody of 18 or over?",
        rows=2,
    )


#: What became of it, for the sender.
FeedbackForm = in_words(
    OfferingForm,
    "text",
    "What should the sender know?",
    hint="What happens next, and what they can do. Do not name the source or other children",
    rows=6,
    required="Write what the sender should know",
)


class ReopenForm(OfferingForm):
    """Decisions that were wrong."""

    decisions = Checkboxes(
        "Which decisions were wrong?", validators=[one_of("Choose which decision was wrong")]
    )
    reason = LongText("What was wrong?", required="Say what was wrong with the decision")


class ConfirmSocialCareForm(OfferingForm):
    """That the front door has a referral, and whom the hub rang."""

    shown: ClassVar[Shown] = ("reference", Group("Or a call", ("call_with", "call_on", "call_time")))

    reference = Text("Reference that the front door gave", width=20)
    call_with = Text("Who took the call", hint="If there is no reference: name and role", width=30)
    call_on = PastDay("When did you ring?", called="The day of the call")
    call_time = Text("Time of the call", hint="For example, 14:30", width=5)


class SocialCareAnswerForm(OfferingForm):
    """What a front door has decided."""

    outcome = Radios("What did social care decide?", required="Choose what was decided")
    words = LongText(
        "What should the sender of the information know?",
        hint="They read the decision and these words. Do not name other children",
        rows=4,
    )

    def offer_policy(self, policy: Policy) -> None:
        """Offer what the policy lists."""
        self.offer("outcome", terms(policy.decisions.social_care_outcomes.offered, hints=True))


class WithdrawForm(OfferingForm):
    """Why something that was told is taken back."""

    reason = LongText("Why is it withdrawn?", required="Say why it is withdrawn")
