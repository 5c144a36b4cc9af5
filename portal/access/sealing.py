"""Makes the audit trail tell when it was altered: rows in numbered batches, each chained to the one before.

The application's role may only add rows. The worker seals those of finished transactions; whoever changes or
removes a sealed row afterwards, even as the database's owner, breaks the chain from that batch on.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Text, cast, func, insert, or_, select, update

from portal import clock
from portal.models import AuditEvent, AuditSeal

FIRST = b""  # what the first batch is chained to
LARGEST_BATCH = 5000  # rows; more wait for the next round
_LOCK = 7365616  # any number that nothing else in the database locks

_CONTENT = [column for column in AuditEvent.__table__.c if column.name != "seal_number"]


def seal(connection: Connection) -> int:
    """Seal the rows of finished transactions, up to a batch of them. Returns how many.

    Two workers never seal at the same time: the second finds nothing to do. A row whose transaction is
    still open is left for a later batch, and so is every row with a higher transaction number. A number that
    this server has not given out yet is of a row that was restored from a backup, and long finished.
    """
    if not connection.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    snapshot = func.pg_current_snapshot()
    oldest_open = cast(cast(func.pg_snapshot_xmin(snapshot), Text), BigInteger)
    next_given_out = cast(cast(func.pg_snapshot_xmax(snapshot), Text), BigInteger)
    finished = or_(AuditEvent.xact < oldest_open, AuditEvent.xact >= next_given_out)
    rows = connection.execute(
        select(*_CONTENT)
        .where(AuditEvent.seal_number.is_(None), finished)
        .order_by(AuditEvent.xact, AuditEvent.id)
        .limit(LARGEST_BATCH)
    ).all()
    if not rows:
        return 0
    last = connection.execute(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).first()
    number, previous = (last.number + 1, last.digest) if last else (1, FIRST)
    connection.execute(
        insert(AuditSeal),
        {
            "number": number,
            "sealed_at": clock.now(),
            "rows": len(rows),
            "previous": previous,
            "digest": _digest(previous, (row._asdict() for row in rows)),
        },
    )
    marked = connection.execute(
        update(AuditEvent).where(AuditEvent.id.in_([row.id for row in rows])).values(seal_number=number)
    )
    if marked.rowcount != len(rows):
        raise RuntimeError(f"Only {marked.rowcount} of {len(rows)} audit rows could be marked as sealed.")
    return len(rows)


def first_broken(connection: Connection) -> int | None:
    """The number of the first batch that is not as it was sealed, or None when the whole trail is intact."""
    expected, previous = 1, FIRST
    for batch in connection.execute(select(AuditSeal).order_by(AuditSeal.number)).all():
        rows = connection.execute(
            select(*_CONTENT)
            .where(AuditEvent.seal_number == batch.number)
            .order_by(AuditEvent.xact, AuditEvent.id)
        ).all()
        digest = _digest(previous, (row._asdict() for row in rows))
        if (batch.number, batch.previous, batch.digest) != (expected, previous, digest):
            return expected
        expected, previous = batch.number + 1, batch.digest
    return None


def _digest(previous: bytes, rows: Iterable[dict[str, Any]]) -> bytes:
    digest = hashlib.sha256(previous)
    for row in rows:
        content = json.dumps(row, sort_keys=True, separators=(",", ":"), default=_plain).encode()
        digest.update(len(content).to_bytes(8) + content)
    return digest.digest()


def _plain(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
