"""A message that waits to be sent, and what is to become of it now.

Whoever sends a message reads it as a `Waiting`, asks `portal.reminders.standing.judge` how it stands, and
does what the answer says:

    match judge(connection, message):
        case Send(address): …                       # to this address
        case HandOn() as to: hand_on(connection, message, to) …   # portal.reminders.handing; then to.address
        case Show(): …                              # state shown: the person wants no e-mail of this kind
        case Cancel(code): …                        # state cancelled, outcome the code
        case Nobody(code): …                        # state dead, outcome the code
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from portal.models.messages import OutboxMessage, OutboxSubject
from portal.vocabulary.messages import CancelReason, DeadReason, HandReason


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

    @classmethod
    def of(cls, row: Row[*tuple[Any, ...]]) -> "Waiting":
        """From a row of `waiting()`, which may hold further columns."""
        held = row._mapping
        return cls(**{name: held[name] for name in cls.__dataclass_fields__})


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

    code: DeadReason = DeadReason.NOBODY_TO_TELL


Standing = Send | HandOn | Show | Cancel | Nobody
