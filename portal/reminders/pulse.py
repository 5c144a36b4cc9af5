"""Whether the worker is at work: what the health page and whoever watches over messages are told."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from portal.access.checkpoint import INTERVAL
from portal.pathway.deadlines import due
from portal.policy import Policy
from portal.reminders.worker import CHECKPOINTING, SEALING, SENDING, SENDING_SECONDS, TICKS

#: What every worker does, by name, and how many seconds apart. Without a mail server it runs to send nothing.
EXPECTED: Mapping[str, int] = {tick.name: tick.seconds for tick in TICKS} | {
    SENDING: SENDING_SECONDS,
    CHECKPOINTING: INTERVAL,
}
#: Those that keep the audit trail.
KEEPING_TRAIL = frozenset({SEALING, CHECKPOINTING})
#: Ticks that are further apart than this say nothing about the present.
_FREQUENT = 5 * 60  # seconds


def stopped(beats: Mapping[str, datetime], now: datetime, *, patience: timedelta) -> tuple[str, ...]:
    """The ticks that have not run for too long, or never; none when all is well.

    Args:
        beats: when each tick last ran, by its name.
        patience: how long one may be silent; for a rare one, twice the time between its runs.
    """
    return tuple(
        name
        for name, seconds in EXPECTED.items()
        if name not in beats or now - beats[name] > max(patience, timedelta(seconds=2 * seconds))
    )


def last_ran(beats: Mapping[str, datetime]) -> datetime | None:
    """When the worker last did all of what it does every few minutes; None when it never did."""
    frequent = [name for name, seconds in EXPECTED.items() if seconds <= _FREQUENT]
    if not frequent or not beats.keys() >= set(frequent):
        return None
    return min(beats[name] for name in frequent)


def waits_too_long(oldest: datetime | None, now: datetime, policy: Policy) -> bool:
    """Whether a message has waited longer than policy `reminders.waiting_too_long` allows.

    Args:
        oldest: since when the message that has waited longest should have gone out; None when none waits.
    """
    return oldest is not None and due(policy.reminders.waiting_too_long, oldest) < now
