"""Reporting a missing child, and putting right what a report says; the times that have to fit together."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar

from portal import clock
from portal.pathway.calendar import age_on
from portal.policy import Policy, current_policy
from portal.records.missing.policy import Missing
from portal.records.missing.rules import TIMES, as_meant_each, contradictions
from portal.records.missing.vocabulary import MissingStatus
from portal.vocabulary import Answer
from portal.web.choices import ClockTime, OfferingForm, OnceForm, VersionedForm, clock_words, terms
from portal.web.error_summary import Group, Shown
from portal.web.fields import Choice, LongText, NhsNumber, PastDay, Radios, Select, Size, Text, Tick
from portal.web.widgets import KnownChildren

#: The answer that the child is none of those who fit.
NOBODY = "nobody"

TRIGGER = {Answer.YES.value: True, Answer.NO.value: False}

_MONTHS_A_YEAR = 12

_SINCE = ("status", "since_on", "since_at", "since_sure", "missing_from", "raised_by")
_LEFT = ("left_on", "left_at")
_SEEN = ("seen_on", "seen_at", "last_seen", "seen_by", "seen_role")
_LOOKS = ("circumstances", "description", "wearing", "believed_with", "trigger_plan")
_WHOSE = ("responsible", "host", "police_reference", "grade")
#: By column of an episode, the field in which a report says it in words.
_WORDS = {
    "reported_by": "raised_by",
    "last_seen_by": "seen_by",
    **{name: name for name in ("circumstances", "last_seen", "description", "wearing", "believed_with")},
}


def _ago(day: date) -> str:
    """How long ago a day is: in years, from two on, else in months, from two on, else in days."""
    today = clock.today()
    months = (today.year - day.year) * _MONTHS_A_YEAR + today.month - day.month - (today.day < day.day)
    years = age_on(day, today)
    many, what = (years, "years") if years > 1 else (months, "months")
    return f"{many} {what} ago" if many > 1 else f"{(today - day).days} days ago"


def trigger_answer(episode: Any) -> str | None:
    """What an episode says of the trigger plan, as a form has it; None where nobody said."""
    used = {True: Answer.YES, False: Answer.NO}.get(episode.trigger_plan_used)
    return used.value if used else None


class EpisodeForm(VersionedForm):
    """Something is said of an episode as it was seen."""

    #: By column of an episode, the field in which it is said in words.
    words_of: ClassVar[Mapping[str, str]] = {}

    def begin(self, episode: Any) -> None:
        """Show what the episode says now, where nothing was sent. Words in it that are held back from whoever
        changes it are not asked, and stay as they are; unless they were asked when the page was opened.
        """
        self.episode = episode
        for column, name in self.words_of.items():
            if getattr(episode, column) is None and not self[name].raw_data:
                del self[name]
        self.prefill(version=str(episode.version))
        if not self.is_submitted():
            self.fill(episode)

    def fill(self, episode: Any) -> None:
        """Fill in what is said of it already."""


class TimesForm(OfferingForm):
    """Times of an episode. Everything that they say and that cannot be is shown at once."""

    #: By column of an episode, the fields of its day and of its time of day.
    moments: ClassVar[Mapping[str, tuple[str, str]]]
    #: The episode that the form is on, whose other times hold too.
    episode: Any = None

    @property
    def born(self) -> date | None:
        """The child’s date of birth, where it is known for certain."""
        return getattr(self.episode, "reported_dob", None)

    def times(self) -> dict[str, datetime]:
        """The times of the episode as they are meant; a field that was not filled in right is left out."""
        stands = {name: getattr(self.episode, name, None) for name in TIMES}
        return as_meant_each(stands | {name: self._moment(*pair) for name, pair in self.moments.items()})

    def validate(self, extra_validators: Any = None) -> bool:
        """A day has its time and a time its day, and no time contradicts another."""
        super().validate(extra_validators)
        for day, at in self.moments.values():
            if self[day].data and not self.said(at):
                self._say(at, "Enter the time of that day")
            elif self.said(at) and not self[day].raw_data and not self[day].errors:
                self._say(day, "Enter the day of that time too")
        role = (
            self.said("seen_role") if "seen_role" in self else getattr(self.episode, "last_seen_role", None)
        )
        responsible = current_policy().of(Missing).seen_by_responsible(role)
        for wrong in contradictions(
            self.times(), now=clock.now(), seen_by_responsible=responsible, born=self.born
        ):
            for column, words in wrong.said.items():
                if column in self.moments:
                    self._say(self.moments[column][1], words)
                    break
        return not self.errors

    def _moment(self, day: str, at: str) -> datetime | None:
        when, field = self[day].data, self[at]
        whole = when is not None and field.time_of_day is not None
        return field.on(when) if whole else None

    def _say(self, name: str, words: str) -> None:
        if not self[name].errors:
            self[name].errors = [words]


class AboutForm(TimesForm):
    """What is known of an episode beside who it is. Everything but when and which kind may stay empty."""

    moments: ClassVar[Mapping[str, tuple[str, str]]] = {
        "missing_since": ("since_on", "since_at"),
        "left_at": ("left_on", "left_at"),
        "last_seen_at": ("seen_on", "seen_at"),
    }

    status = Radios(
        "Is the child missing, or away without permission?",
        choices=MissingStatus,
        required="Choose whether the child is missing or away",
    )
    since_on = PastDay(
        "On which day was the child last where they should be?",
        called="The day since which the child is missing",
        hint="When they left, or when an adult who answers for them last saw them, whichever is later",
        required="Enter the day since which the child is missing",
    )
    since_at = ClockTime(
        "At what time?",
        hint="As near as you can say, like 21:30",
        past="since_on",
        required="Enter the time since which the child is missing",
    )
    since_sure = Tick("It is right that this is so long ago")
    raised_by = Text(
        "Who raised it?", hint="For example the carer, by name and phone number, or a member of staff"
    )
    missing_from = Select("From where is the child missing?", prompt="Choose")
    circumstances = LongText(
        "What happened before?",
        hint="What was seen and heard, and what the child said. Keep facts and opinion apart",
        rows=4,
    )
    left_on = PastDay(
        "On which day did the child leave?", hint="If that is known", called="The day on which the child left"
    )
    left_at = ClockTime("At what time did they leave?", hint="Like 21:30", past="left_on")
    seen_on = PastDay(
        "On which day was the child last seen?",
        hint="By anybody, also after they left",
        called="The day on which the child was last seen",
    )
    seen_at = ClockTime("At what time were they last seen?", hint="Like 21:30", past="seen_on")
    last_seen = LongText("Where was the child last seen?", rows=2)
    seen_by = Text("Who saw them?", hint="By name, and how to reach them")
    seen_role = Select("Who is that to the child?", prompt="Not known")
    description = LongText(
        "What does the child look like?",
        hint="For whoever looks for them: height, build, hair, what stands out. Add a photo afterwards",
        rows=2,
    )
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
        hint="Its social care sees the episode, and owes the return interview where nobody on a case does."
        " While it is not known, each front door is told and sees what is reported",
        prompt="Not known",
    )
    host = Select(
        "In which authority’s area does the child live?",
        hint="Choose it also where it is the same. While it is not known, each front door is told and sees"
        " what is reported, in case the child lives there",
        prompt="Not known",
    )

    def offer_words(self, policy: Policy, *, grades: bool) -> None:
        """Set the lists of the policy; the grade is taken off the form for whoever does not set it."""
        missing = policy.of(Missing)
        self.offer("missing_from", terms(missing.places.offered))
        self.offer("seen_role", terms(missing.seen_by.offered))
        self.offer("responsible", terms(policy.areas.authorities.offered))
        self.offer("host", terms(policy.areas.authorities.offered))
        if grades:
            self.offer("grade", terms(missing.grades.offered))
        else:
            del self["grade"]

    def ask_if_long_ago(self, before: date | None = None) -> None:
        """Ask whether the day since when the child is missing is right, where that is longer ago than policy
        has in mind (`missing.long_ago`) and was not said before.
        """
        typed = self.since_on.data
        oldest = clock.today() - timedelta(days=current_policy().of(Missing).long_ago.value)
        if typed is None or typed == before or typed >= oldest:
            del self.since_sure

    def validate(self, extra_validators: Any = None) -> bool:
        """A day that is long ago is right once somebody says so."""
        right = super().validate(extra_validators)
        if "since_sure" in self and not self.since_sure.data and self.since_on.data:
            ago = _ago(self.since_on.data)
            self._say("since_sure", f"That is {ago}. Is it right? Correct the date, or tick that it is right")
            return False
        return right

    def facts(self) -> dict[str, Any]:
        """What was answered, by the columns of an episode. For a form that was found right."""
        times = self.times()
        said = {
            "status": self.said("status"),
            "missing_since": times["missing_since"],
            "left_at": times.get("left_at"),
            "last_seen_at": times.get("last_seen_at"),
            "last_seen_role": self.said("seen_role") or None,
            "missing_from": self.said("missing_from") or None,
            "trigger_plan_used": TRIGGER.get(self.said("trigger_plan")),
            "police_reference": self.said("police_reference") or None,
            "responsible_authority": self.said("responsible") or None,
            "host_authority": self.said("host") or None,
        }
        said |= {column: self.said(name) for column, name in _WORDS.items() if name in self}
        return said | ({"grade": self.said("grade") or None} if "grade" in self else {})


class ReportForm(AboutForm, OnceForm):
    """Report a child who is missing: who it is, and what is known."""

    asks_who = True

    moments: ClassVar[Mapping[str, tuple[str, str]]] = {
        **AboutForm.moments,
        "reported_at": ("raised_on", "raised_at"),
    }
    known: ClassVar[Shown] = (
        Group("What is known?", (*_SINCE, "raised_on", "raised_at", *_LEFT)),
        Group("When was the child last seen?", _SEEN),
        Group("What helps to find the child?", _LOOKS),
        Group("Which authorities and police?", _WHOSE),
    )
    shown: Shown = (
        Group("Who is missing?", ("given_name", "family_name", "dob", "dob_sure", "nhs_number", "whom")),
        *known,
    )

    given_name = Text("First names", width=20, size=Size.NAME)
    family_name = Text("Family name", width=20, size=Size.NAME)
    dob = PastDay(
        "Date of birth", today=False, called="Date of birth", hint="If it is known. For example, 27 3 2010"
    )
    dob_sure = Tick("The date of birth is right")
    nhs_number = NhsNumber("NHS number, if it is known")
    whom = Radios(
        "Is it one of these children, whom you know of?",
        hint="They fit what you entered",
        widget=KnownChildren(),
    )
    raised_on = PastDay(
        "When was it raised?",
        called="The day on which it was raised",
        hint="When the police or you were first told. Leave this open if it is now",
    )
    raised_at = ClockTime("At what time was it raised?", hint="Like 22:50", now=True)
    add_to = Text("The episode to which it is added instead")  # what the second button says

    #: The episode by which the child is missing already, as far as the reader knows.
    already: str = ""
    #: The authorities that the form took from the record of the child, by the columns of an episode.
    of_record: Mapping[str, str] = MappingProxyType({})
    known_birth: date | None = None

    @property
    def born(self) -> date | None:
        """As it was typed, or of the child who was found."""
        return self.dob.data if self.asks_who else self.known_birth

    def offer_known(self, known: Iterable[Choice]) -> None:
        """Ask whether it is one of the known children that fit, where any does."""
        offered = list(known)
        none = Choice(NOBODY, "None of these: another child", divider="or")
        self.offer("whom", [*offered, none] if offered else ())
        if self.whom.data not in {one.value for one in (*offered, none)} or not offered:
            self.whom.data = None  # chosen of those who fitted another name

    def validate(self, extra_validators: Any = None) -> bool:
        """A name is asked for unless the child was found; and which child it is, where known ones fit."""
        right = super().validate(extra_validators)
        if self.asks_who and self.whom.choices and not self.whom.data:
            self._say("whom", "Choose whether it is one of these children")
            right = False
        is_known = self.whom.data not in {None, "", NOBODY}
        if "dob_sure" in self and not (is_known or self.dob_sure.data):
            age = age_on(self.dob.data, clock.today())
            self._say(
                "dob_sure", f"By this date they are {age} years old. Correct it, or tick that it is right"
            )
            right = False
        if self.asks_who and not (is_known or self.said("given_name") or self.said("family_name")):
            self._say("given_name", "Enter the child’s name, or the name that the child goes by")
            return False
        return right

    def facts(self) -> dict[str, Any]:
        """What was answered, by the columns of an episode. For a form that was found right."""
        said = super().facts()
        if raised := self.times().get("reported_at"):
            said["reported_at"] = raised
        return said

    def begin(self, found: Any = None) -> None:
        """Ask who it is, unless it is a child who was found; show the authorities of their record."""
        record = found.record if found is not None else None
        if found is not None:
            self.asks_who, self.shown = False, self.known
            self.known_birth = None if found.child.dob_is_estimate else found.child.dob
        oldest = current_policy().clocks.limits.send_age.value
        typed = self.dob.data if self.asks_who else None
        if typed is None or age_on(typed, clock.today()) <= oldest:
            del self.dob_sure  # asked only of somebody older than policy has in mind
        self.ask_if_long_ago()
        if record is not None:
            of_record = {name: getattr(record, name) for name in ("responsible_authority", "host_authority")}
            self.of_record = {name: value for name, value in of_record.items() if value}
            self.prefill(responsible=record.responsible_authority or "", host=record.host_authority or "")


class ChangeForm(AboutForm, EpisodeForm):
    """Put right or add to what an episode says; what it said before is kept."""

    shown: ClassVar[Shown] = (*_SINCE, *_LEFT, *_SEEN, *_LOOKS, *_WHOSE)
    words_of = _WORDS

    def begin(self, episode: Any) -> None:
        """Show what it says; of a day long ago ask if it is right, where it is another than before."""
        super().begin(episode)
        self.ask_if_long_ago(before=clock.local(episode.missing_since).date())

    def fill(self, episode: Any) -> None:
        """Show what the episode says now."""
        for column, (day, at) in self.moments.items():
            if moment := getattr(episode, column):
                self[day].process(None, clock.local(moment).date())
                self[at].data = clock_words(moment)
        for name, value in (
            ("status", episode.status),
            ("seen_by", episode.last_seen_by),
            ("seen_role", episode.last_seen_role),
            ("description", episode.description),
            ("raised_by", episode.reported_by),
            ("missing_from", episode.missing_from),
            ("circumstances", episode.circumstances),
            ("last_seen", episode.last_seen),
            ("wearing", episode.wearing),
            ("believed_with", episode.believed_with),
            ("trigger_plan", trigger_answer(episode)),
            ("police_reference", episode.police_reference),
            ("responsible", episode.responsible_authority),
            ("host", episode.host_authority),
            ("grade", episode.grade),
        ):
            if name in self:
                self[name].data = value or ""
