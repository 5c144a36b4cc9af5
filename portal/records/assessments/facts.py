"""What others ask of an assessment."""

from uuid import UUID

from sqlalchemy import select

from portal.changes.versions import take_turns
from portal.extensions import db
from portal.records.assessments.model import RiskAssessment
from portal.records.assessments.vocabulary import AssessmentState

#: The turn of whoever writes in an assessment, or ends the writing.
WRITING = "assessment"


def still_written(assessment_id: UUID) -> bool:
    """Whether it is being written; until the end of the transaction nobody concludes it meanwhile.

    Whoever concludes takes the same turn, before the case and the assessment.
    """
    take_turns(WRITING, assessment_id)
    state = select(RiskAssessment.state).where(RiskAssessment.id == assessment_id)
    return db.session.scalar(state) == AssessmentState.DRAFT
