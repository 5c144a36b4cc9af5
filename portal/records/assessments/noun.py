"""What assessments plug into the rest."""

from uuid import UUID

from portal.access.principal import Principal
from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.assessments.chronology import LINES
from portal.records.assessments.levels import meet_what_was_owed
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.meetings.model import Meeting
from portal.registry import Duty, Noun, Record


def _meet_what_was_owed(*, actor: Principal, meeting: Meeting, case: Case) -> None:  # noqa: ARG001  # whoever held it
    if meeting.held_at is not None:
        meet_what_was_owed(case=case, kind=meeting.kind, held_at=meeting.held_at)


def _assessments(ids: list[UUID]) -> Columns:
    return (
        columns("risk_assessment", RiskAssessment.id, RiskAssessment.reference)
        .join(Case, Case.id == RiskAssessment.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(RiskAssessment.id.in_(ids))
    )


NOUN = Noun(
    lines=LINES,
    records=(
        Record(
            table=RiskAssessment,
            prefix=Prefix.ASSESSMENT,
            page="assessments.show",
            permission="assessment:view",
            named=_assessments,
            duty=Duty(shared=("case_id",)),
        ),
    ),
    meeting_held=_meet_what_was_owed,
)
