"""Messages are written in one place, wherever they come from.

The same thing is told to the same receiver once: by its key, of which there is one. People write keys that
begin with their kind and the table of their subject, and the database refuses them every other
(`portal/access/rows/messages.sql`): those of the worker are its own. The id of a worker's message follows
from its key; where somebody took it, it gets another.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import ARRAY, Connection, FromClause, Text, Uuid, any_, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.vocabulary import CancelReason, Ground, HandReason, MessageChannel, MessageState
from portal.model import new_id

_IDS = uuid5(NAMESPACE_URL, "portal:outbox-message")
_AGAIN = ":again"

log = logging.getLogger(__name__)


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
        event: a code of policy `telling.events`, where something that happened is told.
        ground: why this receiver is told of it.
        last_word: they are told although they lose sight by what happened.
        passes_on: the message that it passes on, because nobody opened that; `handed_from` is whom that told.
        held_until: until then it is neither sent nor shown, unless it is let go before.
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
    event: str | None = None
    ground: Ground | None = None
    last_word: bool = False
    passes_on: UUID | None = None
    handed_from: UUID | None = None
    handed_reason: HandReason | None = None
    outdated: bool = False
    held_until: datetime | None = None


def message_id(key: str) -> UUID:
    """The id of the worker's message with a key, unless somebody else has it."""
    return uuid5(_IDS, key)


def key_of_another_try(key: str) -> str:
    """The key of a message that says the same once more, because its first receiver could not be reached."""
    return f"{key}{_AGAIN}"


def key_at_first(key: str) -> str:
    """The key that a message, or the one that it says once more, was written with."""
    return key.partition(_AGAIN)[0]


def write_each(connection: Connection, messages: Iterable[Outgoing]) -> set[str]:
    """Write messages as somebody who causes them, however many in three statements at most: what one is about
    is theirs to say only if the message is. Nothing is written where a key is there already.

    Returns:
        the keys of those that were written.
    """
    by_id = {new_id(): one for one in {one.key: one for one in messages}.values()}
    if not by_id:
        return set()
    rows = [_message(one, number) for number, one in by_id.items()]
    added = _insert(OutboxMessage.__table__).values(rows).execution_options(preserve_rowcount=True)
    written = by_id
    if connection.execute(added).rowcount < len(rows):  # some were there: ask which are new, for none is read
        those = func.unnest(literal(list(by_id), ARRAY(Uuid))).column_valued()
        mine = connection.scalars(select(those).where(func.ctx.causes_message(those))).all()
        written = {number: by_id[number] for number in mine}
    if written:
        about = [_subject(one, number) for number, one in written.items()]
        connection.execute(_insert(OutboxSubject.__table__).values(about))
    return {one.key for one in written.values()}


def write(connection: Connection, messages: Iterable[Outgoing]) -> None:
    """Write many messages and what they are about, as the worker; nothing where a key is there already.

    One that cannot be written is logged and keeps no other from being written.
    """
    by_key: dict[str, Outgoing] = {}
    for message in messages:
        by_key.setdefault(message.key, message)
    if not by_key:
        return
    try:
        with connection.begin_nested():
            _write(connection, by_key)
    except IntegrityError:
        for key, one in by_key.items():
            try:
                with connection.begin_nested():
                    _write(connection, {key: one})
            except IntegrityError:
                log.exception("A message of kind %s cannot be written.", one.kind)


def _write(connection: Connection, by_key: dict[str, Outgoing]) -> None:
    """All of them at once; those whose ids others have taken once more, with new ones."""
    messages, subjects = _INSERT[OutboxMessage.__tablename__], _INSERT[OutboxSubject.__tablename__]
    connection.execute(messages, [_message(one, message_id(key)) for key, one in by_key.items()])
    there = _there(connection, by_key)
    if homeless := [_message(one, new_id()) for key, one in by_key.items() if key not in there]:
        connection.execute(messages, homeless)
        there = _there(connection, by_key)
    connection.execute(subjects, [_subject(one, there[key]) for key, one in by_key.items()])


def _there(connection: Connection, keys: Iterable[str]) -> dict[str, UUID]:
    wanted = OutboxMessage.key == any_(literal(list(keys), ARRAY(Text)))
    return {
        row.key: row.id
        for row in connection.execute(select(OutboxMessage.key, OutboxMessage.id).where(wanted))
    }


def _message(one: Outgoing, number: UUID) -> dict[str, Any]:
    state = MessageState.OWED if one.channel is MessageChannel.MAIL else MessageState.SHOWN
    return {
        "id": number,
        "key": one.key,
        "kind": one.kind,
        "event": one.event,
        "ground": one.ground,
        "last_word": one.last_word,
        "passes_on_id": one.passes_on,
        "handed_from_id": one.handed_from,
        "handed_reason": one.handed_reason,
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
        "held_until": one.held_until,
    }


def _subject(one: Outgoing, number: UUID) -> dict[str, Any]:
    about = one.about
    return {
        "message_id": number,
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


def _insert(table: FromClause) -> Any:
    return insert(table).inline().on_conflict_do_nothing()  # type: ignore[arg-type] # a mapped table is a Table


_INSERT = {shape.__tablename__: _insert(shape.__table__) for shape in (OutboxMessage, OutboxSubject)}
