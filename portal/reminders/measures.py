"""What the worker tells whoever watches it: how many messages wait, when each tick ran, what is not sealed.

It is read when it is asked for, as the worker's role: counts and ages, and of nobody.
"""

import logging
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from config import metrics
from portal import clock
from portal.models.audit import Heartbeat
from portal.models.messages import OutboxMessage
from portal.reminders.pulse import EXPECTED
from portal.vocabulary.messages import MessageState

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
