"""The shape of ``meetings.toml``, ``reminders.toml`` and ``telling.toml``: meetings, and who is told what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from functools import cached_property

from portal.deadlines.vocabulary import DeadlineKind
from portal.messages.vocabulary import Ground, MessageRecipient, TellBy
from portal.policy.reader import Catalogue
from portal.policy.validators import InHours, InWorkingDays, Sourced, Term, Unit, Weekday


class RungWhen(StrEnum):
    """From which moment of a duty a rung is counted."""

    OPENED = "opened"
    BEFORE = "before"
    ON = "on"
    AFTER = "after"


class MeetingOn(StrEnum):
    """What a meeting is about."""

    CASES = "cases"
    DISTRICT = "district"


#: How the subject of what does not wait begins.
URGENT = "Urgent: "


@dataclass(frozen=True, kw_only=True)
class MessageKind(Term):
    """One kind of thing that people are told; ``hint`` says on the preferences page what it means.

    One that is ``statutory`` cannot be switched off; one that is ``urgent`` does not wait for the hours.
    Kinds with the same word in ``together`` that wait for one receiver at one moment are one e-mail.
    """

    subject: str
    line: str
    statutory: bool = False
    urgent: bool = False
    ended: bool = False  # it says only that something ended: it may go to whoever loses sight by that
    together: str = ""

    @property
    def plain(self) -> str:
        """The subject where a mark beside it says that it is urgent, or it is not."""
        said = self.subject.removeprefix(URGENT)
        return f"{said[:1].upper()}{said[1:]}"

    def titled(self, *, urgent: bool) -> str:
        """The subject of an e-mail: of one that does not wait it says so, whatever its kind."""
        return f"{URGENT}{self.plain[:1].lower()}{self.plain[1:]}" if urgent or self.urgent else self.plain


@dataclass(frozen=True, kw_only=True)
class Tell:
    """One row of the table of who is told of what: somebody, on a ground, by a way.

    Attributes:
        kind: a code of ``reminders.kinds``; none of what is only news.
        last_word: they lose sight by what happens, and are told nevertheless.
        required: where nobody can be found on this ground, that is somebody's work at once.
        hidden: the page does not say whether this ground has anybody, and says that it does not.
        unsaid: the page says nothing of this ground.
        needs_no_reach: they are told that it happened although they may not see the record.
    """

    to: Ground
    by: TellBy
    kind: str = ""
    last_word: bool = False
    required: bool = False
    hidden: bool = False
    unsaid: bool = False
    needs_no_reach: bool = False

    @property
    def needs_no_sight(self) -> bool:
        """Whether they are told also where they do not see the record, or do not any more."""
        return self.last_word or self.needs_no_reach

    @property
    def shown(self) -> bool:
        """Whether the page names who is told."""
        return not (self.hidden or self.unsaid)


@dataclass(frozen=True, kw_only=True)
class TellsOf:
    """Who is told of one event (`portal.messages.vocabulary.Event`, by its code).

    Attributes:
        must_be_opened: an e-mail of it that nobody opens in time is passed on (``reminders.unopened``).
    """

    event: str
    tells: tuple[Tell, ...]
    must_be_opened: bool = False


@dataclass(frozen=True, kw_only=True)
class Telling(Sourced):
    """``telling.toml``

    Attributes:
        soon: a meeting that is held within this time is one whose chair hears of what comes before it.
    """

    soon: InWorkingDays
    events: tuple[TellsOf, ...]

    def of(self, event: str) -> tuple[Tell, ...]:
        """Who is told of an event.

        :raises KeyError: the policy does not know it, which start-up makes sure of.
        """
        return self._by_event[event]

    def known(self, event: str) -> tuple[Tell, ...]:
        """The same of an event that an earlier edition may have known, and this one does not: nobody."""
        return self._by_event.get(event, ())

    @cached_property
    def must_be_opened(self) -> frozenset[str]:
        """The events of which an e-mail that nobody opens is passed on."""
        return frozenset(one.event for one in self.events if one.must_be_opened)

    @cached_property
    def _by_event(self) -> Mapping[str, tuple[Tell, ...]]:
        return {one.event: one.tells for one in self.events}


@dataclass(frozen=True, kw_only=True)
class ReminderStep:
    """One step of a ladder. Without a value it lies at the very moment, or on the very day.

    One that is told by the digest waits for no hour of its own: it is in the morning message of its day.
    """

    code: str
    when: RungWhen
    kind: str
    to: tuple[MessageRecipient, ...]
    value: int = 0
    unit: Unit = Unit.WORKING_DAYS
    by: TellBy = TellBy.MAIL


@dataclass(frozen=True, kw_only=True)
class Ladder(Sourced, Term):
    """The steps by which a duty is brought to mind: of one clock, of one kind of deadline, or of the rest.

    One of a kind may be limited to what the duty is ``about``: a meeting that is booked has people who are
    invited, one that a case still owes has nobody but whoever has to call it. The
    name is that of its table.
    """

    rungs: tuple[ReminderStep, ...]
    clock: str | None = None
    deadline: DeadlineKind | None = None
    about: str | None = None


@dataclass(frozen=True, kw_only=True)
class SendingHours(Sourced):
    """When messages that are not urgent go out, by the clock in Europe/London."""

    day_starts: time
    opens: time
    closes: time
    working_days_only: bool
    notice_hours: int  # so long before something begins, an e-mail about it has gone out


@dataclass(frozen=True, kw_only=True)
class Digest(Sourced):
    """When the morning message goes out, and on which day a manager's."""

    at: time
    weekly_on: Weekday


