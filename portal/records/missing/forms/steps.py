"""What follows on a report: the child is found or back, enquiries, and what is decided."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from wtforms.validators import ValidationError

from portal import clock
from portal.policy import Policy
from portal.records.entries.forms import WhoReads
from portal.records.entries.vocabulary import Handling
from portal.records.missing.forms.reporting import TRIGGER, EpisodeForm, TimesForm, trigger_answer
from portal.records.missing.policy import Missing
from portal.records.missing.vocabulary import EVERYBODY, StrategyAnswer
from portal.vocabulary import Answer
from portal.web.choices import ChildPicker, ClockTime, OfferingForm, OnceForm, clock_words, terms
from portal.web.error_summary import Group, Reveals, Shown
from portal.web.fields import Checkboxes, Choice, LongText, PastDay, Radios, Select, Text, Tick
from portal.web.filters import moment


class FoundForm(TimesForm, EpisodeForm):
    """That a child was found or is back: when, how, where, and whether they were hurt."""

    moments: ClassVar[Mapping[str, tuple[str, str]]] = {
        "found_at": ("met_on", "met_at"),
        "returned_at": ("found_on", "found_at"),
    }
    words_of: ClassVar[Mapping[str, str]] = {
        "found_where": "where",
        "found_with": "found_with",
        "injuries": "injuries",
    }
    shown: ClassVar[Shown] = (
        Group("Found, but not back yet", ("met_on", "met_at")),
        Group("Back", ("found_on", "found_at")),
        Group("How it went", ("how", "where", "found_with", "injuries", "trigger_plan")),
    )

    met_on = PastDay(
        "On which day was the child found?",
        hint="Only if they were found before they were back, such as at a police station",
        called="The day on which the child was found",
    )
    met_at = ClockTime("At what time was the child found?", hint="Like 03:40", past="met_on")
    found_on = PastDay(
        "On which day was the child back?",
        hint="Where somebody answers for them. Leave it open while they are on their way",
        called="The day on which the child was back",
    )
    found_at = ClockTime(
        "At what time was the child back?",
        hint="Like 07:15. The time for the return interview runs from then",
        past="found_on",
    )
    how = Select("How was the child found?", prompt="Choose", required="Choose how the child was found")
    where = Text("Where?", hint="A place or an address")
    found_with = LongText("With whom?", rows=2)
    injuries = LongText(
        "Was the child hurt, or harmed in another way?",
        hint="What was seen and what the child said. Write “not known” if nobody could tell",
        required="Write whether the child was hurt, or that it is not known",
    )

    trigger_plan = Radios(
        "Was a trigger plan used?",
        hint="What was agreed to do first when this child is missing",
        choices=Answer,
        inline=True,
    )

    def offer_findings(self, policy: Policy) -> None:
        """Set the list of the policy."""
        self.offer("how", terms(policy.of(Missing).findings.offered))

    def validate(self, extra_validators: Any = None) -> bool:
        """One of the two times is needed; an episode that ended stays ended."""
        right = super().validate(extra_validators)
        times = {name: self._moment(*pair) for name, pair in self.moments.items()}
        if not any(times.values()) or (self.episode.returned_at and not times["returned_at"]):
            self._say("found_on", "Enter the day on which the child was found or came back")
            self._say("found_at", "Enter the time at which the child was found or came back")
            return False
        return right

    def facts(self) -> dict[str, Any]:
        """What was answered, by the columns of an episode. For a form that was found right."""
        times, used = self.times(), self.said("trigger_plan")
        return ({"trigger_plan_used": TRIGGER.get(used)} if used else {}) | {
            "found_at": times.get("found_at"),
            "returned_at": times.get("returned_at"),
            "how_found": self.said("how"),
            **{column: self.said(name) for column, name in self.words_of.items() if name in self},
        }

    def fill(self, episode: Any) -> None:
        """Show what the episode says already, or the present moment."""
        back, met = episode.returned_at, episode.found_at
        self.prefill(
            met_on=clock.local(met).date() if met else None,
            met_at=clock_words(met) if met else "",
            found_on=clock.local(back).date() if back else None,
            found_at=clock_words(back) if back else "",
            how=episode.how_found or "",
            trigger_plan=trigger_answer(episode),
            **{name: getattr(episode, column) for column, name in self.words_of.items() if name in self},
        )


class PreventionForm(EpisodeForm):
    """The talk that the police have with a child who is back, and who may read what came of it."""

    shown: ClassVar[Shown] = ("held_on", "held_at", "held_by", "words", "handling")
    reveals: ClassVar[Reveals] = {"handling": {Handling.AGENCIES: ("agencies",)}}

    held_on = PastDay(
        "On which day did the police talk with the child?",
        called="The date",
        required="Enter the day of the prevention interview",
    )
    held_at = ClockTime("At what time?", hint="Like 09:40", past="held_on", required="Enter the time")
    held_by = Text("Who talked with the child?", required="Enter who talked with the child")
    words = LongText(
        "What did the child say, and what did you see?",
        hint="Use the child’s own words where you have them",
        rows=5,
        required="Write what came of it, or that the child did not want to talk",
    )
    handling = WhoReads(EVERYBODY)
    agencies = Checkboxes("Which agencies?")

    def fill(self, episode: Any) -> None:
        """Show what the episode says already."""
        if episode.prevention_at is None:
            return
        at = clock.local(episode.prevention_at)
        self.prefill(
            held_on=at.date(),
            held_at=clock_words(at),
            held_by=episode.prevention_by,
        )

    def show_talk(self, talk: Any) -> None:
        """Show what came of it, and who reads that, where it was recorded."""
        if talk is not None and not self.is_submitted():
            self.prefill(
                words=talk.words,
                handling=talk.handling,
                agencies=[str(one) for one in talk.listed_agencies],
            )

    @property
    def moment(self) -> datetime:
        """When it was. For a form that was found right."""
        return self.held_at.on(self.held_on.data)


class EnquiryForm(OnceForm):
    """What somebody did to find a child, or whom they asked."""

    made_on = PastDay("On which day?", hint="Leave day and time open if it is now", called="The date")
    made_at = ClockTime("At what time?", hint="Like 21:30", past="made_on")
    made_by = Text("Who enquired?", required="Enter who enquired")
    words = LongText(
        "What was asked or done, and what came of it?",
        hint="For example: rang the friend’s mother, who last saw the child at six",
        required="Write what was asked or done, and what came of it",
    )

    def validate_made_at(self, field: Any) -> None:
        """A day and a time of day, or neither."""
        if bool(self.made_on.data) != bool(field.data):
            raise ValidationError("Enter both the day and the time, or neither")

    @property
    def moment(self) -> datetime | None:
        """When it was; None for now. For a form that was found right."""
        return self.made_at.on(self.made_on.data) if self.made_on.data else None


class PassOnForm(OnceForm):
    """What everybody who looks for a child is to read."""

    words = LongText(
        "What do they have to know?",
        hint="Leave out what nobody needs to find the child or to meet them safely",
        rows=10,
        required="Write what they have to know",
    )


#: Why a report is withdrawn, where that is not a double of one that is offered: by a reference that is typed.
NONE_SUCH, TWICE = "none", "twice"


class WithdrawForm(EpisodeForm):
    """Say that there was no such episode, or that it was reported twice, and by which other report."""

    why = Radios("Why is it withdrawn?", required="Choose why it is withdrawn")
    other = Text("The reference of the other report", hint="Like MIS-0XJC-B8P2. You have to see it", width=20)
    reason = LongText(
        "How do you know?",
        hint="For example: the child was where they should be",
        required="Say how you know",
    )
    shown: ClassVar[Shown] = ("why", "reason")
    reveals: ClassVar[Reveals] = {"why": {TWICE: ("other",)}}

    def offer_others(self, running: Iterable[Any]) -> None:
        """Offer the reports that have not ended of which it may be a double (`lists.running_beside`)."""
        doubles = [
            Choice(
                one.reference,
                f"The child was reported twice: {one.reference} goes on",
                hint=f"Missing since {moment(one.missing_since)}. Recorded by {one.agency}",
            )
            for one in running
        ]
        other = "by another report" if doubles else "and the other report stands"
        none = Choice(NONE_SUCH, "There was no such episode", hint="Nobody has to look for the child")
        self.offer("why", (none, *doubles, Choice(TWICE, f"The child was reported twice, {other}")))

    def validate(self, extra_validators: Any = None) -> bool:
        """By which report it was reported twice, is said."""
        right = bool(super().validate(extra_validators))
        if self.said("why") == TWICE and not self.said("other"):
            self.other.errors = ["Enter the reference of the other report"]
            return False
        return right

    @property
    def double_of(self) -> str:
        """The reference of the report of which it is a double; none where there was no such episode."""
        why = self.said("why")
        return self.said("other") if why == TWICE else "" if why == NONE_SUCH else why


class _AsksOfSearch(OfferingForm):
    """Puts a report on another record, which may be held so closely that the police read it no more."""

    told = Tick("I told the police by phone who the child is, and who reads this report")

    def ask_of_search(self, asks: bool) -> None:
        """Ask whether the police were told, or do not where they go on reading the report."""
        if not asks:
            del self.told

    def validate_told(self, field: Tick) -> None:
        """They go on looking for the child."""
        if not field.data and self.moves:
            raise ValidationError("Ring the police first: who the child is, and who reads this report")

    @property
    def moves(self) -> bool:
        """Whether the report goes over, by what was answered."""
        return True

    @property
    def why(self) -> str:
        """How somebody knows, with that the police were told, where that was asked."""
        return (
            f"{self.said('words')}\n{self.told.label.text}"
            if "told" in self and self.told.data
            else self.said("words")
        )


class MatchForm(_AsksOfSearch):
    """Whether the child who was reported is one who was known."""

    same = Radios(
        "Is it the same child?",
        choices=[
            Choice("yes", "Yes, the same child", hint="The episode goes over to the record of that child"),
            Choice("no", "No, another child"),
        ],
        required="Choose whether it is the same child",
    )
    words = LongText("How do you know?", rows=2, required="Say how you know")

    @property
    def moves(self) -> bool:
        """It does if the child is the same."""
        return bool(self.same.data == "yes")


class MoveForm(_AsksOfSearch, EpisodeForm):
    """Put an episode on the record of another child."""

    other = ChildPicker(
        "Which child is it?",
        which="Choose the right child",
        required="Say which child it is",
    )
    words = LongText("How do you know?", rows=2, required="Say how you know")


#: The answer that the meeting was called elsewhere.
ELSEWHERE = "elsewhere"


class StrategyForm(OfferingForm):
    """What is decided after a child was missing repeatedly."""

    answer = Radios(
        "What is decided?",
        choices=StrategyAnswer,
        required="Choose what is decided",
    )
    meeting = Radios("Which meeting is it?")
    words = LongText(
        "When and with whom, or why not?", required="Say when and with whom, or why it is not needed"
    )
    shown: ClassVar[Shown] = ("answer", "words")
    reveals: ClassVar[Reveals] = {"answer": {StrategyAnswer.MEETING.value: ("meeting",)}}

    def offer_meetings(self, coming: Iterable[Choice]) -> None:
        """Ask which of the meetings that are to come on the child it is."""
        listed = list(coming)
        self._coming = {one.value: one.label for one in listed}
        other = Choice(
            ELSEWHERE,
            "One that is not on the portal: say below when and with whom",
            divider="or" if listed else "",
        )
        self.offer("meeting", (*listed, other))

    def validate(self, extra_validators: Any = None) -> bool:
        """A meeting that is called is one that can be named."""
        right = bool(super().validate(extra_validators))
        if self.said("answer") == StrategyAnswer.MEETING and not self.said("meeting"):
            self.meeting.errors = ["Choose which meeting it is. Call it first where nobody did"]
            return False
        return right

    @property
    def meeting_called(self) -> tuple[str, str] | None:
        """Which meeting it is of those that are to come: its reference, and in words."""
        reference = self.said("meeting")
        return (reference, self._coming[reference]) if reference in self._coming else None

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is one that is not on the portal."""
        return self.said("meeting") == ELSEWHERE

    @property
    def chosen(self) -> StrategyAnswer:
        """What is decided. For a form that was found right."""
        return StrategyAnswer(self.said("answer"))
