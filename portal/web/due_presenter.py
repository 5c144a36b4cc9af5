"""How something that is due reads: by when, how long it is overdue, and where its date comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from portal import clock
from portal.access.permissions import could_ever
from portal.access.principal import current
from portal.deadlines.vocabulary import BY_A_PERSON, DeadlineKind
from portal.messages.presenter import joined
from portal.pages.about import Key, Seen, Subject
from portal.pathway.calendar import ends_a_day
from portal.pathway.states import COMING_MEETING_STATES
from portal.policy import Figure, Policy, current_policy, policy_of
from portal.policy.intake import Clock
from portal.policy.validators import Unit
from portal.records.linked_processes.facts import duty_label
from portal.records.linked_processes.policy import LinkedProcesses, LinkedStepRule
from portal.records.meetings.presenter import words as meeting_words
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.safety_plans.policy import SafetyPlanning
from portal.vocabulary import Sensitivity
from portal.web.filters import day, lower_first
from portal.web.references import page_of_subject

#: What one does about a duty, and the permission that it takes; about any other one opens its record.
_VERBS = {
    DeadlineKind.RECEIPT: ("Confirm", "disclosure:confirm"),
    DeadlineKind.INFORMATION_REQUEST: ("Answer", "request:answer"),
    DeadlineKind.MOMENT_REVIEW: ("Review", "moment:review"),
    DeadlineKind.ALERT_REVIEW: ("Review", "alert:change"),
    DeadlineKind.CONCERN_REVIEW: ("Review", "concern:keep"),
    DeadlineKind.SAFETY_PLAN: ("Review", "safety_plan:decide"),
    DeadlineKind.SIGN_OFF: ("Sign off", "assessment:sign_off"),
}
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Duty:
    """One duty, as a list or a sheet shows it."""

    what: str
    verb: str  # what one does about it
    confirms: bool  # by a click, that something was received
    names: str
    missing: tuple[Any, ...]  # whoever of them is missing now, for `ui.missing_marks`
    level: str | None  # of the case, where it is of one that the person reads
    reference: str
    href: str
    due_at: datetime
    original_due_at: datetime
    owner: str
    phone: str
    late: str  # “3 days”; empty when it is not overdue
    today: bool
    unseen: str = ""  # what stands in the place of a record that the reader does not see
    away: str = ""  # “who is away until 5 December 2026”, of a duty of somebody whom the reader stands in for

    @property
    def stands_in(self) -> str:
        """For whom the reader does it; empty where it is theirs, or their team's."""
        return f"for {self.owner}, {self.away}" if self.away else ""


def duties(rows: Sequence[Any], seen: Mapping[Key, Seen], now: datetime) -> list[Duty]:
    """Rows of `portal.pages.work` in words."""
    return [_duty(row, seen, now) for row in rows]


def on_paper(rows: Sequence[Any], seen: Mapping[Key, Seen], now: datetime) -> list[Duty]:
    """The same for a paper that a whole office may read: what is sealed is left off it, and what else is held
    closely stands by its reference alone.

    Args:
        seen: as `about.for_a_paper` has it.
    """
    found = []
    for row in rows:
        about = seen.get(Subject.of(row).key)
        held = max(row.held or Sensitivity.NORMAL, about.held if about else Sensitivity.NORMAL)
        if held < Sensitivity.SEALED:
            duty = _duty(row, seen, now)
            found.append(replace(duty, names="", missing=()) if held else duty)
    return found


@dataclass(frozen=True)
class ComingMeeting:
    """One meeting that somebody, or their team, is invited to."""

    what: str
    names: str
    missing: tuple[Any, ...]
    reference: str
    invitation: str  # the reference of the page on which one answers
    at: datetime
    when: str
    role: str
    reply: str
    waits: bool  # for an answer


def meetings(rows: Sequence[Any], seen: Mapping[Key, Seen], now: datetime) -> list[ComingMeeting]:
    """Those of the rows of `portal.records.meetings.reading.records.mine` that are not over, in words."""
    found = [
        (row, seen.get(meeting_subject(row).key))
        for row in rows
        if row.ends_at >= now and row.state in COMING_MEETING_STATES
    ]
    return [
        ComingMeeting(
            what=meeting_words.kind_words(row),
            names=joined(about.names) if about else "",
            missing=about.missing if about else (),
            reference=row.reference,
            invitation=row.invitation,
            at=row.starts_at,
            when=meeting_words.when_words(row),
            role=meeting_words.role_words(row.role),
            reply=meeting_words.own_reply_words(row),
            waits=row.reply == InvitationReply.WAITING,
        )
        for row, about in found
    ]


def meeting_subject(row: Any) -> Subject:
    """A meeting, to be looked up."""
    return Subject("meeting", row.id)


