"""Who holds a waiting message: claimed by one worker for a while, and settled by that worker alone.

A lease is a number that its holder made up. Whatever is written about a message names it, so that a worker
that was held up for longer than its lease changes nothing that another has done since.

A message that is claimed is still owed, and free again when its lease runs out. One that its holder has
begun to send is queued: if the holder dies now, it may have been because of this very message, which
therefore counts as tried and lets the others go first.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, or_, select, update

from portal.models.messages import OutboxMessage
from portal.reminders.waiting import Waiting, waiting
from portal.vocabulary.messages import MessageChannel, MessageState


def claim(
    connection: Connection, *, lease: UUID, moment: datetime, until: datetime, most: int
) -> list[Waiting]:
    """Take messages whose time has come and that nobody holds, urgent ones first.

    Args:
        lease: the holder's number.
        moment: the present.
        until: when somebody else may take them.
        most: how many.
    """
    found: list[UUID] = []
    for urgent in (True, False):  # one after the other, each in the order of its index
        free = (
            select(OutboxMessage.id)
            .where(
                OutboxMessage.state == MessageState.OWED,
                OutboxMessage.channel == MessageChannel.MAIL,
                OutboxMessage.urgent == urgent,
                OutboxMessage.next_try_at <= moment,
                or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until < moment),
            )
            .order_by(OutboxMessage.next_try_at)
            .limit(most - len(found))
            .with_for_update(skip_locked=True)
        )
        found += connection.scalars(free)
    return _take(connection, found, lease=lease, until=until)


def left_behind(
    connection: Connection, *, lease: UUID, moment: datetime, until: datetime, most: int
) -> list[Waiting]:
    """Take over messages that somebody had begun to send, and then was heard of no more.

    Args:
        lease: the new holder's number.
        moment: the present.
        until: when somebody else may take them.
        most: how many.
    """
    left = (
        select(OutboxMessage.id)
        .where(OutboxMessage.state == MessageState.QUEUED, OutboxMessage.leased_until < moment)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return _take(connection, connection.scalars(left).all(), lease=lease, until=until)


def begin(connection: Connection, message: UUID, *, lease: UUID, until: datetime) -> bool:
    """Begin to send a message, and hold it for longer. False when somebody else has it by now."""
    return _write(connection, message, lease, {"state": MessageState.QUEUED, "leased_until": until})


def note_address(connection: Connection, message: UUID, *, lease: UUID, address: str) -> None:
    """Note where a message is about to go: a report may come back although we could not note more."""
    _write(connection, message, lease, {"address": address})


def settle(
    connection: Connection,
    message: UUID,
    *,
    lease: UUID,
    state: MessageState,
    moment: datetime,
    outcome: str | None = None,
    attempts: int | None = None,
) -> bool:
    """Note what became of a message. False, and nothing is written, when somebody else has it by now."""
    values = {"state": state, "settled_at": moment, "outcome": outcome, "lease": None, "leased_until": None}
    return _write(connection, message, lease, values | ({} if attempts is None else {"attempts": attempts}))


def try_later(
    connection: Connection,
    message: UUID,
    *,
    lease: UUID,
    at: datetime,
    attempts: int,
    outcome: str | None = None,
) -> bool:
    """Let go of a message until its next attempt. False when somebody else has it by now."""
    values = {"state": MessageState.OWED, "next_try_at": at, "attempts": attempts, "outcome": outcome}
    return _write(connection, message, lease, values | {"lease": None, "leased_until": None})


def let_go(connection: Connection, messages: Collection[UUID], *, lease: UUID, at: datetime) -> None:
    """Let go of messages that were not tried."""
    connection.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(messages), OutboxMessage.lease == lease)
        .values(state=MessageState.OWED, next_try_at=at, lease=None, leased_until=None)
    )


def _take(connection: Connection, found: Collection[UUID], *, lease: UUID, until: datetime) -> list[Waiting]:
    if not found:
        return []
    connection.execute(
        update(OutboxMessage).where(OutboxMessage.id.in_(found)).values(lease=lease, leased_until=until)
    )
    held = connection.execute(
        waiting()
        .where(OutboxMessage.id.in_(found))
        .order_by(OutboxMessage.urgent.desc(), OutboxMessage.next_try_at)
    )
    return [Waiting.of(row) for row in held]


def _write(connection: Connection, message: UUID, lease: UUID, values: dict[str, Any]) -> bool:
    written = connection.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message, OutboxMessage.lease == lease)
        .values(**values)
    )
    return written.rowcount == 1
