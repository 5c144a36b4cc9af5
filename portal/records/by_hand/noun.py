"""What tellings by hand plug into the rest."""

from portal.pathway.references import Prefix
from portal.queries.rows import columns
from portal.records.by_hand.model import ToldByHand
from portal.registry import Duty, Noun, Record

NOUN = Noun(
    records=(
        Record(
            table=ToldByHand,
            prefix=Prefix.BY_HAND,
            page="by_hand.show",
            permission="by_hand:view",
            named=columns(ToldByHand, child=False, words=ToldByHand.name),
            duty=Duty(
                shared=("case_id", "referral_id", "meeting_id"),
                reference=ToldByHand.reference,
                key=ToldByHand.id,
            ),
        ),
    ),
)
