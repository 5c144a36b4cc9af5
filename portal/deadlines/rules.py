"""When something is due, and when each rung of its ladder of reminders falls."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from portal.clock import local
from portal.messages.vocabulary import TellBy
from portal.pathway import calendar
from portal.policy import Clock, Figure, Unit
from portal.policy.telling import Ladder, ReminderStep, RungWhen, SendingHours


def due(clock: Clock | Figure, start: datetime) -> datetime:
    """When a time that started at ``start`` is up, in UTC.

    Elapsed hours run on through nights, weekends and clock changes. For working days the local date of the
    start is day 0, whatever the hour, and the time is up at the end of the last day in Europe/London.
    Days and months (limits of reviews) also end at the end of a local day.

    :param clock: how long (policy ``clocks`` or a figure with a unit).
    :param start: an aware moment.
    :raises ValueError: the start has no time zone, or the unit cannot be counted from a moment.
    """
    if start.tzinfo is None:
        raise ValueError("A start needs a time zone: use clock.now().")
    if clock.unit is Unit.ELAPSED_HOURS:
        return start.astimezone(UTC) + timedelta(hours=clock.value)
    return calendar.end_of_day(last_day(clock, local(start).date()))


def last_day(clock: Clock | Figure, day: date) -> date:
    """The last day on which something that started on a day is in time.

    :raises ValueError: the unit is hours, which are counted from a moment, or years, which are ages.
    """
    if clock.unit is Unit.WORKING_DAYS:
        return calendar.add_working_days(day, clock.value)
    if clock.unit is Unit.DAYS:
        return day + timedelta(days=clock.value)
    if clock.unit is Unit.MONTHS:
        return calendar.add_months(day, clock.value)
    raise ValueError(f"{clock.unit} cannot be counted from a day.")


def is_overdue(due_at: datetime, moment: datetime) -> bool:
    """Whether a time is up. The due moment itself is still in time."""
    return moment > due_at


_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What the ladder of a duty is counted from; every moment is aware.

    Args:
        due_at: when it is due now.
        given_at: when whoever owns it now was given it: when it was opened, or last handed over.
        since: when it was opened, or last moved. A rung that falls earlier is not owed; but where it moved
            so near, or so far back, that the rung on its day or one after it has passed, that one is.
        given_by_another: whether it has one person as its owner, who did not give it to themselves.
        moved: whether its due time was moved.
    """

    due_at: datetime
    given_at: datetime
    since: datetime
    given_by_another: bool = False
    moved: bool = False


@dataclass(frozen=True)
class DueStep:
    """A rung and the moment, in UTC, at which it falls."""

    rung: ReminderStep
    at: datetime


def steps(ladder: Ladder, hours: SendingHours, duty: Duty) -> tuple[DueStep, ...]:
    """The rungs that a duty has, earliest first. Those that fall at one moment keep the order of the ladder.

    :param hours: policy ``reminders.hours``.
    """
    found = sorted(
        (DueStep(rung, falls_at(rung, hours, duty)) for rung in ladder.rungs if _is_meant(rung, duty)),
        key=lambda step: step.at,
    )
    return tuple(step for step in found if step.at >= duty.since or step.rung.when in _never_too_late(duty))


def owed(found: Iterable[DueStep], *, told_until: datetime | None, now: datetime) -> tuple[DueStep, ...]:
    """The steps whose time has come and that nobody was told of yet: all of them, however late.

    :param told_until: until when the steps of this duty have been told; None before the first time.
    """
    return tuple(step for step in found if step.at <= now and (told_until is None or step.at > told_until))


def next_step_at(found: Iterable[DueStep], now: datetime) -> datetime | None:
    """When the next step falls; None when there is none to come."""
    return min((step.at for step in found if step.at > now), default=None)


def falls_at(rung: ReminderStep, hours: SendingHours, duty: Duty) -> datetime:
    """The moment, in UTC, at which a rung falls.

    A rung in elapsed hours falls at that very moment. One in working days falls at ``day_starts`` by the
    clock in Europe/London, counted from the local date of the due time. One on the day falls on the last day
    of sending that starts before the due time: what is due at a weekend or at night is brought to mind before
    it is late, not after. One that is told by the digest falls where its day begins, so that the morning
    message of that day has it.
    """
    at = _falls_at(rung, hours, duty)
    return calendar.at_local(local(at).date(), time()) if rung.by is TellBy.DIGEST else at


def _falls_at(rung: ReminderStep, hours: SendingHours, duty: Duty) -> datetime:
    due = duty.due_at
    if rung.when is RungWhen.OPENED:
        return duty.given_at.astimezone(UTC)
    if rung.unit is Unit.ELAPSED_HOURS:
        apart = timedelta(hours=rung.value)
        return due.astimezone(UTC) + (-apart if rung.when is RungWhen.BEFORE else apart)
    day = local(due).date()
    if rung.when is RungWhen.BEFORE:
        day = calendar.subtract_working_days(day, rung.value)
    elif rung.when is RungWhen.AFTER:
        day = calendar.add_working_days(day, rung.value)
    else:
        day = _last_start(hours, due, day)
    return calendar.at_local(day, hours.day_starts)


def _last_start(hours: SendingHours, due: datetime, day: date) -> date:
    while not calendar.sends_on(hours, day) or calendar.at_local(day, hours.day_starts) > due:
        day -= _ONE_DAY
    return day


def _is_meant(rung: ReminderStep, duty: Duty) -> bool:
    """Nobody is told what they gave themselves, and a team is told of what arrives by what arrives."""
    return rung.when is not RungWhen.OPENED or duty.given_by_another


def _never_too_late(duty: Duty) -> Collection[RungWhen]:
    """Rungs that are owed although they fall before the duty was opened or moved."""
    return {RungWhen.OPENED, RungWhen.ON, RungWhen.AFTER} if duty.moved else {RungWhen.OPENED}
