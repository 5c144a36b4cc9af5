"""What is owed when a young person comes of age: a hand-over is begun at 17 and done by 17 and a half.

The ages are policy ``closing``. A case that is opened later than that, or a date of birth that is corrected,
gets the same with the time that the policy grants at least. Whoever was of age already when the case was
opened, because of special needs or having been in care, is not handed over to adult services: they are there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.clock import local
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.pathway.calendar import end_of_day, last_working_day
from portal.records.closing.policy import Closing

CORRECTED = "The date of birth was corrected"
DONE_ALREADY = "The hand-over was written already"

PROMPT, PLAN = DeadlineKind.TRANSITION_PROMPT, DeadlineKind.TRANSITION_PLAN


@dataclass(frozen=True)
class Known:
    """A duty that stands on the case: open, or done."""

    id: UUID
    kind: DeadlineKind
    state: DeadlineState
    started_at: datetime
    due_at: datetime  # as it was at first
    policy_version: str


@dataclass(frozen=True)
class Coming:
    """A young person whose case is open.

    Attributes:
        prompt_on, plan_on, adult_on: the days on which they reach the ages; None where nobody knows.
        since: the day on which the case was opened, or reopened.
        begun, planned: whether a hand-over was begun, and whether one is finalised.
    """

    prompt_on: date | None
    plan_on: date | None
    adult_on: date | None
    since: date
    begun: bool = False
    planned: bool = False
    duties: tuple[Known, ...] = ()


@dataclass(frozen=True)
class Owed:
    """A duty that has to be opened."""

    kind: DeadlineKind
    due_at: datetime
    source: str


@dataclass(frozen=True)
class Steps:
    """What has to be done so that exactly what is owed stands on the case."""

    opened: tuple[Owed, ...] = ()
    ended: tuple[tuple[UUID, str], ...] = ()


def steps(coming: Coming, closing: Closing, now: datetime, held: Callable[[str], Closing | None]) -> Steps:
    """What to open and what to end. Asking again once it is done gives nothing.

    :param closing: what holds today.
    :param held: what held under the version that a duty keeps: its date was counted by that, and stands.
    """
    wanted = _wanted(coming, now)
    ended = []
    standing = {one.kind for one in coming.duties if one.state == DeadlineState.DONE}
    for one in coming.duties:
        if one.state != DeadlineState.OPEN:
            continue
        by = held(one.policy_version) or closing
        if one.kind not in wanted:
            ended.append((one.id, DONE_ALREADY if coming.begun or coming.planned else CORRECTED))
        elif one.due_at != _due(one.kind, coming, by, one.started_at):
            ended.append((one.id, CORRECTED))
        else:
            standing.add(one.kind)
    return Steps(
        tuple(
            Owed(kind, _due(kind, coming, closing, now), f"closing.{kind}")
            for kind in wanted
            if kind not in standing
        ),
        tuple(ended),
    )


def _wanted(coming: Coming, now: datetime) -> tuple[DeadlineKind, ...]:
    today = local(now).date()
    if coming.prompt_on is None or coming.plan_on is None or coming.adult_on is None:
        return ()
    if today < coming.prompt_on or coming.adult_on <= coming.since or coming.planned:
        return ()
    if coming.begun or today >= coming.plan_on:
        return (PLAN,)
    return (PROMPT, PLAN)


def _due(kind: DeadlineKind, coming: Coming, closing: Closing, started_at: datetime) -> datetime:
    soonest = due(closing.transition_catch_up, started_at)
    if kind == PROMPT or coming.plan_on is None:
        return soonest
    return max(end_of_day(last_working_day(coming.plan_on)), soonest)
