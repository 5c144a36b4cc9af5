"""What the worker tells whoever watches it, and whether it is at work."""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from config import metrics
from portal import clock
from portal.access.model import Heartbeat
from portal.access.verification import INTERVAL
from portal.deadlines.rules import due
from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import MessageState
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


log = logging.getLogger(__name__)

#: States in which somebody has to do something, sooner or later; how many were sent grows without end.
UNFINISHED = (MessageState.OWED, MessageState.QUEUED, MessageState.REFUSED, MessageState.DEAD)
_NEVER = float("inf")


class Measures(Collector):
    """Asks the database at each scrape."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """What the database says now; with the database away, that it is."""
        answers = GaugeMetricFamily(
            "portal_worker_database_answers", "Whether the worker reaches its database"
        )
        try:
            with self._engine.begin() as connection:
                found = list(_measured(connection))
        except DBAPIError as error:
            log.warning("The database does not answer for metrics: %s.", type(error).__name__)
            found = []
        answers.add_metric([], 1 if found else 0)
        yield answers
        yield from found

    def describe(self) -> Iterator[Metric]:
        """Nothing is asked when it is registered."""
        return iter(())


def serve(engine: Engine, address: metrics.Address) -> None:
    """Tell these measures, and nothing of any process."""
    registry = CollectorRegistry()
    registry.register(Measures(engine))
    metrics.serve(address, registry)


def _measured(connection: Connection) -> Iterator[Metric]:
    now = clock.now()
    state = OutboxMessage.state
    found = select(state, func.count()).where(state.in_(UNFINISHED)).group_by(state)
    counted = {row[0]: row[1] for row in connection.execute(found)}
    messages = GaugeMetricFamily("portal_outbox_messages", "Messages that are not finished", labels=["state"])
    for one in UNFINISHED:
        messages.add_metric([one.value], counted.get(one.value, 0))
    yield messages

    oldest = connection.scalar(select(func.ctx.oldest_waiting_message(now)))
    waits = GaugeMetricFamily("portal_outbox_oldest_seconds", "How long the oldest due message has waited")
    waits.add_metric([], (now - oldest).total_seconds() if oldest else 0)
    yield waits

    unsealed = connection.scalar(select(func.ctx.seal_lag()))
    lag = GaugeMetricFamily("portal_audit_seal_lag_seconds", "How long the audit trail has not been sealed")
    lag.add_metric([], unsealed.total_seconds() if unsealed else 0)
    yield lag

    beats = {row[0]: row[1] for row in connection.execute(select(Heartbeat.tick, Heartbeat.beat_at))}
    ages = GaugeMetricFamily("portal_tick_age_seconds", "How long ago each tick last ran", labels=["tick"])
    apart = GaugeMetricFamily("portal_tick_interval_seconds", "How far apart it runs", labels=["tick"])
    for tick, seconds in EXPECTED.items():
        ages.add_metric([tick], (now - beats[tick]).total_seconds() if tick in beats else _NEVER)
        apart.add_metric([tick], seconds)
    yield from (ages, apart)
