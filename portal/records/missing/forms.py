"""A missing episode: reporting it, putting it right, and what follows on it."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from wtforms.validators import Optional, ValidationError

from portal import clock
from portal.forms.choices import ADVICE, OfferingForm, choices, read_time
from portal.pathway.calendar import at_local
from portal.policy import Policy
from portal.records.missing.policy import Missing
from portal.records.missing.vocabulary import MissingStatus, StrategyAnswer
from portal.vocabulary import Answer
from portal.web.fields import (
    Choice,
    DateBoxes,
    Hidden,
    LongText,
    NhsNumber,
    Radios,
    Select,
    Size,
    Text,
    required,
)
from portal.web.form_layout import Group, Shown

_TRIGGER = {Answer.YES.value: True, Answer.NO.value: False}

_SINCE = ("status", "since_on", "since_at", "missing_from", "raised_by")
_SEEN = ("circumstances", "last_seen", "wearing", "believed_with", "trigger_plan")
_WHOSE = ("responsible", "host", "police_reference", "grade")


def time_of(field: Text) -> None:
    """Something that can be a time of day."""
    if field.data and read_time(str(field.data)) is None:
        raise ValidationError(ADVICE)


def moment_of(day: date, typed: str) -> datetime:
    """A day and a time of day together, for a form that was found right."""
    at = read_time(typed)
    if at is None:
        raise ValueError("the form was not found right")
    return at_local(day, at)


class EpisodeForm(OfferingForm):
    """Something is said of an episode as it was seen."""

    version = Hidden(default="0")

    def begin(self, episode: Any) -> None:
        """Show what the episode says now, where nothing was sent."""
        if not self.is_submitted():
            self.version.data = str(episode.version)
            self.fill(episode)

    def fill(self, episode: Any) -> None:
        """Fill in what is said of it already."""


class AboutForm(OfferingForm):
    """What is known of an episode beside who it is. Everything but when and which kind may stay empty."""

    status = Radios(
        "Is the child missing, or away without permission?",
        choices=[Choice(one.value, one.label) for one in MissingStatus],
        validators=[required("Choose whether the child is missing or away")],
    )
    since_on = DateBoxes(
        "On which day was the child last where they should be?",
        called="The date",
        hint="",
        latest=clock.today,
        validators=[required("Enter the day since which the child is missing")],
    )
    since_at = Text(
        "At what time?",
        hint="As near as you can say, like 21:30",
        width=5,
        validators=[required("Enter the time since which the child is missing")],
    )
    raised_by = Text(
        "Who raised it?",
        hint="For example the carer, by name and phone number, or a member of staff",
        validators=[Optional()],
    )
    missing_from = Select("From where is the child missing?", prompt="Choose", validators=[Optional()])
    circumstances = LongText(
        "What happened before?",
        hint="What was seen and heard, and what the child said. Keep facts and opinion apart",
        rows=4,
        validators=[Optional()],
    )
    last_seen = LongText("Where was the child last seen, and by whom?", rows=2, validators=[Optional()])
    wearing = LongText("What is the child wearing?", rows=2, validators=[Optional()])
    believed_with = LongText("Who is the child believed to be with?", rows=2, validators=[Optional()])
    trigger_plan = Radios(
        "Was a trigger plan used?",
        hint="What was agreed to do first when this child is missing",
        choices=[Choice(one.value, one.label) for one in Answer],
        inline=True,
        validators=[Optional()],
    )
    police_reference = Text("Police reference", width=20, validators=[Optional()])
    grade = Select(
        "How do the police grade it?",
        hint="Only the police set this",
        prompt="Not graded yet",
        validators=[Optional()],
    )
    responsible = Select(
        "Which authority is responsible for the child?",
        hint="Its social care sees the episode and owes the return interview",
        prompt="Not known",
        validators=[Optional()],
    )
    host = Select(
        "In which authority’s area does the child live?",
        hint="Where that is another one, such as for a child who is placed here",
        prompt="The same, or not known",
        validators=[Optional()],
    )

    def offer_words(self, policy: Policy, *, grades: bool) -> None:
        """Set the lists of the policy; the grade is taken off the form for whoever does not set it."""
        missing = policy.of(Missing)
        self.offer("missing_from", choices(missing.places.choices()), prompt=True)
        self.offer("responsible", choices(policy.areas.authorities.choices()), prompt=True)
        self.offer("host", choices(policy.areas.authorities.choices()), prompt=True)
        if grades:
            self.offer("grade", choices(missing.grades.choices()), prompt=True)
        else:
            del self["grade"]

    def validate_since_at(self, field: Text) -> None:
        """A time of day that is past."""
        time_of(field)
        if self.since_on.data and moment_of(self.since_on.data, str(field.data)) > clock.now():
            raise ValidationError("This must be in the past")

    def facts(self) -> dict[str, Any]:
        """What was answered, by the columns of an episode. For a form that was found right."""
        said = {
            "status": self.said("status"),
            "missing_since": moment_of(self.since_on.data, self.said("since_at")),
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


class ReportForm(AboutForm):
    """Report a child who is missing: who it is, and what is known."""

    known: ClassVar[tuple[str, ...]] = (*_SINCE, "raised_on", "raised_at", *_SEEN, *_WHOSE)
    shown: Shown = (
        Group("Who is missing?", ("given_name", "family_name", "dob", "nhs_number")),
        Group("What is known?", known),
    )

    given_name = Text("First names", width=20, size=Size.NAME, validators=[Optional()])
    family_name = Text("Family name", width=20, size=Size.NAME, validators=[Optional()])
    dob = DateBoxes(
        "Date of birth",
        called="Date of birth",
        hint="If it is known. For example, 27 3 2010",
        latest=clock.today,
        validators=[Optional()],
    )
    nhs_number = NhsNumber("NHS number, if it is known", validators=[Optional()])
    raised_on = DateBoxes(
        "When was it raised?",
        called="The date",
        hint="When the police or you were first told. Leave this open if it is now",
        latest=clock.today,
        validators=[Optional()],
    )
    raised_at = Text("At what time was it raised?", hint="Like 22:50", width=5, validators=[Optional()])
    once = Hidden()

    def validate_raised_at(self, field: Text) -> None:
        """A day and a time of day, or neither."""
        time_of(field)
        if self.raised_on.data and not field.data:
            raise ValidationError("Enter the time at which it was raised")
        if field.data and not self.raised_on.raw_data:
            raise ValidationError("Enter the day on which it was raised too")

    def facts(self) -> dict[str, Any]:
        """What was answered, by the columns of an episode. For a form that was found right."""
        said = super().facts()
        if self.raised_on.data:
            said["reported_at"] = moment_of(self.raised_on.data, self.said("raised_at"))
        return said

    def begin(self, found: Any = None) -> None:
        """Ask who it is, unless it is a child who was found; show the authorities of their record."""
        record = found.record if found is not None else None
        if found is not None:
            self.shown = self.known
        if self.is_submitted():
            return
        self.once.data = str(uuid4())
        if record is not None:
            self.responsible.data = record.responsible_authority or ""
            self.host.data = record.host_authority or ""

    @property
    def nonce(self) -> UUID:
        """What makes sending the page twice the same as sending it once."""
        try:
            return UUID(self.once.data or "")
        except ValueError:
            return uuid4()


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
            ("since_at", f"{since:%H:%M}"),
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

    found_on = DateBoxes(
        "On which day was the child found, or did they come back?",
        called="The date",
        hint="",
        latest=clock.today,
        validators=[required("Enter the day on which the child was found or came back")],
    )
    found_at = Text(
        "At what time?",
        hint="Like 07:15. The time for the return interview runs from then",
        width=5,
        validators=[required("Enter the time at which the child was found or came back")],
    )
    how = Select(
        "How was the child found?",
        prompt="Choose",
        validators=[required("Choose how the child was found")],
    )
    where = Text("Where?", hint="A place or an address", validators=[Optional()])
    found_with = LongText("With whom?", rows=2, validators=[Optional()])
    injuries = LongText(
        "Was the child hurt, or harmed in another way?",
        hint="What was seen and what the child said. Write “not known” if nobody could tell",
        rows=3,
        validators=[required("Write whether the child was hurt, or that it is not known")],
    )

    def offer_findings(self, policy: Policy) -> None:
        """Set the list of the policy."""
        self.offer("how", choices(policy.of(Missing).findings.choices()), prompt=True)

    def validate_found_at(self, field: Text) -> None:
        """A time of day that is past."""
        time_of(field)
        if self.found_on.data and moment_of(self.found_on.data, str(field.data)) > clock.now():
            raise ValidationError("This must be in the past")

    def facts(self) -> dict[str, Any]:
        """What was answered, by the columns of an episode. For a form that was found right."""
        return {
            "returned_at": moment_of(self.found_on.data, self.said("found_at")),
            "how_found": self.said("how"),
            "found_where": self.said("where"),
            "found_with": self.said("found_with"),
            "injuries": self.said("injuries"),
        }

    def fill(self, episode: Any) -> None:
        """Show what the episode says already, or the present moment."""
        at = clock.local(episode.returned_at or clock.now())
        self.found_on.process(None, at.date())
        self.found_at.data = f"{at:%H:%M}" if episode.returned_at else ""
        self.how.data = episode.how_found or ""
        self.where.data = episode.found_where or ""
        self.found_with.data = episode.found_with or ""
        self.injuries.data = episode.injuries or ""


class PreventionForm(EpisodeForm):
    """The talk that the police have with a child who is back."""

    held_on = DateBoxes(
        "On which day did the police talk with the child?",
        called="The date",
        hint="",
        latest=clock.today,
        validators=[required("Enter the day of the prevention interview")],
    )
    held_at = Text("At what time?", hint="Like 09:40", width=5, validators=[required("Enter the time")])
    held_by = Text("Who talked with the child?", validators=[required("Enter who talked with the child")])
    words = LongText(
        "What did the child say, and what did you see?",
        hint="Use the child’s own words where you have them",
        rows=5,
        validators=[required("Write what came of it, or that the child did not want to talk")],
    )

    def validate_held_at(self, field: Text) -> None:
        """A time of day that is past."""
        time_of(field)
        if self.held_on.data and moment_of(self.held_on.data, str(field.data)) > clock.now():
            raise ValidationError("This must be in the past")

    def fill(self, episode: Any) -> None:
        """Show what the episode says already."""
        if episode.prevention_at is None:
            return
        at = clock.local(episode.prevention_at)
        self.held_on.process(None, at.date())
        self.held_at.data = f"{at:%H:%M}"
        self.held_by.data, self.words.data = episode.prevention_by, episode.prevention_words

    @property
    def moment(self) -> datetime:
        """When it was. For a form that was found right."""
        return moment_of(self.held_on.data, self.said("held_at"))


class WithdrawForm(EpisodeForm):
    """Say that there was no such episode."""

    reason = LongText(
        "Why is it withdrawn?",
        hint="For example: the child was where they should be, or the same episode was reported twice"
        " (give the other reference)",
        rows=3,
        validators=[required("Say why it is withdrawn")],
    )


class StrategyForm(OfferingForm):
    """What is decided after a child was missing repeatedly."""

    answer = Radios(
        "What is decided?",
        choices=[Choice(one.value, one.label) for one in StrategyAnswer],
        validators=[required("Choose what is decided")],
    )
    words = LongText(
        "When and with whom, or why not?",
        rows=3,
        validators=[required("Say when and with whom, or why it is not needed")],
    )

    @property
    def chosen(self) -> StrategyAnswer:
        """What is decided. For a form that was found right."""
        return StrategyAnswer(self.said("answer"))
