"""What information forms plug into the rest."""

from uuid import UUID

from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.referrals.facts import on_form
from portal.records.referrals.model import Referral, ReferralNotice, ReferralSubject
from portal.registry import Duty, Noun, Record


def _referrals(ids: list[UUID]) -> Columns:
    return (
        columns("referral", Referral.id, Referral.reference, named=False, words=ReferralSubject.label)
        .outerjoin(ReferralSubject, on_form())
        .where(Referral.id.in_(ids))
    )


NOUN = Noun(
    records=(
        Record(
            table=Referral,
            prefix=Prefix.REFERRAL,
            page="referrals.show",
            hub_page="hub.referral",
            permission="referral:view",
            named=_referrals,
            duty=Duty(own="referral_id", reference=ReferralNotice.reference, key=ReferralNotice.referral_id),
        ),
    ),
)
