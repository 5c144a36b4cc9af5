"""Messages are written in one place, wherever they come from.

The id of a message follows from its key, so the same thing is told to the same receiver once: the second time
changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import insert

from portal.models import OutboxMessage, OutboxSubject
from portal.vocabulary import CancelReason, MessageChannel, MessageState

_IDS = uuid5(NAMESPACE_URL, "portal:outbox-message")
_AGAIN = ":again"


@dataclass(frozen=True)
class About:
    """What a message is about.

    Args:
        kind: the name of the subject's table, such as `information_request`.
        reference: the subject's own reference, which the e-mail shows; never a name.
        case_id: the case that it hangs on, if any.
        sequence: of the calendar entry that goes with it (RFC 5546).
        method: `REQUEST` or `CANCEL`, when a calendar entry goes with it.
        deadline_id: the duty that a reminder is about.
        due_at: the due time that the reminder was owed for.
        rung: the code of its rung.
    """

    kind: str
    id: UUID
    reference: str | None = None
    case_id: UUID | None = None
    sequence: int | None = None
    method: str | None = None
    deadline_id: UUID | None = None
    due_at: datetime | None = None
    rung: str | None = None


@dataclass(frozen=True)
class Receiver:
    """Who is told: a person, or a team at its duty address; and of which agency."""

    agency_id: UUID
    user_id: UUID | None = None
    team_id: UUID | None = None

    @property
    def id(self) -> UUID:
        """The person or the team."""
        found = self.user_id or self.team_id
        if found is None:
            raise ValueError("A receiver is a person or a team.")
        return found


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One message to one receiver.

    Args:
        key: what is told once; it ends with the receiver.
        kind: a code of policy `reminders.kinds`.
        goes_out: from when on it is sent.
        outdated: a later message says the same; this one is kept, so that it is not told later, and not sent.
    """

    key: str
    kind: str
    about: About
    to: Receiver
    channel: MessageChannel
    urgent: bool
    created_at: datetime
    goes_out: datetime
    caused_by: UUID | None = None
    outdated: bool = False


def message_id(key: str) -> UUID:
    """The id of the message with a key: the same key can never be two messages."""
    return uuid5(_IDS, key)


def key_of_another_try(key: str) -> str:
    """The key of a message that says the same once more, because its first receiver could not be reached."""
    return f"{key}{_AGAIN}"


def key_at_first(key: str) -> str:
    """The key that a message, or the one that it says once more, was written with."""
    return key.partition(_AGAIN)[0]


def write_each(connection: Connection, messages: Iterable[Outgoing]) -> None:
    """Write messages one by one, as somebody who causes them: what one is about is theirs to say only if the
    message is. Nothing is written where a key is there already.
    """
    for one in messages:
        if connection.execute(_INSERT[OutboxMessage.__tablename__], _message(one)).rowcount:
            connection.execute(_INSERT[OutboxSubject.__tablename__], _subject(one))


def write(connection: Connection, messages: Iterable[Outgoing]) -> None:
    """Write many messages and what they are about, as the worker; nothing where a key is there already."""
    by_key: dict[str, Outgoing] = {}
    for message in messages:
        by_key.setdefault(message.key, message)
    if by_key:
        found = by_key.values()
        connection.execute(_INSERT[OutboxMessage.__tablename__], [_message(one) for one in found])
        connection.execute(_INSERT[OutboxSubject.__tablename__], [_subject(one) for one in found])


def _message(one: Outgoing) -> dict[str, Any]:
    state = MessageState.OWED if one.channel is MessageChannel.MAIL else MessageState.SHOWN
    return {
        "id": message_id(one.key),
        "key": one.key,
        "kind": one.kind,
        "channel": one.channel,
        "urgent": one.urgent,
        "recipient_id": one.to.user_id,
        "recipient_team_id": one.to.team_id,
        "agency_id": one.to.agency_id,
        "caused_by": one.caused_by,
        "created_at": one.created_at,
        "state": MessageState.CANCELLED if one.outdated else state,
        "settled_at": one.created_at if one.outdated else None,
        "outcome": CancelReason.NEWER if one.outdated else None,
        "attempts": 0,
        "not_before": one.goes_out,
        "next_try_at": one.goes_out,
    }


def _subject(one: Outgoing) -> dict[str, Any]:
    about = one.about
    return {
        "message_id": message_id(one.key),
        "subject_kind": about.kind,
        "subject_id": about.id,
        "reference": about.reference,
        "case_id": about.case_id,
        "deadline_id": about.deadline_id,
        "due_at": about.due_at,
        "rung": about.rung,
        "sequence": about.sequence,
        "method": about.method,
    }


def _insert(table: Table) -> Any:
    return insert(table).inline().on_conflict_do_nothing()


_INSERT = {
    shape.__tablename__: _insert(shape.__table__)  # type: ignore[arg-type] # a mapped table is a Table
    for shape in (OutboxMessage, OutboxSubject)
}
