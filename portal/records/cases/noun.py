"""What cases plug into the rest."""

from uuid import UUID

from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.cases.chronology import LINES
from portal.records.cases.model import Alert, Case, CaseNotice
from portal.records.cases.tasks import TASKS
from portal.records.children.model import Child
from portal.registry import Duty, Noun, Record


def _cases(ids: list[UUID]) -> Columns:
    """More people see that a case exists than who it is about: for them its reference stands there alone."""
    return (
        columns("cre_case", CaseNotice.case_id, CaseNotice.reference)
        .outerjoin(Case, Case.id == CaseNotice.case_id)
        .outerjoin(Child, Child.id == Case.child_id)
        .where(CaseNotice.case_id.in_(ids))
    )


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=Case,
            prefix=Prefix.CASE,
            page="cases.show",
            permission="case:notice",
            named=_cases,
            duty=Duty(own="case_id"),
        ),
        Record(table=Alert, page="cases.show", permission="case:notice", duty=Duty(shared=("case_id",))),
    ),
)
