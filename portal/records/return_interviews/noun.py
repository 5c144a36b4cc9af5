"""What return interviews plug into the rest."""

from uuid import UUID

from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.children.model import Child
from portal.records.return_interviews.chronology import LINES
from portal.records.return_interviews.model import ReturnInterview
from portal.records.return_interviews.tasks import TASKS
from portal.registry import Duty, Noun, Record


def _interviews(ids: list[UUID]) -> Columns:
    return (
        columns("return_interview", ReturnInterview.id, ReturnInterview.reference)
        .join(Child, Child.id == ReturnInterview.child_id)
        .where(ReturnInterview.id.in_(ids))
    )


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=ReturnInterview,
            prefix=Prefix.INTERVIEW,
            page="return_interviews.show",
            permission="interview:view",
            named=_interviews,
            duty=Duty(shared=("child_id",), reference=ReturnInterview.reference, key=ReturnInterview.id),
        ),
    ),
)
