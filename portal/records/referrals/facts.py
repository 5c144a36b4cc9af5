"""What others ask of information forms."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.queries.rows import Rows
from portal.records.people.model import Agency
from portal.records.referrals.model import Referral, ReferralChild, ReferralMessage, ReferralSubject
from portal.records.referrals.vocabulary import Channel
from portal.vocabulary import ReferralState, SubjectKind

MOST_ASKED = 50


def agency_of_sender(referral: Referral) -> Agency | None:
    """Whose form it is; of one that the hub typed, which came by phone, e-mail or on paper, the sender’s if
    it is known.
    """
    came_by_hand = referral.channel not in (None, Channel.PORTAL)
    came_by_hand = came_by_hand or bool(referral.sender_name or referral.sender_agency_id)
    found = referral.sender_agency_id if came_by_hand else referral.author_agency_id
    return db.session.get(Agency, found) if found else None


def on_form() -> ColumnElement[bool]:
    """The children whom a form is about, beside it."""
    return (ReferralSubject.referral_id == Referral.id) & (ReferralSubject.kind == SubjectKind.CHILD)


def matched_child() -> ScalarSelect[UUID]:
    """The known child that a child on a form was found to be, as far as whoever asks may know."""
    return (
        select(ReferralChild.child_id)
        .where(ReferralChild.subject_id == ReferralSubject.id)
        .correlate(ReferralSubject)
        .scalar_subquery()
    )


def asked_of(person: Principal) -> Select[Any]:
    """The person's own forms on which the hub waits for an answer: `reference`, `about`, `at`, by how long.

    A form that a coordinator entered for somebody without an account is not theirs to answer.
    """
    about = (
        select(
            func.string_agg(
                ReferralSubject.label, aggregate_order_by(literal(", "), ReferralSubject.position)
            )
        )
        .where(ReferralSubject.referral_id == Referral.id)
        .scalar_subquery()
    )
    asked_at = (
        select(func.max(ReferralMessage.sent_at))
        .where(ReferralMessage.referral_id == Referral.id, ReferralMessage.asks_reply)
        .scalar_subquery()
    )
    return (
        select(Referral.reference, about.label("about"), asked_at.label("at"))
        .where(
            Referral.author_id == person.user_id,
            Referral.author_agency_id == person.agency_id,
            Referral.state == ReferralState.WAITING_FOR_SENDER,
            Referral.sender_name.is_(None),
            Referral.sender_agency_id.is_(None),
        )
        .order_by(asked_at)
        .limit(MOST_ASKED)
    )


def asked_now(*, person: Principal) -> Rows:
    """The rows of `asked_of`."""
    return db.session.execute(asked_of(person)).all()


def forms_owed(*, person: Principal) -> frozenset[str]:
    """The references of the forms on which somebody owes something."""
    owed = (
        select(Referral.reference)
        .join(Deadline, Deadline.referral_id == Referral.id)
        .where(Deadline.owner_id == person.user_id, Deadline.state == DeadlineState.OPEN)
    )
    return frozenset(db.session.scalars(owed))
