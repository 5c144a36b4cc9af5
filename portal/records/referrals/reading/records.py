"""What pages read of one information form. The database decides who sees it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.extensions import db
from portal.records.people.model.agencies import Agency, Team
from portal.records.people.model.people import User
from portal.records.referrals.model import Feedback, Referral, ReferralMessage, ReferralSubject
from portal.records.referrals.rules.answers import Details, read_details


@dataclass(frozen=True)
class Said:
    """A message between hub and sender, or feedback."""

    by: str
    at: datetime
    text: str
    from_hub: bool
    asks_reply: bool = False


def find(*, reference: str) -> Referral | None:
    """A form by its reference, if the person sees it."""
    return db.session.scalar(select(Referral).filter_by(reference=reference))


def subjects(*, referral_id: UUID) -> list[Details]:
    """The children, people and things on a sent form, in order."""
    rows = db.session.execute(
        select(ReferralSubject.kind, ReferralSubject.details)
        .where(ReferralSubject.referral_id == referral_id)
        .order_by(ReferralSubject.position)
    )
    return [read_details(kind, details) for kind, details in rows]


def said(*, referral_id: UUID) -> list[Said]:
    """The messages on a form, oldest first."""
    rows = db.session.execute(
        select(
            User.name,
            ReferralMessage.sent_at,
            ReferralMessage.text,
            ReferralMessage.from_hub,
            ReferralMessage.asks_reply,
        )
        .join(User, User.id == ReferralMessage.author_id)
        .where(ReferralMessage.referral_id == referral_id)
        .order_by(ReferralMessage.sent_at, ReferralMessage.id)
    )
    return [Said(*row) for row in rows]


def feedback(*, referral_id: UUID) -> list[Said]:
    """What the hub told the sender about what became of it, newest first."""
    rows = db.session.execute(
        select(User.name, Feedback.given_at, Feedback.text)
        .join(User, User.id == Feedback.author_id)
        .where(Feedback.referral_id == referral_id)
        .order_by(Feedback.given_at.desc())
    )
    return [Said(by, at, words, from_hub=True) for by, at, words in rows]


def who_sent(*, referral: Referral) -> tuple[User, str, str]:
    """The author of a form, the name of their agency and of the team that it was sent for."""
    row = db.session.execute(
        select(User, Agency.name, Team.name)
        .select_from(User)
        .join(Agency, Agency.id == referral.author_agency_id)
        .outerjoin(Team, Team.id == referral.author_team_id)
        .where(User.id == referral.author_id)
    ).one()
    return row[0], row[1], row[2] or ""
