"""Forms about a shared case: who is on it, who leads it, how closely it is held, its alerts and its dates."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, ClassVar

from portal.vocabulary import Sensitivity
from portal.web.choices import ClockTime, OfferingForm, Pairs, Picker, VersionedForm, choices, in_words
from portal.web.error_summary import Reveals
from portal.web.fields import Checkboxes, Choice, DateBoxes, Hidden, LongText, Radios, Select, Text, one_of


class AlertForm(OfferingForm):
    """Put an alert at the head of a case."""

    reveals: ClassVar[Reveals] = {"child_told": {"no": ("told_reason",)}}

    kind = Radios("What kind of alert is it?", required="Choose the kind of alert")
    text = LongText(
        "What must people know, and do?",
        hint="It stands at the head of the case’s pages and prints and of its meetings, for those who read "
        "the case, and not on those of its questions. Whoever is only invited has none before the minutes, "
        "and whoever only has an action none: tell them what they must know. Do not write an address or "
        "phone number that must not be disclosed.",
        limit=500,
        required="Say what people must know",
    )
    owner = Select(
        "Who answers for it?", hint="Somebody who works on this case", required="Choose who answers for it"
    )
    review_on = DateBoxes("Review it by", hint="For example, 27 3 2027", called="The review date", asked=True)
    child_told = Radios(
        "Does the child know of this alert?",
        choices=[Choice("yes", "Yes"), Choice("no", "No")],
        required="Choose whether the child knows of it",
    )
    told_reason = Text("Why not?")


class AlertReviewForm(VersionedForm):
    """Keep an alert until another day."""

    owner = Select("Who answers for it?", required="Choose who answers for it")
    review_on = DateBoxes(
        "Review it again by", hint="For example, 27 3 2027", called="The review date", asked=True
    )


class DueDateForm(OfferingForm):
    """When a duty is due from now on."""

    on = DateBoxes("When is it due?", called="The day", hint="For example, 27 3 2027", asked=True)
    at = ClockTime("At what time?")
    code = Radios("Why does the date change?", required="Choose why the date changes")
    reason = LongText(
        "Say more",
        hint="Everyone who works on the case can read this",
        required="Say in a few words why the date changes",
    )
    seen = Hidden()

    @property
    def seen_due(self) -> datetime:
        """When it was due as the page showed it; long ago for a time that makes no sense."""
        try:
            return datetime.fromisoformat(self.said("seen"))
        except ValueError:
            return datetime.min.replace(tzinfo=UTC)


class WhyForm(OfferingForm):
    """End something, with a reason."""

    reason = LongText("Why?", required="Say why")


class ReasonForm(WhyForm, VersionedForm):
    """The same of a record that others may change meanwhile."""


class ChooseTeamForm(OfferingForm):
    """The team that is brought onto a case; the next page says what that opens."""

    class Meta:
        csrf = False  # it only shows a page

    team = Select("Which team?", required="Choose a team")


class JoinTeamsForm(OfferingForm):
    """Bring several teams onto a case; each names its own worker."""

    teams = Checkboxes(
        "Which teams?",
        small=True,
        find="a team",
        validators=[one_of("Choose at least one team")],
    )
    reason = LongText(
        "Why are they needed?",
        hint="It is kept on the sharing ledger",
        required="Say why they are needed on the case",
    )


class JoinForm(OfferingForm):
    """Bring the chosen team onto a case."""

    worker = Select(
        "Who of them works on the case?", hint="You can leave this to the team", prompt="Not known yet"
    )
    reason = LongText(
        "Why is this team needed?",
        hint="It is kept on the sharing ledger",
        required="Say why this team is needed on the case",
    )


class WorkerForm(OfferingForm):
    """Name who of a team works on a case."""

    worker = Select("Who works on the case?", required="Choose who works on the case")
    seen = Hidden()


class LeadForm(VersionedForm):
    """Who leads a case."""

    professional = Select("Who is the lead professional?", required="Choose the lead professional")
    reason = LongText("Why does the lead change?", required="Say why the lead changes")


class SensitivityForm(VersionedForm):
    """How closely a case is held."""

    to = Radios("How is the case to be held?", required="Choose how the case is to be held")
    named = Checkboxes(
        "Who is to read it by name?",
        hint="The lead professional always can. Others who work on it now will not, unless you tick them. A "
        "sealed case needs a coordinator too: tick one if you are none.",
        find="somebody",
    )
    search = Radios(
        "The child is missing now. How do the police go on looking?",
        required="Say how the police go on looking for the child",
    )
    reason = LongText("Why?", required="Say why")

    HINTS = {  # noqa: RUF012 - a constant of the class
        Sensitivity.NORMAL: "Teams that work on the case read it",
        Sensitivity.RESTRICTED: "Only the hub and named people read it. Teams see that it exists",
        Sensitivity.SEALED: "Only named people read it. Nobody else learns that it exists",
    }

    SEARCH = (
        Choice("phoned", "I told them by phone who the child is, and who reads the report"),
        Choice("named", "Somebody of the police missing desk is named, and goes on reading it"),
    )

    @classmethod
    def of(
        cls,
        now: Sensitivity,
        version: int,
        may_raise: bool,
        may_lower: bool,
        people: Pairs,
    ) -> "SensitivityForm":
        """The form with what this person may choose; `ask_of_search`, or its opposite, comes next."""
        form = cls(data={"version": str(version)})
        offered = [one for one in Sensitivity if (may_raise and one > now) or (may_lower and one < now)]
        form.offer("to", [Choice(str(int(one)), one.label, hint=cls.HINTS[one]) for one in offered])
        form.offer("named", choices(people))
        return form

    def ask_of_search(self, at_desk: Collection[str], is_named: bool) -> None:
        """Ask how the police go on looking for a child who is missing, if they lose sight of the report.

        Args:
            at_desk: those who could be named and are of the police missing desk.
            is_named: whether one of them is named already.
        """
        self.at_desk, self.is_named = frozenset(at_desk), is_named
        self.offer("search", self.SEARCH)

    def ask_nothing_of_search(self) -> None:
        """Nobody who looks for the child loses sight of a report."""
        del self.search

    @property
    def why(self) -> str:
        """The reason as it is kept: with how the police go on looking, where that was asked."""
        answer = self.said("search") if "search" in self else ""
        how = next((one.label for one in self.SEARCH if one.value == answer), "")
        return f"{self.said('reason')}\nThe search for the child: {how}" if how else self.said("reason")

    def validate(self, extra_validators: Any = None) -> bool:
        """Whoever says that somebody of the desk is named has named one."""
        right = bool(super().validate(extra_validators))
        if "search" not in self or self.search.data != "named":
            return right
        if not self.is_named and self.at_desk.isdisjoint(self.named.data or ()):
            self.search.errors = ["Tick who of the police missing desk is to read the case, or ring them"]
            return False
        return right

    @property
    def chosen(self) -> Sensitivity:
        """How it is to be held. For a form that was found right."""
        return Sensitivity(int(self.to.data))


class NameForm(OfferingForm):
    """Name a person on a restricted or sealed case."""

    email = Picker(
        "Who is to read it?",
        hint="By name, job, team or work e-mail address",
        required="Enter their name or work e-mail address",
    )
    reason = LongText("Why do they need to read the case?", required="Say why they need to read it")


class TakeOffForm(OfferingForm):
    """Take a named person off a case; where they own something on it, who takes that over."""

    take_over = Select("Who takes it over?", required="Choose who takes over")
    reason = LongText("Why?", required="Say why somebody else takes over")

    def ask_nothing(self) -> None:
        """Nothing is to be taken over."""
        del self.take_over
        del self.reason


#: Ask those who lead a closely held case for access.
AskAccessForm = in_words(
    OfferingForm,
    "reason",
    "Why do you need to read this case?",
    hint="Those who lead the case and the hub read this. Do not write anything about the child here",
    rows=4,
    required="Say why you need to read the case",
)


class AnswerAccessForm(OfferingForm):
    """Answer somebody who asks for access."""

    decision = Radios(
        "May they read the case?",
        choices=[
            Choice("grant", "Yes, until they are taken off"),
            Choice("refuse", "No", hint="You can tell them by phone what they need to know"),
        ],
        required="Choose whether they may read the case",
    )
    answer = LongText("Why?", hint="They read this", required="Say why they may, or may not, read it")
