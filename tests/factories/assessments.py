"""Risk assessments, written straight into the tables."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.assessments.model import (
    AssessmentAnswer,
    AssessmentSection,
    LevelDecision,
    RiskAssessment,
)
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.model import Citation, CitedEntry
from portal.records.minutes.model import Minute
from portal.records.people.model import User


def make_assessment(rows: Session, case: Case, assessor: User, **facts: Any) -> RiskAssessment:
    """A full assessment that is being written, with one answer."""
    values: dict[str, Any] = {"kind": "full", "trigger": "case_opened", "state": "draft"} | facts
    found = RiskAssessment(
        id=new_id(),
        reference=new_reference(Prefix.ASSESSMENT),
        case_id=case.id,
        assessor_id=assessor.id,
        agency_id=assessor.agency_id,
        started_at=clock.now(),
        policy_version="test",
        **values,
    )
    rows.add(found)
    rows.flush()
    rows.add(
        AssessmentSection(
            assessment_id=found.id,
            section="voice",
            number=1,
            saved_at=clock.now(),
            saved_by=assessor.id,
        )
    )
    rows.add(make_answer(found, assessor))
    rows.commit()
    return found


def make_finalised(rows: Session, case: Case, assessor: User, **facts: Any) -> RiskAssessment:
    """One that is concluded and finalised."""
    now = clock.now()
    concluded = {"concluded_by": assessor.id, "concluded_at": now, "finalised_at": now, "level": "high"}
    return make_assessment(rows, case, assessor, state="finalised", **(concluded | facts))


def make_answer(assessment: RiskAssessment, author: User, words: str = "Told") -> AssessmentAnswer:
    """An answer in the section on the child's voice, not yet written."""
    return AssessmentAnswer(
        id=new_id(),
        assessment_id=assessment.id,
        section="voice",
        item="own_words",
        number=1,
        words=words,
        author_id=author.id,
        agency_id=author.agency_id,
        saved_at=clock.now(),
    )


def make_level(case: Case, decided_by: User, level: str = "low") -> LevelDecision:
    """The first level of a case, not yet written."""
    return LevelDecision(
        id=new_id(),
        case_id=case.id,
        level=level,
        reason="R",
        decided_by=decided_by.id,
        agency_id=decided_by.agency_id,
        decided_at=clock.now(),
    )


def make_citation(
    holder: RiskAssessment | Minute, entry: ChronologyEntry, cited_by: UUID
) -> tuple[Citation, CitedEntry]:
    """An entry cited in the section on the child's voice, or in minutes, not yet written."""
    in_minutes = isinstance(holder, Minute)
    citation = Citation(
        id=new_id(),
        reference=new_reference(Prefix.CITATION),
        case_id=entry.case_id,
        holder_kind="minute" if in_minutes else "assessment",
        holder_id=holder.id,
        part="" if in_minutes else "voice",
        agency_id=entry.agency_id,
        cited_at=clock.now(),
    )
    return citation, CitedEntry(
        citation_id=citation.id,
        entry_id=entry.id,
        conditions="C",
        cited_by=cited_by,
        cited_agency_id=entry.agency_id,
    )
