"""Who holds a waiting message: claimed by one worker for a while, and settled by that worker alone.

A lease is a number that its holder made up. Whatever is written about a message names it, so that a worker
that was held up for longer than its lease changes nothing that another has done since.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, or_, select, update

from portal.models import OutboxMessage
from portal.reminders.waiting import Waiting, waiting
from portal.vocabulary import MessageChannel, MessageState


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
    free = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.state.in_((MessageState.OWED, MessageState.QUEUED)),
            OutboxMessage.channel == MessageChannel.MAIL,
            OutboxMessage.next_try_at <= moment,
            or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until < moment),
        )
        .order_by(OutboxMessage.urgent.desc(), OutboxMessage.next_try_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = connection.scalars(free).all()
    connection.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(found))
        .values(state=MessageState.QUEUED, lease=lease, leased_until=until)
    )
    held = connection.execute(
        waiting()
        .where(OutboxMessage.id.in_(found))
        .order_by(OutboxMessage.urgent.desc(), OutboxMessage.next_try_at)
    )
    return [Waiting.of(row) for row in held]


def hold(connection: Connection, message: UUID, *, lease: UUID, until: datetime) -> bool:
    """Hold a message for longer, just before it is sent. False when somebody else has it by now."""
    return _write(connection, message, lease, {"leased_until": until})


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


def _write(connection: Connection, message: UUID, lease: UUID, values: dict[str, Any]) -> bool:
    written = connection.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message, OutboxMessage.lease == lease)
        .values(**values)
    )
    return written.rowcount == 1
