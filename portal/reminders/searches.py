"""What people searched for is kept for as long as policy says, and no longer."""

from datetime import time

from sqlalchemy import Connection

from portal import clock
from portal.access import sealing
from portal.pathway.calendar import add_months, at_local
from portal.policy import current_policy


def remove_old(connection: Connection) -> int:
    """Remove what was searched for before policy `clocks.limits.searches_kept`; how much. It is not read."""
    kept = current_policy().clocks.limits.searches_kept
    first = add_months(clock.today(), -kept.value)
    return sealing.remove_searches(connection, before=at_local(first, time()))
