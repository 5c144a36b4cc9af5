"""A missing episode: reporting it, putting it right, and what follows on it."""

from datetime import datetime
from typing import Any, ClassVar

from wtforms.validators import ValidationError

from portal import clock
from portal.policy import Policy
from portal.records.missing.policy import Missing
from portal.records.missing.vocabulary import MissingStatus, StrategyAnswer
from portal.vocabulary import Answer
from portal.web.choices import ClockTime, OfferingForm, OnceForm, VersionedForm, clock_words, terms
from portal.web.fields import LongText, NhsNumber, PastDay, Radios, Select, Size, Text
from portal.web.form_layout import Group, Shown

_TRIGGER = {Answer.YES.value: True, Answer.NO.value: False}

_SINCE = ("status", "since_on", "since_at", "missing_from", "raised_by")
_SEEN = ("circumstances", "last_seen", "wearing", "believed_with", "trigger_plan")
_WHOSE = ("responsible", "host", "police_reference", "grade")


class EpisodeForm(VersionedForm):
    """Something is said of an episode as it was seen."""

    def begin(self, episode: Any) -> None:
        """Show what the episode says now, where nothing was sent."""
        self.prefill(version=str(episode.version))
        if not self.is_submitted():
            self.fill(episode)

    def fill(self, episode: Any) -> None:
        """Fill in what is said of it already."""


class AboutForm(OfferingForm):
    """What is known of an episode beside who it is. Everything but when and which kind may stay empty."""

    status = Radios(
        "Is the child missing, or away without permission?",
        choices=MissingStatus,
        required="Choose whether the child is missing or away",
    )
    since_on = PastDay(
        "On which day was the child last where they should be?",
        called="The date",
        required="Enter the day since which the child is missing",
    )
    since_at = ClockTime(
        "At what time?",
        hint="As near as you can say, like 21:30",
        past="since_on",
        required="Enter the time since which the child is missing",
    )
    raised_by = Text(
        "Who raised it?", hint="For example the carer, by name and phone number, or a member of staff"
    )
    missing_from = Select("From where is the child missing?", prompt="Choose")
    circumstances = LongText(
        "What happened before?",
        hint="What was seen and heard, and what the child said. Keep facts and opinion apart",
        rows=4,
    )
    last_seen = LongText("Where was the child last seen, and by whom?", rows=2)
    wearing = LongText("What is the child wearing?", rows=2)
    believed_with = LongText("Who is the child believed to be with?", rows=2)
    trigger_plan = Radios(
        "Was a trigger plan used?",
        hint="What was agreed to do first when this child is missing",
        choices=Answer,
        inline=True,
    )
    police_reference = Text("Police reference", width=20)
    grade = Select("How do the police grade it?", hint="Only the police set this", prompt="Not graded yet")
    responsible = Select(
        "Which authority is responsible for the child?",
        hint="Its social care sees the episode and owes the return interview",
        prompt="Not known",
    )
    host = Select(
        "In which authority’s area does the child live?",
        hint="Where that is another one, such as for a child who is placed here",
        prompt="The same, or not known",
    )

    def offer_words(self, policy: Policy, *, grades: bool) -> None:
        """Set the lists of the policy; the grade is taken off the form for whoever does not set it."""
        missing = policy.of(Missing)
        self.offer("missing_from", terms(missing.places.offered))
        self.offer("responsible", terms(policy.areas.authorities.offered))
        self.offer("host", terms(policy.areas.authorities.offered))
        if grades:
            self.offer("grade", terms(missing.grades.offered))
        else:
            del self["grade"]

    def facts(self) -> dict[str, Any]:
        """What was answered, by the columns of an episode. For a form that was found right."""
        said = {
            "status": self.said("status"),
            "missing_since": self.since_at.on(self.since_on.data),
            "reported_by": self.said("raised_by"),
            "missing_from": self.said("missing_from") or None,
            "circumstances": self.said("circumstances"),
            "last_seen": self.said("last_seen"),
            "wearing": self.said("wearing"),
            "believed_with": self.said("believed_with"),
            "trigger_plan_used": _TRIGGER.get(self.said("trigger_plan")),
            "police_reference": self.said("police_reference") or None,
            "responsible_authority": self.said("responsible") or None,
            "host_authority": self.said("host") or None,
        }
        return said | ({"grade": self.said("grade") or None} if "grade" in self else {})


