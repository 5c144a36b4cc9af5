"""What others ask of information forms."""

from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, select

from portal.records.referrals.model import Referral, ReferralChild, ReferralSubject
from portal.vocabulary import SubjectKind


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
