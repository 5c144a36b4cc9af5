"""What concerns plug into the rest."""

from uuid import UUID

from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.concerns.chronology import LINES
from portal.records.concerns.model import Concern
from portal.records.concerns.tasks import TASKS
from portal.registry import Duty, Noun, Record


def _concerns(ids: list[UUID]) -> Columns:
    return columns("concern", Concern.id, Concern.reference, named=False, words=Concern.name).where(
        Concern.id.in_(ids)
    )


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=Concern,
            prefix=Prefix.CONCERN,
            page="concerns.show",
            permission="concern:view",
            named=_concerns,
            duty=Duty(own="concern_id", reference=Concern.reference, key=Concern.id),
        ),
    ),
)
