"""What waits for somebody's weekly message: news that can wait for it, and for governance how much was taken.

What was told between the weekly message before and this one is in this one, and in no other: however long no
worker ran, it is said once.
"""

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select
from sqlalchemy.orm import aliased

from portal.messages.model import MessagePreference, OutboxMessage, OutboxSubject
from portal.messages.vocabulary import MessageChannel, MessageState
from portal.policy import current_policy
from portal.records.disclosures.model import TakenCopy
from portal.records.people.model import User
from portal.reminders.receivers import holds
from portal.vocabulary import Role

#: The kind of the weekly message.
KIND = "team_digest"

#: How long what waits for the weekly message is still news in it: longer than anybody is away on leave.
NEWS_FOR = timedelta(days=35)

#: References in a line; of more it says how many.
MOST = 5


def with_news(begins: datetime) -> Select[Any]:
    """Everybody for whom something waited, when the day of the weekly message began, that they have not read
    and that no weekly message has told.
    """
    return select(OutboxMessage.recipient_id).where(
        *_waits(),
        OutboxMessage.created_at > begins - NEWS_FOR,
        OutboxMessage.created_at <= begins,
        ~_weekly_since(OutboxMessage.recipient_id, OutboxMessage.created_at),
    )


def with_copies(begins: datetime) -> Select[Any]:
    """Governance, where somebody took a copy of a record since their weekly message before."""
    last = select(func.max(TakenCopy.taken_at)).where(TakenCopy.taken_at <= begins).scalar_subquery()
    return select(User.id).where(
        User.active, holds(Role.GOVERNANCE), last > begins - NEWS_FOR, ~_weekly_since(User.id, last)
    )


def lines(connection: Connection, user_id: UUID, written_at: datetime) -> list[str]:
    """What a weekly message says to somebody besides what is overdue.

    Args:
        written_at: when it was written: what came later is for the next.
    """
    since = _since(connection, user_id, written_at)
    return [
        *_news(connection, user_id, since, written_at),
        *_copies(connection, user_id, since, written_at),
    ]


def _news(connection: Connection, user_id: UUID, since: datetime, until: datetime) -> list[str]:
    """Each kind with what it was about: “Sent by your team: REF-1, REF-2”."""
    found = connection.execute(
        select(OutboxMessage.kind, OutboxSubject.reference)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(
            *_waits(),
            OutboxMessage.recipient_id == user_id,
            OutboxMessage.created_at > since,
            OutboxMessage.created_at <= until,
        )
        .order_by(OutboxMessage.kind, OutboxMessage.created_at)
    ).all()
    kinds = current_policy().reminders.kinds
    by_kind = groupby(found, key=lambda row: row.kind)
    return [
        f"{kinds[kind].subject}: {_listed([row.reference for row in rows])}"
        for kind, rows in by_kind
        if kind in kinds
    ]


def _listed(references: list[str | None]) -> str:
    """The references, or how many there are."""
    if len(references) > MOST or None in references:
        return str(len(references))
    return ", ".join(one for one in references if one)


def _copies(connection: Connection, user_id: UUID, since: datetime, until: datetime) -> list[str]:
    """How many files were taken, for governance; who took what is on the list in the portal."""
    governs = connection.scalar(select(holds(Role.GOVERNANCE)).select_from(User).where(User.id == user_id))
    if not governs:
        return []
    files = connection.scalar(
        select(func.count(TakenCopy.reference.distinct())).where(
            TakenCopy.taken_at > since, TakenCopy.taken_at <= until
        )
    )
    return [f"Copies of records that were taken: {files}"] if files else []


def _since(connection: Connection, user_id: UUID, written_at: datetime) -> datetime:
    """When they had the weekly message before, or began to be told."""
    longest = written_at - NEWS_FOR
    last: datetime | None = connection.scalar(
        select(func.max(OutboxMessage.created_at)).where(
            OutboxMessage.recipient_id == user_id,
            *_is_weekly(OutboxMessage),
            OutboxMessage.created_at < written_at,
            OutboxMessage.created_at > longest,
        )
    )
    return last or longest


def _weekly_since(person: Any, moment: Any) -> ColumnElement[bool]:
    """Whether somebody had a weekly message at a moment or later."""
    listed = aliased(OutboxMessage)
    return exists().where(listed.recipient_id == person, *_is_weekly(listed), listed.created_at >= moment)


def _is_weekly(message: Any) -> tuple[ColumnElement[bool], ...]:
    """One that was sent, or is about to be: what a cancelled one would have said is for the next."""
    return message.kind == KIND, message.state != MessageState.CANCELLED


def _waits() -> tuple[ColumnElement[bool], ...]:
    """What waits for the week, was not read, and is of a kind that is wanted by e-mail."""
    unwanted = exists().where(
        MessagePreference.user_id == OutboxMessage.recipient_id,
        MessagePreference.kind == OutboxMessage.kind,
        MessagePreference.by_mail.is_(False),
    )
    statutory = [one.code for one in current_policy().reminders.kinds if one.statutory]
    return (
        OutboxMessage.channel == MessageChannel.WEEKLY,
        OutboxMessage.state != MessageState.CANCELLED,
        OutboxMessage.read_at.is_(None),
        OutboxMessage.recipient_id.is_not(None),
        OutboxMessage.kind.in_(statutory) | ~unwanted,
    )
