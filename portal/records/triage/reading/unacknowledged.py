"""What was passed on and nobody has confirmed: it stands above the queue until somebody has."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.extensions import db
from portal.models.deadlines import Deadline
from portal.records.disclosures.model.disclosures import Disclosure
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.people.model import Agency, Team
from portal.records.referrals.model import Referral
from portal.records.triage.model import SocialCareReferral
from portal.vocabulary import TriageColour
from portal.vocabulary.deadlines import DeadlineKind

MOST = 50


def red_receipts() -> Sequence[Any]:
    """Red tellings that the receiver has not confirmed, with the number to ring, the earliest due first."""
    receiver = aliased(Agency)
    return db.session.execute(
        select(
            Disclosure.id,
            Disclosure.reference,
            Disclosure.decided_at,
            receiver.name.label("agency"),
            Team.name.label("team"),
            Team.duty_phone,
            Referral.reference.label("referral_reference"),
            _due(Disclosure.id, Disclosure.__tablename__, DeadlineKind.RECEIPT).label("due"),
        )
        .join(receiver, receiver.id == Disclosure.receiver_agency_id)
        .outerjoin(Team, Team.id == Disclosure.receiver_team_id)
        .outerjoin(Referral, Referral.id == Disclosure.referral_id)
        .where(
            Disclosure.colour == TriageColour.RED,
            Disclosure.decision != SharingDecision.REFUSE,
            Disclosure.confirmed_at.is_(None),
            Disclosure.withdrawn_at.is_(None),
        )
        .order_by("due", Disclosure.id)
        .limit(MOST)
    ).all()


def social_care_referrals() -> Sequence[Any]:
    """Referrals to a front door that it has not confirmed: open, and red, until it has."""
    return db.session.execute(
        select(
            SocialCareReferral.id,
            SocialCareReferral.authority,
            SocialCareReferral.made_at,
            Referral.reference.label("referral_reference"),
            _due(SocialCareReferral.id, SocialCareReferral.__tablename__, DeadlineKind.SOCIAL_CARE).label(
                "due"
            ),
        )
        .join(Referral, Referral.id == SocialCareReferral.referral_id)
        .where(SocialCareReferral.confirmed_at.is_(None), SocialCareReferral.withdrawn_at.is_(None))
        .order_by("due", SocialCareReferral.id)
        .limit(MOST)
    ).all()


def _due(subject: Any, table: str, kind: DeadlineKind) -> Any:
    return (
        select(func.min(Deadline.due_at))
        .where(Deadline.subject_kind == table, Deadline.subject_id == subject, Deadline.kind == kind)
        .scalar_subquery()
    )
