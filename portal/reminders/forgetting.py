"""Forgets what is kept for a while only, and no longer than policy says; and ends what somebody owed to
tell and need not any more: nobody takes it off their list but the clock.
"""

from datetime import time, timedelta

from sqlalchemy import Connection, delete, text

from portal import clock
from portal.access import verification
from portal.changes.idempotency import REMEMBERED
from portal.changes.model import IdempotencyKey
from portal.documents.model import DocumentJob
from portal.messages.vocabulary import PAST
from portal.pathway.calendar import add_months, at_local
from portal.policy import current_policy

#: A page that nobody typed on for so long begins again from what it shows; who is not heard of has gone.
LEFT_ALONE, GONE = timedelta(days=14), timedelta(minutes=5)

_PAGES = text(
    """
delete from minute_page p using meeting m
 where m.id = p.meeting_id
   and (p.sent_at < :left_alone or m.state in ('approved', 'distributed', 'cancelled'))
"""
)
_LINES = text(
    """
delete from meeting_draft d using meeting m
 where m.id = d.meeting_id and m.state in ('approved', 'distributed', 'cancelled')
"""
)
_PRESENCE = text("delete from meeting_presence where seen_at < :gone")


def forget_answered(connection: Connection) -> int:
    """Forget forms that were answered long enough ago: whoever sends one again now means it.

    Returns:
        how many.
    """
    old = delete(IdempotencyKey).where(IdempotencyKey.made_at < clock.now() - REMEMBERED)
    return connection.execute(old).rowcount


def delete_documents(connection: Connection) -> int:
    """Long documents whose time is over, taken or not, made or not."""
    return connection.execute(delete(DocumentJob).where(DocumentJob.expires_at <= clock.now())).rowcount


def remove_old(connection: Connection) -> int:
    """Remove what was searched for before policy `clocks.limits.searches_kept`; how much. It is not read."""
    kept = current_policy().clocks.limits.searches_kept
    first = add_months(clock.today(), -kept.value)
    return verification.remove_searches(connection, before=at_local(first, time()))


def forget_pages(connection: Connection) -> int:
    """What open pages sent last and lines that were typed, once minutes are approved; a page that is left;
    who was there.
    """
    now = clock.now()
    pages = connection.execute(_PAGES, {"left_alone": now - LEFT_ALONE}).rowcount
    pages += connection.execute(_LINES).rowcount
    return pages + connection.execute(_PRESENCE, {"gone": now - GONE}).rowcount


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
