"""Connections to the database that may have died while nobody used them."""

from typing import Any

from sqlalchemy import event, exc
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from portal import clock

#: Seconds. A connection used less long ago is taken to be alive: asking first costs every page a round trip.
IDLE = 20
_LAST_USED = "portal_last_used"


@event.listens_for(Pool, "checkin")
def _note(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_LAST_USED] = clock.ticks()


@event.listens_for(Pool, "checkout")
def _ask_first(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """After a pause, see whether the server is still there; SQLAlchemy then opens a fresh connection."""
    last_used = record.info.get(_LAST_USED)
    if last_used is None or clock.ticks() - last_used < IDLE:
        return
    try:
        connection.execute("select 1")
        connection.rollback()
    except connection.Error as error:
        raise exc.DisconnectionError from error
