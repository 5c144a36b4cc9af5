"""What waits for somebody's morning message: reminders that lie before the day, and news that can wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.deadlines.model import Deadline, is_owed
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.vocabulary import MessageChannel, MessageRecipient, MessageState
from portal.pathway.calendar import at_local
from portal.policy import current_policy
from portal.records.people.model import TeamMember
from portal.reminders.owed import duties
from portal.reminders.receivers import Directory, Duty

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
