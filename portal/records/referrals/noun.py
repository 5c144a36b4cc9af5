"""What information forms plug into the rest."""

from portal.pathway.references import Prefix
from portal.queries.rows import columns
from portal.records.referrals.facts import matched_child, on_form
from portal.records.referrals.model import Referral, ReferralNotice, ReferralSubject
from portal.registry import Duty, Noun, Record

NOUN = Noun(
    records=(
        Record(
            table=Referral,
            prefix=Prefix.REFERRAL,
            page="referrals.show",
            hub_page="hub.referral",
            permission="referral:view",
            named=(
                columns(
                    Referral, child=False, words=ReferralSubject.label, of_child=matched_child()
                ).outerjoin(ReferralSubject, on_form())
            ),
            duty=Duty(own="referral_id", reference=ReferralNotice.reference, key=ReferralNotice.referral_id),
        ),
    ),
)
