"""What waits for somebody's morning message: reminders that lie before the day, and news that can wait;
and for their weekly message: news that can wait for it, and for governance how much was taken.

What was told between the weekly message before and this one is in this one, and in no other: however long
no worker ran, it is said once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.deadlines.model import Deadline, is_owed
from portal.messages.model import MessagePreference, OutboxMessage, OutboxSubject
from portal.messages.vocabulary import MessageChannel, MessageRecipient, MessageState
from portal.pathway.calendar import at_local
from portal.policy import current_policy
from portal.records.disclosures.model import TakenCopy
from portal.records.people.model import TeamMember, User
from portal.reminders.owed import duties
from portal.reminders.receivers import Directory, Duty, holds
from portal.vocabulary import Role

#: The kind of the morning message.
KIND = "digest"

#: How long what waits for the morning message is still news in it.
NEWS_FOR = timedelta(days=7)


def reminded(connection: Connection, user_id: UUID) -> dict[UUID, str]:
    """The duties of which somebody was reminded since the morning message before: each with the kind of the
    reminder. None that was moved or done since, or that is not theirs any more.
    """
    found = connection.execute(
        select(OutboxSubject.deadline_id, OutboxSubject.rung, OutboxMessage.kind)
        .join(OutboxMessage, OutboxMessage.id == OutboxSubject.message_id)
        .join(Deadline, Deadline.id == OutboxSubject.deadline_id)
        .where(
            *_waits(user_id),
            OutboxMessage.created_at >= _since(connection, user_id),
            OutboxSubject.due_at == Deadline.due_at,
            is_owed(),
        )
    ).all()
    if not found:
        return {}
    owed = connection.execute(duties([row.deadline_id for row in found])).all()
    directory, by_id = Directory(connection, owed), {duty.id: duty for duty in owed}
    teams = connection.scalars(select(TeamMember.team_id).where(TeamMember.user_id == user_id))
    theirs = {user_id, *teams}

    def tells(duty: Duty, rung: str) -> bool:
        return any(one.id in theirs for one in directory.of(duty, _to(duty, rung)))

    return {row.deadline_id: row.kind for row in found if tells(by_id[row.deadline_id], row.rung)}


def _to(duty: Duty, code: str) -> Iterable[MessageRecipient]:
    """Whom a rung tells by the policy of today."""
    rungs = current_policy().reminders.ladder(duty.kind, duty.source, duty.subject_kind).rungs
    return next((rung.to for rung in rungs if rung.code == code), ())


@dataclass(frozen=True)
class NewsLine:
    """What somebody is told in the morning and not by an e-mail of its own: a kind of it, and how often."""

    subject: str
    times: int

    @property
    def words(self) -> str:
        """What the e-mail says: `News of an action: 3`."""
        return f"{self.subject}: {self.times}"


def news_lines(connection: Connection, user_id: UUID) -> list[NewsLine]:
    """What came for somebody since the digest before, waits for the morning and was not read."""
    counted = connection.execute(
        select(OutboxMessage.kind, func.count().label("times"))
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(
            *_waits(user_id),
            OutboxMessage.read_at.is_(None),
            OutboxSubject.deadline_id.is_(None),  # a reminder has a line of its own
            OutboxMessage.created_at >= _since(connection, user_id),
        )
        .group_by(OutboxMessage.kind)
        .order_by(OutboxMessage.kind)
    )
    kinds = current_policy().reminders.kinds
    return [NewsLine(kinds[row.kind].subject, row.times) for row in counted if row.kind in kinds]


def _waits(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        OutboxMessage.recipient_id == user_id,
        OutboxMessage.channel == MessageChannel.DIGEST,
        OutboxMessage.state != MessageState.CANCELLED,
        or_(OutboxMessage.held_until.is_(None), OutboxMessage.held_until <= clock.now()),
    )


def _since(connection: Connection, user_id: UUID) -> datetime:
    """When they had their last digest before today's, or began to be told; never longer ago than a week."""
    midnight = at_local(clock.today(), time())
    longest = midnight - NEWS_FOR
    last = connection.scalar(
        select(func.max(OutboxMessage.created_at)).where(
            OutboxMessage.recipient_id == user_id,
            OutboxMessage.kind == KIND,
            OutboxMessage.created_at < midnight,
            OutboxMessage.created_at > longest,
        )
    )
    return last or longest


def with_news(today: date) -> Any:
    """Everybody for whom something waits for the morning that no digest has listed yet."""
    listed = aliased(OutboxMessage)
    since = at_local(today, time()) - NEWS_FOR
    return select(OutboxMessage.recipient_id).where(
        OutboxMessage.channel == MessageChannel.DIGEST,
        OutboxMessage.state != MessageState.CANCELLED,
        OutboxMessage.read_at.is_(None),
        OutboxMessage.created_at >= since,
        OutboxMessage.recipient_id.is_not(None),
        ~exists().where(
            listed.recipient_id == OutboxMessage.recipient_id,
            listed.kind == KIND,
            listed.created_at > OutboxMessage.created_at,
        ),
    )


#: The kind of the weekly message.
WEEKLY = "team_digest"

#: How long what waits for the weekly message is still news in it: longer than anybody is away on leave.
WEEKLY_NEWS_FOR = timedelta(days=35)

#: References in a line; of more it says how many.
MOST = 5


def with_weekly_news(begins: datetime) -> Select[Any]:
    """Everybody for whom something waited, when the day of the weekly message began, that they have not read
    and that no weekly message has told.
    """
    return select(OutboxMessage.recipient_id).where(
        *_waits_weekly(),
        OutboxMessage.created_at > begins - WEEKLY_NEWS_FOR,
        OutboxMessage.created_at <= begins,
        ~_weekly_since(OutboxMessage.recipient_id, OutboxMessage.created_at),
    )


def with_copies(begins: datetime) -> Select[Any]:
    """Governance, where somebody took a copy of a record since their weekly message before."""
    last = select(func.max(TakenCopy.taken_at)).where(TakenCopy.taken_at <= begins).scalar_subquery()
    return select(User.id).where(
        User.active, holds(Role.GOVERNANCE), last > begins - WEEKLY_NEWS_FOR, ~_weekly_since(User.id, last)
    )


def weekly_lines(connection: Connection, user_id: UUID, written_at: datetime) -> list[str]:
    """What a weekly message says to somebody besides what is overdue.

    Args:
        written_at: when it was written: what came later is for the next.
    """
    since = _since_weekly(connection, user_id, written_at)
    return [
        *_weekly_news(connection, user_id, since, written_at),
        *_copies(connection, user_id, since, written_at),
    ]


def _weekly_news(connection: Connection, user_id: UUID, since: datetime, until: datetime) -> list[str]:
    """Each kind with what it was about: “Sent by your team: REF-1, REF-2”."""
    found = connection.execute(
        select(OutboxMessage.kind, OutboxSubject.reference)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(
            *_waits_weekly(),
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


def _since_weekly(connection: Connection, user_id: UUID, written_at: datetime) -> datetime:
    """When they had the weekly message before, or began to be told."""
    longest = written_at - WEEKLY_NEWS_FOR
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
    return message.kind == WEEKLY, message.state != MessageState.CANCELLED


def _waits_weekly() -> tuple[ColumnElement[bool], ...]:
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