def overdue_by(due_at: datetime, now: datetime) -> str:
    """How long something is overdue: “3 days”, “5 hours”; empty when it is not. What was due with the end of
    a day is overdue by days as people count them, from the next one on.
    """
    late = now - due_at
    if late <= timedelta(0):
        return ""
    if ends_a_day(due_at):
        return _count(max((clock.local(now).date() - clock.local(due_at).date()).days, 1), "day")
    if late >= _DAY:
        return _count(late // _DAY, "day")
    return _count(max(late // _HOUR, 1), "hour") if late >= _HOUR else "less than an hour"


def _verb(kind: str) -> str:
    """What whoever reads may do about a duty of a kind; who never may is not offered it."""
    verb, permission = _VERBS.get(DeadlineKind(kind), ("Open", ""))
    return verb if permission and could_ever(current(), permission) else "Open"


def _whom_to_ask(row: Any) -> str:
    """Of a record that the reader does not see, such as one that is held more closely now."""
    whose = "the hub" if row.owner_id in {None, current().user_id} else row.owner
    return f"You do not see the record now. Ask {whose}"


def _duty(row: Any, seen: Mapping[Key, Seen], now: datetime) -> Duty:
    subject = Subject.of(row)
    found = seen.get(subject.key)
    return Duty(
        what=duty_label(row.kind, row.source),
        verb=_verb(row.kind),
        confirms=row.kind == DeadlineKind.RECEIPT,
        level=row.level,
        names=joined(found.names) if found else "",
        missing=found.missing if found else (),
        reference=(found.reference if found else "") or "",
        href=page_of_subject(subject, None, seen) if found else "",
        due_at=row.due_at,
        original_due_at=row.original_due_at,
        owner=row.owner or "",
        phone=row.phone,
        late=overdue_by(row.due_at, now),
        today=clock.local(row.due_at).date() == clock.local(now).date(),
        unseen="" if found else _whom_to_ask(row),
        away=f"who is away until {day(row.away_until)}" if row.away_until else "",
    )


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


_OF_LEVELS = {
    "first_meeting_working_days": ("working day", "{count} from the assessment, for the level {level}"),
    "review_working_days": ("working day", "{count} from the last meeting, for the level {level}"),
    "assessment_max_days": ("day", "an assessment no older than {count}, for the level {level}"),
}
_UNITS = {
    Unit.ELAPSED_HOURS: "hour",
    Unit.WORKING_DAYS: "working day",
    Unit.DAYS: "day",
    Unit.MONTHS: "month",
    Unit.YEARS: "year",
}


@dataclass(frozen=True)
class DueSource:
    """What a date was reckoned by; `source` is empty where a person set it."""

    number: str
    source: str
    confirmed: bool


def period_words(figure: Figure | Clock) -> str:
    """How long, in plain words: “1 working day”, “4 hours”."""
    return _count(figure.value, _UNITS[figure.unit])


def figure_words(figure: Figure | Clock) -> str:
    """How long, in words: “15 working days”, “1 hour by the clock”."""
    if figure.unit is Unit.ELAPSED_HOURS:
        return f"{_count(figure.value, 'hour')} by the clock"
    return _count(figure.value, _UNITS[figure.unit])


def due_source(row: Any, authority: str | None) -> DueSource:
    """Where the date of a duty comes from, by the policy that it was opened under.

    Args:
        row: something with `source`, `confirmed` and `policy_version`, such as a deadline.
    """
    policy = policy_of(row.policy_version) or current_policy(authority)
    number, source = _words(policy, str(row.source).split("."))
    return DueSource(number, source, bool(row.confirmed))


def _words(policy: Policy, path: list[str]) -> tuple[str, str]:
    match path:
        case ["levels", level, key] if key in _OF_LEVELS and (rule := policy.levels.levels.get(level)):
            unit, words = _OF_LEVELS[key]
            count = _count(getattr(rule, key), unit)
            return words.format(count=count, level=lower_first(rule.label)), rule.source
        case ["clocks", code] if clock := policy.clocks.clocks.get(code):
            return figure_words(clock), clock.source
        case ["linked_processes", kind, step, done] if (
            process := policy.of(LinkedProcesses).processes.get(kind)
        ) and (figure := _of_step(process.steps.get(step), done)):
            return figure_words(figure), figure.source
        case ["safety_plan", "lasts_at_most"]:
            most = policy.of(SafetyPlanning).lasts_at_most
            return f"the day that was chosen, at most {figure_words(most)}", most.source
    return ("a day that a person chose" if path == [BY_A_PERSON] else "the rules of the partnership"), ""


def _of_step(step: LinkedStepRule | None, done: str) -> Figure | None:
    """The figure of a step of a linked process, for the time that it comes back."""
    return step.within_after(int(done)) if step and done.isdigit() else None


_MINUTE = timedelta(minutes=1)
_LONG = timedelta(days=4)  # of the 72 hours of a return interview a day less would be said at once


def time_left(due: datetime | None, now: datetime | None = None) -> str:
    """“2 hours 5 minutes left”, “Overdue by 3 days”; nothing without a due time."""
    if due is None:
        return ""
    now = now or clock.now()
    if due < now:
        return f"Overdue by {span(now - due)}"
    return f"{span(due - now)} left"


def late(due_at: datetime) -> str:
    """How long something is overdue now."""
    return overdue_by(due_at, clock.now())


def brief_left(due: datetime, now: datetime) -> str:
    """The same for a narrow column: “2 h 5 min left”, “3 days late”."""
    length, ends = (now - due, "late") if due < now else (due - now, "left")
    words = span(length).replace(" hours", " h").replace(" hour", " h")
    return f"{words.replace(' minutes', ' min').replace(' minute', ' min')} {ends}"


def span(length: timedelta) -> str:
    """A length of time in its two largest units: days and hours, or hours and minutes; long ones in days."""
    if length >= _LONG:
        return _count(length // _DAY, "day")
    if length >= 2 * _DAY:
        hours = length % _DAY // _HOUR
        return _count(length // _DAY, "day") + (f" {_count(hours, 'hour')}" if hours else "")
    hours, rest = length // _HOUR, length % _HOUR
    minutes = rest // _MINUTE
    if hours >= 10:  # noqa: PLR2004 - minutes no longer matter
        return _count(hours, "hour")
    said = [_count(hours, "hour") if hours else "", _count(minutes, "minute") if minutes else ""]
    return " ".join(filter(None, said)) or "less than a minute"
