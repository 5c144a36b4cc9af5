"""What tellings by hand plug into the rest."""

from sqlalchemy import func

from portal.pathway.references import Prefix
from portal.queries.rows import columns
from portal.records.by_hand.model import ToldByHand
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.plans.model import Action
from portal.registry import Duty, Noun, Record

NOUN = Noun(
    records=(
        Record(
            table=ToldByHand,
            prefix=Prefix.BY_HAND,
            page="by_hand.show",
            permission="by_hand:view",
            named=columns(
                ToldByHand,
                words=ToldByHand.name
                + func.coalesce(": " + Action.what, "")
                + func.coalesce(" (case of " + Child.given_name + " " + Child.family_name + ")", ""),
            )
            .outerjoin(Case, Case.id == ToldByHand.case_id)
            .outerjoin(Child, Child.id == Case.child_id)
            .outerjoin(
                Action,
                (ToldByHand.subject_kind == Action.__tablename__) & (Action.id == ToldByHand.subject_id),
            ),
            duty=Duty(
                shared=("case_id", "referral_id", "meeting_id"),
                reference=ToldByHand.reference,
                key=ToldByHand.id,
            ),
        ),
    ),
)
