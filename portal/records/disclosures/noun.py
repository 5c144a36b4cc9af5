"""What disclosures plug into the rest."""

from uuid import UUID

from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.children.model import Child
from portal.records.disclosures.chronology import LINES
from portal.records.disclosures.model import Disclosure, DisclosureChild
from portal.registry import Duty, Noun, Record


def _disclosures(ids: list[UUID]) -> Columns:
    return (
        columns("disclosure", Disclosure.id, Disclosure.reference)
        .outerjoin(DisclosureChild, DisclosureChild.disclosure_id == Disclosure.id)
        .outerjoin(Child, Child.id == DisclosureChild.child_id)
        .where(Disclosure.id.in_(ids))
    )


NOUN = Noun(
    lines=LINES,
    records=(
        Record(
            table=Disclosure,
            prefix=Prefix.DISCLOSURE,
            page="disclosures.show",
            permission="disclosure:view",
            named=_disclosures,
            duty=Duty(own="disclosure_id", reference=Disclosure.reference, key=Disclosure.id),
        ),
    ),
)
