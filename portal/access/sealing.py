"""Makes the audit trail tell when it was altered: rows in numbered batches, each chained to the one before.

The application's role may only add rows, and nobody changes them. The worker has the database seal those of
finished transactions (`portal/access/rows/audit.sql`) and reads none of them; whoever changes or removes a
sealed row afterwards, even as a superuser, breaks the chain at that batch.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

LARGEST_BATCH = 5000  # rows; more wait for the next round
#: What is removed at a time: a round of the worker holds no lock for long.
SEARCHES_AT_ONCE = 5000


def seal(connection: Connection) -> int:
    """Seal the rows of finished transactions, up to a batch of them. Returns how many.

    Two workers never seal at the same time: the second finds nothing to do. A row whose transaction is still
    open goes into a later batch.
    """
    return _call(connection, func.ctx.seal_audit(LARGEST_BATCH))


def remove_searches(connection: Connection, *, before: datetime) -> int:
    """Remove what people searched for before a moment, a part at a time, unread. Returns how much."""
    return _call(connection, func.ctx.remove_searches(before, SEARCHES_AT_ONCE))


def _call(connection: Connection, function: Any) -> int:
    return int(connection.scalar(select(function)) or 0)