@dataclass(frozen=True, kw_only=True)
class Unopened:
    """How long an e-mail that has to be opened may stay unopened before it is passed on."""

    urgent: InHours
    others: InWorkingDays


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """After which time others hear that something waits that is nobody's own duty."""

    access: InWorkingDays
    roles: InWorkingDays
    talk: InWorkingDays
    left_draft: InWorkingDays


@dataclass(frozen=True, kw_only=True)
class Reminders:
    """``reminders.toml``"""

    hours: SendingHours
    digest: Digest
    give_up_after: InHours
    waiting_too_long: InHours
    unsent_draft_manager: InWorkingDays
    minutes_unopened: InWorkingDays
    time_to_cover: InHours
    unopened: Unopened
    unanswered: Unanswered
    kinds: Catalogue[MessageKind]
    ladders: Catalogue[Ladder]

    def ladder(self, kind: str, source: str, about: str) -> Ladder:
        """The ladder of a duty.

        :param kind: the deadline's kind, also one that this program does not know yet.
        :param source: the deadline's ``source``: the policy key of its clock.
        :param about: the deadline's ``subject_kind``.
        """
        offered = self.ladders.offered
        for one in offered:
            if one.clock is not None and source == f"clocks.{one.clock}":
                return one
        of_kind = [one for one in offered if one.deadline is not None and one.deadline == kind]
        for wanted in (about, None):
            for one in of_kind:
                if one.about == wanted:
                    return one
        return next(one for one in offered if one.clock is None and one.deadline is None)


@dataclass(frozen=True, kw_only=True)
class MeetingKind(Term):
    """A kind of meeting and what it is on."""

    on: MeetingOn


@dataclass(frozen=True, kw_only=True)
class MeetingRole(Term):
    """In which role somebody is invited; ``outside`` is for people without an account.

    Nothing is handed to whoever is ``family`` while an alert says not to contact the family.
    """

    outside: bool = False
    family: bool = False


@dataclass(frozen=True, kw_only=True)
class Paper(Term):
    """A paper that a meeting needs; one ``from_agency`` is asked of each invited agency."""

    from_agency: bool = False


@dataclass(frozen=True, kw_only=True)
class AgendaHeading(Term):
    """A heading that an agenda starts with."""

    on: tuple[MeetingOn, ...]
    per_child: bool = False
    must_be_answered: bool = False  # its agenda says so until something is recorded under it


@dataclass(frozen=True, kw_only=True)
class Meetings:
    """``meetings.toml``"""

    report_before: InWorkingDays
    answer_within: InWorkingDays
    kinds: Catalogue[MeetingKind]
    roles: Catalogue[MeetingRole]
    papers: Catalogue[Paper]
    agenda: Catalogue[AgendaHeading]
    handout_ways: Catalogue[Term]