class ReportForm(AboutForm, OnceForm):
    """Report a child who is missing: who it is, and what is known."""

    known: ClassVar[tuple[str, ...]] = (*_SINCE, "raised_on", "raised_at", *_SEEN, *_WHOSE)
    shown: Shown = (
        Group("Who is missing?", ("given_name", "family_name", "dob", "nhs_number")),
        Group("What is known?", known),
    )

    given_name = Text("First names", width=20, size=Size.NAME)
    family_name = Text("Family name", width=20, size=Size.NAME)
    dob = PastDay("Date of birth", called="Date of birth", hint="If it is known. For example, 27 3 2010")
    nhs_number = NhsNumber("NHS number, if it is known")
    raised_on = PastDay(
        "When was it raised?",
        called="The date",
        hint="When the police or you were first told. Leave this open if it is now",
    )
    raised_at = ClockTime("At what time was it raised?", hint="Like 22:50")

    def validate_raised_at(self, field: Text) -> None:
        """A day and a time of day, or neither."""
        if self.raised_on.data and not field.data:
            raise ValidationError("Enter the time at which it was raised")
        if field.data and not self.raised_on.raw_data:
            raise ValidationError("Enter the day on which it was raised too")

    def facts(self) -> dict[str, Any]:
        """What was answered, by the columns of an episode. For a form that was found right."""
        said = super().facts()
        if self.raised_on.data:
            said["reported_at"] = self.raised_at.on(self.raised_on.data)
        return said

    def begin(self, found: Any = None) -> None:
        """Ask who it is, unless it is a child who was found; show the authorities of their record."""
        record = found.record if found is not None else None
        if found is not None:
            self.shown = self.known
        if record is not None:
            self.prefill(responsible=record.responsible_authority or "", host=record.host_authority or "")


class ChangeForm(AboutForm, EpisodeForm):
    """Put right or add to what an episode says; what it said before is kept."""

    shown: ClassVar[Shown] = (*_SINCE, *_SEEN, *_WHOSE)

    def fill(self, episode: Any) -> None:
        """Show what the episode says now."""
        since = clock.local(episode.missing_since)
        used = {True: Answer.YES, False: Answer.NO}.get(episode.trigger_plan_used)
        self.since_on.process(None, since.date())
        for name, value in (
            ("status", episode.status),
            ("since_at", clock_words(since)),
            ("raised_by", episode.reported_by),
            ("missing_from", episode.missing_from),
            ("circumstances", episode.circumstances),
            ("last_seen", episode.last_seen),
            ("wearing", episode.wearing),
            ("believed_with", episode.believed_with),
            ("trigger_plan", used.value if used else None),
            ("police_reference", episode.police_reference),
            ("responsible", episode.responsible_authority),
            ("host", episode.host_authority),
            ("grade", episode.grade),
        ):
            if name in self:
                self[name].data = value or ""


class FoundForm(EpisodeForm):
    """That a child is back: when, how, where, and whether they were hurt."""

    found_on = PastDay(
        "On which day was the child found, or did they come back?",
        called="The date",
        required="Enter the day on which the child was found or came back",
    )
    found_at = ClockTime(
        "At what time?",
        hint="Like 07:15. The time for the return interview runs from then",
        past="found_on",
        required="Enter the time at which the child was found or came back",
    )
    how = Select("How was the child found?", prompt="Choose", required="Choose how the child was found")
    where = Text("Where?", hint="A place or an address")
    found_with = LongText("With whom?", rows=2)
    injuries = LongText(
        "Was the child hurt, or harmed in another way?",
        hint="What was seen and what the child said. Write “not known” if nobody could tell",
        required="Write whether the child was hurt, or that it is not known",
    )

    def offer_findings(self, policy: Policy) -> None:
        """Set the list of the policy."""
        self.offer("how", terms(policy.of(Missing).findings.offered))

    def facts(self) -> dict[str, Any]:
        """What was answered, by the columns of an episode. For a form that was found right."""
        return {
            "returned_at": self.found_at.on(self.found_on.data),
            "how_found": self.said("how"),
            "found_where": self.said("where"),
            "found_with": self.said("found_with"),
            "injuries": self.said("injuries"),
        }

    def fill(self, episode: Any) -> None:
        """Show what the episode says already, or the present moment."""
        at = clock.local(episode.returned_at or clock.now())
        self.prefill(
            found_on=at.date(),
            found_at=clock_words(at) if episode.returned_at else "",
            how=episode.how_found or "",
            where=episode.found_where or "",
            found_with=episode.found_with or "",
            injuries=episode.injuries or "",
        )


class PreventionForm(EpisodeForm):
    """The talk that the police have with a child who is back."""

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

    def fill(self, episode: Any) -> None:
        """Show what the episode says already."""
        if episode.prevention_at is None:
            return
        at = clock.local(episode.prevention_at)
        self.prefill(
            held_on=at.date(),
            held_at=clock_words(at),
            held_by=episode.prevention_by,
            words=episode.prevention_words,
        )

    @property
    def moment(self) -> datetime:
        """When it was. For a form that was found right."""
        return self.held_at.on(self.held_on.data)


class WithdrawForm(EpisodeForm):
    """Say that there was no such episode."""

    reason = LongText(
        "Why is it withdrawn?",
        hint="For example: the child was where they should be, or the same episode was reported twice"
        " (give the other reference)",
        required="Say why it is withdrawn",
    )


class StrategyForm(OfferingForm):
    """What is decided after a child was missing repeatedly."""

    answer = Radios(
        "What is decided?",
        choices=StrategyAnswer,
        required="Choose what is decided",
    )
    words = LongText(
        "When and with whom, or why not?", required="Say when and with whom, or why it is not needed"
    )

    @property
    def chosen(self) -> StrategyAnswer:
        """What is decided. For a form that was found right."""
        return StrategyAnswer(self.said("answer"))
