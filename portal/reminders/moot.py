"""What somebody owed to tell, and need not any more: nobody takes it off their list but the clock."""

from datetime import timedelta

from sqlalchemy import Connection, text

from portal import clock
from portal.messages.vocabulary import PAST
from portal.policy import current_policy

AT_ONCE = 500

_END = text("select ctx.end_past_cancellations(:before, :at, :reason, :most)")


def end_past_cancellations(connection: Connection) -> int:
    """End the duties to tell somebody without an account of a cancelled meeting whose time is past (policy
    `limits.cancelled_told`). Neither met nor late, and the record says why.

    Returns:
        how many that were.
    """
    now, hours = clock.now(), current_policy().clocks.limits.cancelled_told.value
    said = {"before": now - timedelta(hours=hours), "at": now, "reason": PAST, "most": AT_ONCE}
    return int(connection.scalar(_END, said) or 0)
