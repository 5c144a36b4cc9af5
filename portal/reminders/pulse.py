"""Whether the worker is at work: what the health page and whoever watches over messages are told."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from portal.pathway.deadlines import due
from portal.policy import Policy
from portal.reminders.worker import TICKS, Tick

#: After so long without it, a tick that should run every few seconds has stopped.
PATIENCE = timedelta(minutes=5)


def stopped(beats: Mapping[str, datetime], now: datetime, ticks: Sequence[Tick] = TICKS) -> tuple[str, ...]:
    """The ticks that have not run for too long, or never; none when all is well.

    Args:
        beats: when each tick last ran, by its name.
    """
    return tuple(
        tick.name for tick in ticks if tick.name not in beats or now - beats[tick.name] > _patience(tick)
    )


def last_ran(beats: Mapping[str, datetime], ticks: Sequence[Tick] = TICKS) -> datetime | None:
    """When the worker last did all of what it does every few minutes; None when it never did."""
    frequent = [tick.name for tick in ticks if _patience(tick) == PATIENCE]
    if not frequent or not beats.keys() >= set(frequent):
        return None
    return min(beats[name] for name in frequent)


def waits_too_long(oldest: datetime | None, now: datetime, policy: Policy) -> bool:
    """Whether a message has waited longer than policy `reminders.waiting_too_long` allows.

    Args:
        oldest: since when the message that has waited longest should have gone out; None when none waits.
    """
    return oldest is not None and due(policy.reminders.waiting_too_long, oldest) < now


def _patience(tick: Tick) -> timedelta:
    return max(PATIENCE, timedelta(seconds=2 * tick.seconds))
