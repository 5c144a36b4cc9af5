"""Return interviews: for which returns, offered, answered, attempted, held, written up, completed, shared."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from portal import clock
from portal.records.entries.forms import MayFamilyKnow, WhoReads
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.return_interviews.policy import ReturnInterviews
from portal.records.return_interviews.rules import TALK_FACTS, CameOfIt, InterviewHeld, Late
from portal.records.return_interviews.vocabulary import (
    InterviewOffer,
    InterviewOutcome,
    InterviewPart,
    InterviewReceiver,
)
from portal.web.choices import ClockTime, OfferingForm, VersionedForm, clock_words, identifiers, terms
from portal.web.error_summary import Group, Reveals, Shown
from portal.web.fields import Checkboxes, Choice, LongText, PastDay, Radios, Select, Text, one_of

YES, NO, NOT_KNOWN, LATER = "yes", "no", "not_known", "later"
_YES_NO = [Choice(YES, "Yes"), Choice(NO, "No")]
_CARERS = "Parents, foster carers and staff of the child’s home do"
_INDEPENDENT = [Choice(YES, "No, they are independent"), Choice(NO, "Yes, they care for the child")]
_OR_NOT_KNOWN = [*_YES_NO, Choice(NOT_KNOWN, "Not known")]


class AtForm(OfferingForm):
    """When something happened, by the clock in Europe/London."""

    on = PastDay("Which day?", required="Enter the day")
    clock_time = ClockTime("At what time?", required="Enter the time")

    @property
    def at(self) -> datetime:
        """The moment, in UTC. For a form that was found right."""
        return self.clock_time.on(self.on.data)

    def start_at(self, moment: datetime) -> None:
        """Fill in a moment, where nothing was sent."""
        self.prefill(on=clock.local(moment).date(), clock_time=clock_words(moment))


class EpisodesForm(VersionedForm):
    """Which returns an interview is about."""

    episodes = Checkboxes(
        "Which times that the child was missing is it about?",
        hint="One talk may be about several. Each still counts by itself",
        validators=[one_of("Choose at least one time that the child was missing")],
    )


class ReadersForm(VersionedForm):
    """Who reads an interview, and whether the family may know of it."""

    reveals: ClassVar[Reveals] = {"handling": {Handling.AGENCIES: ("agencies",)}}

    handling = WhoReads(
        "Everyone who hears of the child",
        default=Handling.NETWORK,
    )
    agencies = Checkboxes("Which agencies?")
    family_safe = MayFamilyKnow(default=FamilySafe.ASK)

    def answered(self) -> dict[str, Any]:
        """Who reads it, as the services take it."""
        return {
            "handling": Handling(self.handling.data),
            "listed": identifiers(self.agencies.data),
            "family_safe": FamilySafe(self.family_safe.data),
        }


class BeginForm(EpisodesForm, ReadersForm):
    """Begin an interview."""

    shown: Shown = ("episodes", "handling", "family_safe")


class OfferForm(AtForm, VersionedForm):
    """It was offered."""

    reveals: ClassVar[Reveals] = {"answer": {NO: ("reason", "words")}}

    by = Text("Who offered it?", hint="Name and job", width=30, required="Enter who offered it")
    how = Select("How?", required="Choose how")
    answer = Radios(
        "Does the child want to talk?",
        choices=[Choice(YES, "Yes"), Choice(NO, "No"), Choice(LATER, "Not answered yet")],
        required="Choose what the child answered",
    )
    reason = Select("Why not?", prompt="Choose a reason")
    words = LongText("What did they say?", rows=2)

    @classmethod
    def of(cls, rules: ReturnInterviews, **data: Any) -> "OfferForm":
        """The form with the ways and reasons of a policy."""
        form = cls(data=data)
        form.offer("how", terms(rules.ways.offered))
        form.offer("reason", terms(rules.decline_reasons.offered))
        return form


class AnswerForm(VersionedForm):
    """What the child answered, later than the offer."""

    reveals: ClassVar[Reveals] = {"answer": {NO: ("reason", "words")}}

    answer = Radios(
        "Does the child want to talk?", choices=_YES_NO, required="Choose what the child answered"
    )
    reason = Select("Why not?", prompt="Choose a reason")
    words = LongText("What did they say?", rows=2)

    @classmethod
    def of(cls, rules: ReturnInterviews, **data: Any) -> "AnswerForm":
        """The form with the reasons of a policy."""
        form = cls(data=data)
        form.offer("reason", terms(rules.decline_reasons.offered))
        return form


class NotOfferedForm(VersionedForm):
    """It was not offered, or does not apply."""

    offered = Radios(
        "Which is it?",
        choices=[
            Choice(InterviewOffer.NO, "It was not offered", hint="It counts as not offered"),
            Choice(
                InterviewOffer.NOT_APPLICABLE,
                "It does not apply",
                hint="For example, the child was not missing, or is now over 18",
            ),
        ],
        required="Choose which it is",
    )
    why_not = LongText("Why?", required="Say why it was not offered")


class AttemptForm(AtForm):
    """Somebody tried to reach the child."""

    way = Select("How?", required="Choose how")
    words = LongText("How did it go?", required="Say how it went")

    @classmethod
    def of(cls, rules: ReturnInterviews, **data: Any) -> "AttemptForm":
        """The form with the ways of a policy."""
        form = cls(data=data)
        form.offer("way", terms(rules.ways.offered))
        return form


#: Asked only of a duty that may be late.
_LATE = Group("If it was later than it was due", ("late_reason", "late_words"))


class LateForm(VersionedForm):
    """Why it was late, where it was."""

    shown: Shown = (_LATE,)

    late_reason = Select("Why was it late?", prompt="It was in time")
    late_words = LongText("More about why", rows=2)

    def offer_reasons(self, rules: ReturnInterviews) -> None:
        """Set the reasons of a policy."""
        self.offer("late_reason", terms(rules.late_reasons.offered))

    def ask_late(self, *, may_be: bool) -> None:
        """Ask why it was late only where it may be; what was sent counts all the same."""
        self.shown = tuple(one for one in self.shown if may_be or one is not _LATE)

    @property
    def late(self) -> Late:
        """Why it was late."""
        return Late(self.said("late_reason"), self.said("late_words"))


class MoreEpisodesForm(EpisodesForm, LateForm):
    """More returns that an interview is about, and why it was late for them, where it was held already."""

    shown: Shown = ("episodes", _LATE)


class TalkForm(AtForm, LateForm):
    """When, where and by whom the child was interviewed."""

    shown: Shown = (
        *("on", "clock_time", "place", "interviewer", "independent", "independent_words"),
        *(one.name for one in TALK_FACTS),
        _LATE,
    )

    interviewer = Text(
        "Who talked to the child?", hint="Name and job", width=30, required="Enter who talked to the child"
    )
    independent = Radios(
        "Do they care for the child?",
        hint=_CARERS,
        choices=_INDEPENDENT,
        required="Choose whether they care for the child",
    )
    independent_words = Text(
        "How are they independent?",
        hint="For example, a worker of another service whom the child chose",
        required="Say how they are independent",
    )
    place = Text("Where?", hint="A kind of place is enough, such as “at school”", width=30)

    @property
    def held(self) -> InterviewHeld:
        """What was recorded. For a form that was found right."""
        return held_talk(self, self.at)


def held_talk(form: OfferingForm, at: datetime | None) -> InterviewHeld:
    """The talk that a form says was held at some time."""
    return InterviewHeld(
        at=at,
        interviewer=form.said("interviewer"),
        independent=form.said("independent") == YES,
        independent_words=form.said("independent_words"),
        place=form.said("place"),
        known={one.name: known(form.said(one.name)) for one in TALK_FACTS},
    )


for _fact in TALK_FACTS:
    setattr(
        TalkForm,
        _fact.name,
        Radios(_fact.asked, choices=_OR_NOT_KNOWN, inline=True, required=_fact.missing),
    )


class CorrectionForm(LateForm):
    """What came of a completed interview, and when, put right."""

    reveals: ClassVar[Reveals] = {
        "outcome": {
            InterviewOutcome.HELD: (
                *("on", "clock_time", "place", "interviewer", "independent", "independent_words"),
                *(one.name for one in TALK_FACTS),
            ),
            InterviewOutcome.DECLINED: ("declined", "words"),
            InterviewOutcome.NOT_OFFERED: ("why_not",),
            InterviewOutcome.NOT_APPLICABLE: ("why_none",),
        }
    }
    shown: Shown = (
        Group("If it was offered", ("offered_on", "offered_time", "offered_by", "offered_how")),
        "outcome",
        _LATE,
        "reason",
    )

    offered_on = PastDay("Which day was it offered?")
    offered_time = ClockTime("At what time was it offered?")
    offered_by = Text("Who offered it?", hint="Name and job", width=30)
    offered_how = Select("How was it offered?", prompt="Choose how")
    outcome = Radios("What came of it?", choices=InterviewOutcome, required="Choose what came of it")
    on = PastDay("Which day was it held?")
    clock_time = ClockTime("At what time was it held?")
    place = Text("Where?", hint="A kind of place is enough, such as “at school”", width=30)
    interviewer = Text("Who talked to the child?", hint="Name and job", width=30)
    independent = Radios("Do they care for the child?", hint=_CARERS, choices=_INDEPENDENT)
    independent_words = Text("How are they independent?")
    declined = Select("Why did the child not want to talk?", prompt="Choose a reason")
    words = LongText("What did they say?", rows=2)
    why_not = LongText("Why was it not offered?", rows=2)
    why_none = LongText("Why does it not apply?", rows=2)
    reason = LongText("What was wrong?", rows=2, required="Say what was wrong")

    def offer_reasons(self, rules: ReturnInterviews) -> None:
        """Set the ways and reasons of a policy."""
        super().offer_reasons(rules)
        self.offer("offered_how", terms(rules.ways.offered))
        self.offer("declined", terms(rules.decline_reasons.offered))

    def start_at(self, *, offered: datetime | None, held: datetime | None) -> None:
        """Fill in when it was offered and held, where it was and nothing was sent."""
        for at, day, hour in ((offered, "offered_on", "offered_time"), (held, "on", "clock_time")):
            if at is not None:
                self.prefill(**{day: clock.local(at).date(), hour: clock_words(at)})

    @property
    def facts(self) -> CameOfIt:
        """What came of it. For a form that was found right."""
        outcome = InterviewOutcome(self.outcome.data)
        none = outcome is InterviewOutcome.NOT_APPLICABLE
        return CameOfIt(
            outcome=outcome,
            offered_at=_moment(self.offered_on, self.offered_time),
            offered_by=self.said("offered_by"),
            offered_how=self.said("offered_how"),
            talk=held_talk(self, _moment(self.on, self.clock_time)),
            declined=self.said("declined"),
            words=self.said("words"),
            why_not=self.said("why_none" if none else "why_not"),
            late=self.late,
        )


for _fact in TALK_FACTS:
    setattr(CorrectionForm, _fact.name, Radios(_fact.asked, choices=_OR_NOT_KNOWN, inline=True))


def _moment(on: PastDay, at: ClockTime) -> datetime | None:
    """The moment that a day and a time give; None where either is missing."""
    return at.on(on.data) if on.data and at.time_of_day else None


class WordsForm(VersionedForm):
    """What the child said: `items` are the codes of its parts, by part of the talk."""

    items: Mapping[InterviewPart, tuple[str, ...]] = {}
    carer_information = LongText(
        "What parents, carers and workers say",
        hint="Also where the child did not want to talk. If nobody could be asked, say so",
    )

    def given(self) -> dict[str, str]:
        """What was typed, by code."""
        codes = [code for part in self.items.values() for code in part]
        return {code: self.said(code) for code in (*codes, "carer_information")}


def words_form(rules: ReturnInterviews) -> type[WordsForm]:
    """The form of an interview under some policy."""
    fields: dict[str, Any] = {
        "items": {part: tuple(one.code for one in rules.fields_of(part)) for part in InterviewPart}
    }
    for one in rules.fields.offered:
        fields[one.code] = LongText(one.label, hint=one.hint)
    return type("WordsForm", (WordsForm,), fields)


def _receivers(question: str) -> Any:
    return Checkboxes(
        question,
        hint="They get a message that it is there, if they may read it. When and by whom stays here",
        choices=InterviewReceiver,
    )


class CompleteForm(LateForm):
    """It is complete."""

    assessment = Radios(
        "Does the risk assessment have to be looked at again?",
        choices=_YES_NO,
        required="Choose whether the assessment has to be looked at again",
    )
    assessment_words = LongText(
        "Why?", hint="Whoever leads the case reads it; the hub, where you read no case of the child", rows=2
    )
    receivers = _receivers("Whom do you tell of it now?")

    @property
    def chosen(self) -> list[InterviewReceiver]:
        """With whom it is shared."""
        return [InterviewReceiver(one) for one in self.receivers.data or ()]


class ShareForm(OfferingForm):
    """Tell others of a completed interview."""

    receivers = Checkboxes(
        "Whom do you tell of it?",
        hint="They get a message that it is there, if they may read it. When and by whom stays here",
        validators=[one_of("Choose whom you tell")],
    )

    @property
    def chosen(self) -> list[InterviewReceiver]:
        """With whom it is shared."""
        return [InterviewReceiver(one) for one in self.receivers.data or ()]


def known(answer: str | None) -> bool | None:
    """A yes or no; None for not known."""
    return {YES: True, NO: False}.get(answer or "")


def said(answer: bool | None) -> str:
    """The same the other way round."""
    return NOT_KNOWN if answer is None else YES if answer else NO
