"""What triage plugs into the rest."""

from uuid import UUID

from portal.queries.record_columns import Columns, columns
from portal.records.referrals.facts import on_form
from portal.records.referrals.model import Referral, ReferralNotice, ReferralSubject
from portal.records.triage.model import SocialCareReferral
from portal.registry import Duty, Noun, Record


def _social_care_referrals(ids: list[UUID]) -> Columns:
    return (
        columns(
            "social_care_referral",
            SocialCareReferral.id,
            Referral.reference,
            named=False,
            words=ReferralSubject.label,
        )
        .join(Referral, Referral.id == SocialCareReferral.referral_id)
        .outerjoin(ReferralSubject, on_form())
        .where(SocialCareReferral.id.in_(ids))
    )


NOUN = Noun(
    records=(
        Record(
            table=SocialCareReferral,
            page="referrals.show",
            hub_page="hub.referral",
            permission="referral:view",
            named=_social_care_referrals,
            duty=Duty(
                shared=("referral_id",),
                reference=ReferralNotice.reference,
                key=ReferralNotice.referral_id,
                by="referral_id",
            ),
        ),
    ),
)
