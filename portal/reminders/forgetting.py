"""Forgets what is kept for a while only, and no longer than policy says."""

from datetime import time

from sqlalchemy import Connection, delete

from portal import clock
from portal.access import verification
from portal.changes.idempotency import REMEMBERED
from portal.changes.model import IdempotencyKey
from portal.documents.model import DocumentJob
from portal.pathway.calendar import add_months, at_local
from portal.policy import current_policy


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
