"""The list of what a person, or the teams that they manage, sent to the hub."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select, tuple_
from sqlalchemy.orm import aliased

from portal.access.principal import Principal
from portal.extensions import db
from portal.queries import paging
from portal.records.people.model.agencies import Team
from portal.records.people.model.people import User
from portal.records.referrals.model import (
    Feedback,
    Referral,
    ReferralMessage,
    ReferralReading,
    ReferralSubject,
)
from portal.vocabulary import ReferralState

PAGE = 50


@dataclass(frozen=True)
class SentRow:
    """A form in the list of what was sent."""

    id: UUID
    reference: str
    state: ReferralState
    kind: str
    sent_at: datetime
    author: str
    is_mine: bool
    new_message: bool
    new_feedback: bool
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class SentCursor(paging.Cursor):
    """The form after which the next page begins."""

    sent_at: datetime
    id: UUID


@dataclass(frozen=True)
class SentPage:
    """A page of that list, and where the next one begins."""

    rows: list[SentRow]
    next_after: str = ""


def sent(*, person: Principal, of_team: bool, after: str = "") -> SentPage:
    """What the person, or the teams they manage, sent; newest first.

    :param after: where the page begins, as the last one said.
    """
    query = _sent_rows(person)
    if of_team:
        managed = select(Team.id).where(Team.manager_id == person.user_id)
        query = query.where(Referral.author_team_id.in_(managed))
    else:
        query = query.where(Referral.author_id == person.user_id)
    if (begin := SentCursor.read(after)) is not None:
        query = query.where(tuple_(Referral.sent_at, Referral.id) < (begin.sent_at, begin.id))
    found = db.session.execute(query.limit(PAGE + 1)).all()
    labels = _labels([row.id for row in found[:PAGE]])
    rows = [
        SentRow(
            id=row.id,
            reference=row.reference,
            state=ReferralState(row.state),
            kind=row.kind,
            sent_at=row.sent_at,
            author=row.author,
            is_mine=row.author_id == person.user_id,
            new_message=row.new_message,
            new_feedback=row.new_feedback,
            labels=labels.get(row.id, ()),
        )
        for row in found[:PAGE]
    ]
    more = len(found) > PAGE
    return SentPage(rows, str(SentCursor(rows[-1].sent_at, rows[-1].id)) if more else "")


def _sent_rows(person: Principal) -> Select[*tuple[Any, ...]]:
    reading = aliased(ReferralReading)
    is_new = func.coalesce(reading.read_at, Referral.sent_at)
    return (
        select(
            Referral.id,
            Referral.reference,
            Referral.state,
            Referral.kind,
            Referral.sent_at,
            Referral.author_id,
            User.name.label("author"),
            exists()
            .where(
                ReferralMessage.referral_id == Referral.id,
                ReferralMessage.from_hub,
                ReferralMessage.sent_at > is_new,
            )
            .label("new_message"),
            exists()
            .where(Feedback.referral_id == Referral.id, Feedback.given_at > is_new)
            .label("new_feedback"),
        )
        .join(User, User.id == Referral.author_id)
        .outerjoin(reading, and_(reading.referral_id == Referral.id, reading.user_id == person.user_id))
        .where(Referral.state != ReferralState.DRAFT)
        .order_by(Referral.sent_at.desc(), Referral.id.desc())
    )


def _labels(ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """What each form is about, in the words of its children, people and things."""
    found: dict[UUID, tuple[str, ...]] = {}
    if ids:
        rows = db.session.execute(
            select(ReferralSubject.referral_id, ReferralSubject.label)
            .where(ReferralSubject.referral_id.in_(ids))
            .order_by(ReferralSubject.referral_id, ReferralSubject.position)
        )
        for referral_id, label in rows:
            found[referral_id] = (*found.get(referral_id, ()), label)
    return found
