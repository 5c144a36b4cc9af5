"""What somebody is told: the number in the header, the list behind it, and one message."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from portal.access.principal import Principal
from portal.extensions import db
from portal.models.deadlines import Deadline
from portal.models.messages import MessagePreference, OutboxMessage, OutboxSubject
from portal.records.people.model import User
from portal.vocabulary.messages import MessageState

PAGE = 30
MANY = 100  # the header says “99+”
Rows = Sequence[Any]  # rows named by their columns


@dataclass(frozen=True)
class Page:
    """One page of a list, and the message after which the next one starts."""

    rows: Rows
    next: UUID | None


def unread(person: Principal) -> int:
    """How many messages the person has not read; counting stops at 100. The header of every page asks."""
    own = select(OutboxMessage.id).where(_own(person), OutboxMessage.read_at.is_(None)).limit(MANY).subquery()
    return db.session.scalar(select(func.count()).select_from(own)) or 0


def told(
    *, person: Principal, unread_only: bool = False, after: UUID | None = None, limit: int = PAGE
) -> Page:
    """What the person was told, the newest first.

    Args:
        unread_only: leave out what they have read.
        after: the last message of the page before.
    """
    listed = _listed().where(_own(person))
    if unread_only:
        listed = listed.where(OutboxMessage.read_at.is_(None))
    if after is not None:
        last = (
            select(OutboxMessage.created_at)
            .where(OutboxMessage.id == after, OutboxMessage.recipient_id == person.user_id)
            .scalar_subquery()
        )
        listed = listed.where(tuple_(OutboxMessage.created_at, OutboxMessage.id) < tuple_(last, after))
    newest = listed.order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc()).limit(limit + 1)
    rows = db.session.execute(newest).all()
    return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def find_told(*, person: Principal, message_id: UUID) -> Row[Any] | None:
    """One message to the person or to a team of theirs; None for everybody else's."""
    # A team of the hub is its coordinators, who are readers as the hub and not by their team.
    teams = person.team_ids if person.is_coordinator else person.team_ids & person.readers
    to_team = OutboxMessage.recipient_team_id.in_(list(teams))
    mine = _listed().where(OutboxMessage.id == message_id, or_(_to(person), to_team))
    return db.session.execute(mine).one_or_none()


def mail_choices(*, person: Principal) -> dict[str, bool]:
    """By kind, whether the person wants e-mail; a kind that is not in it is sent."""
    rows = db.session.execute(
        select(MessagePreference.kind, MessagePreference.by_mail).where(
            MessagePreference.user_id == person.user_id
        )
    )
    return {row.kind: row.by_mail for row in rows}


def _to(person: Principal) -> ColumnElement[bool]:
    """Theirs, as a member of the agency that they belong to now."""
    return and_(OutboxMessage.recipient_id == person.user_id, OutboxMessage.agency_id == person.agency_id)


def _own(person: Principal) -> ColumnElement[bool]:
    """What was cancelled was never told."""
    return and_(_to(person), OutboxMessage.state != MessageState.CANCELLED)


def _listed() -> Select[Any]:
    handed_from = aliased(User)
    columns: list[Any] = [
        OutboxMessage.id,
        OutboxMessage.kind,
        OutboxMessage.recipient_id,
        OutboxMessage.created_at,
        OutboxMessage.read_at,
        OutboxMessage.urgent,
        OutboxMessage.handed_reason,
        handed_from.name.label("handed_from"),
        OutboxSubject.subject_kind,
        OutboxSubject.subject_id,
        OutboxSubject.reference,
        OutboxSubject.case_id,
        OutboxSubject.due_at,
        Deadline.kind.label("duty"),
    ]
    return (
        select(*columns)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .outerjoin(Deadline, Deadline.id == OutboxSubject.deadline_id)
        .outerjoin(handed_from, handed_from.id == OutboxMessage.handed_from_id)
    )
