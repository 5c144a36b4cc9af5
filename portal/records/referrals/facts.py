"""What others ask of information forms."""

from sqlalchemy import ColumnElement

from portal.records.referrals.model import Referral, ReferralSubject
from portal.vocabulary import SubjectKind


def on_form() -> ColumnElement[bool]:
    """The children whom a form is about, beside it."""
    return (ReferralSubject.referral_id == Referral.id) & (ReferralSubject.kind == SubjectKind.CHILD)
