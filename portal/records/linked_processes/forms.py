"""Recording a process of another service, its steps and its end."""

from datetime import datetime, time
from typing import ClassVar

from portal import clock
from portal.pathway.calendar import at_local
from portal.policy import Policy
from portal.records.linked_processes.policy import LinkedKind, LinkedProcesses, LinkedStepRule
from portal.records.linked_processes.rules import Taken
from portal.web.choices import (
    ClockTime,
    OfferingForm,
    OnceForm,
    Pairs,
    VersionedForm,
    choices,
    clock_words,
    in_words,
    terms,
)
from portal.web.error_summary import Shown
from portal.web.fields import DateBoxes, LongText, Radios, Select, Text, required

_NOON = time(12)


def _moment_field(label: str, called: str) -> DateBoxes:
    return DateBoxes(
        label,
        hint="For example, 27 3 2026",
        called=called,
        latest=clock.today,
        today=True,
        required=f"Enter {called[0].lower()}{called[1:]}",
    )


def _hour_field() -> ClockTime:
    return ClockTime(
        "At what time?",
        hint="Like 14:30. It counts in hours",
        now=True,
        required="Enter the time: this is counted in hours",
    )


class MomentForm(OfferingForm):
    """A form with a day and, where it counts, an hour."""

    def moment(self, day: str, hour: str) -> datetime:
        """The moment that was typed. Where no hour is asked it is noon, or now on this very day."""
        typed = self[hour].time_of_day if hour in self else None
        found = at_local(self[day].data, typed or _NOON)
        return found if typed else min(found, clock.now())


class BeginForm(MomentForm, OnceForm):
    """A process has begun."""

    started_on = _moment_field("When did it begin?", "The day on which it began")
    started_at = _hour_field()
    status = Radios("On what ground?")
    their_reference = Text("Reference in the other service")
    owner = Select(
        "Who sees to it?",
        hint="They are reminded of every step that has a date",
        prompt="Whoever works on the case for that service",
    )
    words = LongText(
        "What should everybody who works on the case know?",
        hint="You can leave it empty. What not all may read belongs in an entry of its own",
    )

    def suit(self, rule: LinkedKind, statuses: Pairs) -> None:
        """Ask what this kind needs and nothing else."""
        self.started_on.label.text = rule.began
        if not rule.by_the_hour:
            del self.started_at
        self.their_reference.label.text = rule.reference
        if len(rule.statuses) > 1:
            self.offer("status", choices(statuses))
            self.status.validators = [required("Choose on what ground")]
        else:
            del self.status
        if rule.personal:
            del self.owner

    @property
    def began(self) -> datetime:
        """When it began."""
        return self.moment("started_on", "started_at")

    def start_from(self, moment: datetime) -> None:
        """Fill in when it began."""
        self.started_on.process(None, clock.local(moment).date())
        if self.started_at:
            self.started_at.data = clock_words(moment)


class TakenForm(MomentForm, VersionedForm):
    """A step was taken."""

    shown: ClassVar[Shown] = (
        "done_on", "done_at", "their_reference", "answer", "outcome", "words", "late_reason",
    )  # fmt: skip

    done_on = _moment_field("When was it done?", "The day on which it was done")
    done_at = _hour_field()
    their_reference = Text("Reference")
    words = LongText("What came of it?")
    answer = Radios("What was decided?", required="Choose what was decided")
    outcome = Radios("How did it end?")
    late_reason = Radios("It was due before that. Why was it late?")

    def suit(self, rule: LinkedKind, step: LinkedStepRule, policy: Policy, due_at: datetime) -> None:
        """Ask what this step needs. Why it was late is asked once the time is over."""
        if not step.by_the_hour:
            del self.done_at
        if step.answers.offered:
            self.offer("answer", terms(step.answers.offered, hints=True))
        else:
            del self.answer
        self.their_reference.label.text = rule.reference
        if not rule.needs_reference:
            del self.their_reference
        if step.ends_with:
            self.offer("outcome", terms(rule.outcomes.offered, hints=True))
            self.outcome.validators = [required("Choose how it ended")]
        else:
            del self.outcome
        if due_at < clock.now():
            self.offer("late_reason", terms(policy.of(LinkedProcesses).late_reasons.offered))
        else:
            del self.late_reason
        if not step.by_the_hour:
            self.prefill(done_on=clock.today())

    @property
    def taken(self) -> Taken:
        """What was said of it. For a form that was found right."""
        return Taken(
            done_at=self.moment("done_on", "done_at"),
            words=self.said("words"),
            late_reason=self._answer("late_reason"),
            answer=self._answer("answer"),
            outcome=self._answer("outcome"),
            their_reference=self._answer("their_reference") or "",
        )

    def _answer(self, name: str) -> str | None:
        """What was said in a field that may not be asked."""
        return self[name].data or None if name in self else None


class EndForm(MomentForm, VersionedForm):
    """A process has ended."""

    ended_on = _moment_field("When did it end?", "The day on which it ended")
    outcome = Radios("How did it end?", required="Choose how it ended")
    words = LongText("What should everybody know?")

    def suit(self, rule: LinkedKind) -> None:
        """Offer the ends of this kind."""
        self.offer("outcome", terms(rule.outcomes.offered, hints=True))
        self.prefill(ended_on=clock.today())

    @property
    def ended(self) -> datetime:
        """When it ended."""
        return min(at_local(self.ended_on.data, _NOON), clock.now())


class WhyForm(VersionedForm):
    """A reason in words."""

    words = LongText("Why?", required="Say why")


#: How it goes.
NoteForm = in_words(OfferingForm, "words", "How does it go?", required="Write how it goes")


class ReferenceForm(VersionedForm):
    """The reference in the other service."""

    their_reference = Text("Reference in the other service", required="Write the reference")


class OwnerForm(VersionedForm):
    """Somebody else sees to it."""

    owner = Select("Who sees to it?", required="Choose who sees to it")
    words = LongText("Why does somebody else see to it?", rows=2, required="Say why somebody else sees to it")
