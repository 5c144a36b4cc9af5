"""Forgets what is kept for a while only."""

from sqlalchemy import Connection, delete

from portal import clock
from portal.models.idempotency import IdempotencyKey
from portal.services.idempotency import REMEMBERED


def forget_answered(connection: Connection) -> int:
    """Forget forms that were answered long enough ago: whoever sends one again now means it.

    Returns:
        how many.
    """
    old = delete(IdempotencyKey).where(IdempotencyKey.made_at < clock.now() - REMEMBERED)
    return connection.execute(old).rowcount
