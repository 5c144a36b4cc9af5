"""A message that waits: claimed by one worker for a while, and settled by that worker alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, or_, select, update

from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.vocabulary import CancelReason, DeadReason, HandReason, MessageChannel, MessageState
from portal.reminders.writing import About


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One message that waits, with what it is about (`outbox_message` and `outbox_subject`)."""

    id: UUID
    key: str
    kind: str
    urgent: bool
    recipient_id: UUID | None
    recipient_team_id: UUID | None
    agency_id: UUID
    created_at: datetime
    not_before: datetime
    attempts: int
    handed_from_id: UUID | None
    handed_reason: str | None
    subject_kind: str
    subject_id: UUID
    reference: str | None
    case_id: UUID | None
    deadline_id: UUID | None
    due_at: datetime | None
    rung: str | None
    sequence: int | None
    method: str | None
    event: str | None = None
    ground: str | None = None
    last_word: bool = False
    caused_by: UUID | None = None
    passes_on_id: UUID | None = None

    @classmethod
    def of(cls, row: Row[*tuple[Any, ...]]) -> "Waiting":
        """From a row of `waiting()`, which may hold further columns."""
        held = row._mapping
        return cls(**{name: held[name] for name in cls.__dataclass_fields__})

    @property
    def about(self) -> About:
        """What it is about, as it was written."""
        return About(
            self.subject_kind,
            self.subject_id,
            reference=self.reference,
            case_id=self.case_id,
            sequence=self.sequence,
            method=self.method,
            deadline_id=self.deadline_id,
            due_at=self.due_at,
            rung=self.rung,
        )


def waiting() -> Select[*tuple[Any, ...]]:
    """The statement that reads messages as `Waiting`; add what it shall be limited to."""
    columns = [
        getattr(OutboxMessage if hasattr(OutboxMessage, name) else OutboxSubject, name)
        for name in Waiting.__dataclass_fields__
    ]
    return select(*columns).join_from(
        OutboxMessage, OutboxSubject, OutboxSubject.message_id == OutboxMessage.id
    )


@dataclass(frozen=True)
class Send:
    """It is owed, and goes to this address."""

    address: str


@dataclass(frozen=True)
class HandOn:
    """It is owed, and goes to somebody else: a person, or a team at its duty address."""

    address: str
    reason: HandReason
    agency_id: UUID
    user_id: UUID | None = None
    team_id: UUID | None = None


@dataclass(frozen=True)
class Show:
    """It is owed, and the person wants to see this kind in the portal only."""


@dataclass(frozen=True)
class Cancel:
    """It is no longer owed."""

    code: CancelReason


@dataclass(frozen=True)
class Nobody:
    """It is owed, and nobody can be told: a person has to see to it."""

    reason: HandReason  # why not whom it is for
    code: DeadReason = DeadReason.NOBODY_TO_TELL


Standing = Send | HandOn | Show | Cancel | Nobody


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
    unopened_at: datetime | None = None,
) -> bool:
    """Note what became of a message. False, and nothing is written, when somebody else has it by now.

    Args:
        unopened_at: when it counts as not opened, where something follows from that.
    """
    values = {"state": state, "settled_at": moment, "outcome": outcome, "lease": None, "leased_until": None}
    values["unopened_at"] = unopened_at
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
