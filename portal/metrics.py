"""What the portal counts for whoever watches it, in Prometheus' terms.

Labels are routes as the program has them, methods, statuses and codes of ours: nobody, and
nothing that was typed.
"""

from functools import partial
from typing import Any

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import event
from sqlalchemy.pool import Pool

REQUESTS = Counter("portal_requests", "Requests that were answered", ["route", "method", "status"])
SECONDS = Histogram(
    "portal_request_seconds",
    "How long requests took",
    ["route"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30),
)
STATEMENTS = Counter("portal_request_statements", "Statements that requests sent to the database", ["route"])
CONNECTIONS = Gauge(
    "portal_pool_connections",
    "Connections to the database: open, and of these in use",
    ["state"],
    multiprocess_mode="livesum",
)
SIGN_INS_REFUSED = Counter("portal_sign_ins_refused", "Sign-ins that were refused, by reason", ["reason"])


def request_ended(*, route: str, method: str, status: int, seconds: float, statements: int) -> None:
    """Count a request that was answered."""
    REQUESTS.labels(route, method, status).inc()
    SECONDS.labels(route).observe(seconds)
    STATEMENTS.labels(route).inc(statements)


def _count(state: str, more: int, *_of: Any) -> None:
    CONNECTIONS.labels(state).inc(more)


for _happened, _state, _more in (
    *(("connect", "open", 1), ("close", "open", -1)),
    *(("checkout", "in use", 1), ("checkin", "in use", -1)),
):
    event.listen(Pool, _happened, partial(_count, _state, _more))
