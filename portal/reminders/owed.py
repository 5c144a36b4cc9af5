"""What is owed now: the rungs of open duties whose time has come, written as messages that wait to be sent.

A plan says when each open duty has to be looked at (`reminder_plan`, kept by a trigger). A look works out
every rung that falls until now and was not told of, writes what it owes and says when to look again, all in
one transaction. So a look that is missed, or that two workers take at once, costs a delay at most: what is
locked is skipped, and what is written twice has the same key.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select, update
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.models.deadlines import Deadline
from portal.models.messages import ReminderPlan
from portal.pathway import ladders
from portal.policy import Policy, current_policy
from portal.reminders.rungs import Owed, messages
from portal.reminders.writing import write
from portal.vocabulary.deadlines import DeadlineState

log = logging.getLogger(__name__)

#: How many duties one look takes: they stay locked until it is done, about a second when all owe something.
AT_ONCE = 1000

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_AFTER_A_FAULT = timedelta(hours=1)

_DUE_A_LOOK = (
    select(
        ReminderPlan.deadline_id,
        ReminderPlan.since,
        ReminderPlan.given_at,
        ReminderPlan.told_until,
        ReminderPlan.policy_version,
        Deadline.kind,
        Deadline.source,
        Deadline.subject_kind,
        Deadline.started_at,
        Deadline.due_at,
        Deadline.owner_id,
        Deadline.given_by,
    )
    .join(Deadline, Deadline.id == ReminderPlan.deadline_id)
    .where(ReminderPlan.look_at <= bindparam("now"), Deadline.state == DeadlineState.OPEN)
    .order_by(ReminderPlan.look_at)
    .limit(bindparam("at_most"))
    .with_for_update(of=ReminderPlan, skip_locked=True)
)
_LOOKED = (
    update(ReminderPlan.__table__)  # type: ignore[arg-type] # a mapped table is a Table
    .where(ReminderPlan.deadline_id == bindparam("looked"))
    .values(look_at=bindparam("again"), told_until=bindparam("until"), policy_version=bindparam("edition"))
)


@dataclass(frozen=True)
class _Look:
    """What one look at a plan found."""

    plan: Row[*tuple[Any, ...]]
    owed: Owed
    again: datetime
    until: datetime | None  # rungs until then are told
    edition: str | None


def queue_owed(connection: Connection, limit: int = AT_ONCE) -> int:
    """Look at the duties whose time has come and write what is owed; how many were looked at.

    Runs as portal_worker. Fewer than `limit` means that nothing is left to look at now.
    """
    now, policy = clock.now(), current_policy()
    plans = connection.execute(_DUE_A_LOOK, {"now": now, "at_most": limit}).all()
    looks = [_look(plan, policy, now) for plan in plans]
    told = _told(connection, [one for one in looks if one.owed.steps], policy, now)
    if told and not any(one.owed.steps for one in told):
        raise RuntimeError("Nothing of what is owed can be written.")  # so that the health page says so
    looks = told + [one for one in looks if not one.owed.steps]
    if looks:
        connection.execute(
            _LOOKED,
            [
                {
                    "looked": look.plan.deadline_id,
                    "again": look.again,
                    "until": look.until,
                    "edition": look.edition,
                }
                for look in looks
            ],
        )
    return len(looks)


def look_again_for_policy(connection: Connection, limit: int = 5 * AT_ONCE) -> int:
    """Have duties looked at again that were last looked at with another edition of the policy; how many."""
    version, now = current_policy().version, clock.now()
    other = (
        select(ReminderPlan.deadline_id)
        .where(
            or_(ReminderPlan.policy_version < version, ReminderPlan.policy_version > version),
            ReminderPlan.look_at > now,
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = connection.scalars(other).all()
    connection.execute(update(ReminderPlan).where(ReminderPlan.deadline_id.in_(found)).values(look_at=now))
    return len(found)


def _look(plan: Row[*tuple[Any, ...]], policy: Policy, now: datetime) -> _Look:
    """One duty that cannot be counted must not keep the others from being brought to mind."""
    given_at = plan.given_at or plan.started_at
    try:
        found = ladders.steps(
            policy.reminders.ladder(plan.kind, plan.source, plan.subject_kind),
            policy.reminders.hours,
            ladders.Duty(
                due_at=plan.due_at,
                given_at=given_at,
                since=plan.since,
                moved=plan.since != plan.started_at,
                given_by_another=plan.owner_id is not None and plan.owner_id != plan.given_by,
            ),
        )
    except (ValueError, OverflowError):
        log.exception("The steps of the duty %s cannot be counted.", plan.deadline_id)
        return _postponed(plan, now)
    # Another edition may have other steps: what was told by the last one has its keys, and is not told again.
    told = plan.told_until if plan.policy_version in {None, policy.version} else None
    owed = ladders.owed(found, told_until=told, now=now)
    again = ladders.next_step_at(found, now) or _NEVER
    taken = plan.given_at is not None and plan.owner_id is not None and plan.owner_id == plan.given_by
    return _Look(plan, Owed(owed, given_at, taken), again, until=now, edition=policy.version)


def _told(connection: Connection, looks: list[_Look], policy: Policy, now: datetime) -> list[_Look]:
    """Write what some duties owe. One whose receivers cannot be found must not keep the others waiting."""
    if not looks:
        return []
    owing = {look.plan.deadline_id: look.owed for look in looks}
    try:
        with connection.begin_nested():
            write(connection, messages(connection, owing, policy.reminders, now))
    except Exception as problem:
        if isinstance(problem, DBAPIError) and problem.connection_invalidated:
            raise
        if len(looks) == 1:
            log.exception("What the duty %s owes cannot be written.", looks[0].plan.deadline_id)
            return [_postponed(looks[0].plan, now)]
        half = len(looks) // 2
        return _told(connection, looks[:half], policy, now) + _told(connection, looks[half:], policy, now)
    return looks


def _postponed(plan: Row[*tuple[Any, ...]], now: datetime) -> _Look:
    """Looked at again once somebody may have mended it; nothing counts as told meanwhile."""
    return _Look(
        plan, Owed((), now), now + _AFTER_A_FAULT, until=plan.told_until, edition=plan.policy_version
    )
