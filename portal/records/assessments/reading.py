"""Risk assessments as their readers see them: everyone with full reach on the case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.extensions import db
from portal.pathway.references import Prefix
from portal.queries.rows import Rows, name_of
from portal.records.assessments.model import (
    AssessmentAnswer,
    AssessmentSection,
    LevelDecision,
    RiskAssessment,
)
from portal.records.assessments.vocabulary import AssessmentKind
from portal.records.cases.model import Case
from portal.records.cases.reading.records import with_case
from portal.records.meetings.model import Meeting
from portal.records.people.model import Agency, User


@dataclass(frozen=True)
class Written:
    """One answer as it stands, and who gave it."""

    answer: str | None
    words: str
    source: str
    not_obtained: bool
    author: str
    agency: str
    saved_at: datetime


def find_assessment(*, reference: str) -> tuple[RiskAssessment, Case] | None:
    """The assessment of a reference and its case, if one may see them."""
    return with_case(RiskAssessment, reference=reference, prefix=Prefix.ASSESSMENT)


def last_finalised(*, case_id: UUID) -> RiskAssessment | None:
    """The full assessment of a case that was finalised last."""
    return db.session.scalar(
        select(RiskAssessment)
        .where(
            RiskAssessment.case_id == case_id,
            RiskAssessment.kind == AssessmentKind.FULL,
            RiskAssessment.finalised_at.is_not(None),
        )
        .order_by(RiskAssessment.finalised_at.desc(), RiskAssessment.id.desc())
        .limit(1)
    )


def overtaken_by(*, assessment: RiskAssessment) -> RiskAssessment | None:
    """The assessment that has taken the place of one that was finalised, if one has."""
    if assessment.finalised_at is None:
        return None
    last = last_finalised(case_id=assessment.case_id)
    newer = last is not None and last.finalised_at is not None and last.finalised_at > assessment.finalised_at
    return last if newer else None


def people_of(*, assessment: RiskAssessment) -> dict[UUID, str]:
    """The names of everyone whom an assessment names, each with the agency."""
    ids = {
        assessment.assessor_id,
        assessment.concluded_by,
        assessment.second_id,
        assessment.returned_by,
        assessment.signed_off_by,
        assessment.refused_by,
    }
    rows = db.session.execute(
        select(User.id, User.name, name_of(User.agency_id, "agency")).where(User.id.in_(ids - {None}))
    )
    return {row.id: f"{row.name}, {row.agency}" for row in rows}


def sections(*, assessment_id: UUID) -> dict[str, Any]:
    """The sections that somebody has written in: by code, with their number, and who wrote last and when."""
    rows = db.session.execute(
        select(
            AssessmentSection.section,
            AssessmentSection.number,
            AssessmentSection.saved_at,
            name_of(AssessmentSection.saved_by, "saved_by"),
        ).where(AssessmentSection.assessment_id == assessment_id, AssessmentSection.number > 0)
    )
    return {row.section: row for row in rows}


def answers(*, assessment_id: UUID, section: str | None = None) -> dict[str, Written]:
    """The answers as they stand, by item; those that were taken back are left out."""
    found = (
        select(
            AssessmentAnswer,
            name_of(AssessmentAnswer.author_id, "author"),
            name_of(AssessmentAnswer.agency_id, "agency"),
        )
        .where(AssessmentAnswer.assessment_id == assessment_id)
        .order_by(AssessmentAnswer.number)
    )
    if section is not None:
        found = found.where(AssessmentAnswer.section == section)
    latest = {
        row.item: Written(row.answer, row.words, row.source, row.not_obtained, author, agency, row.saved_at)
        for row, author, agency in db.session.execute(found)
    }
    return {item: one for item, one in latest.items() if one.answer or one.words or one.source}


def contributors(*, assessment_id: UUID) -> Rows:
    """The agencies that wrote in an assessment, and when each did last."""
    last = func.max(AssessmentAnswer.saved_at).label("last")
    return db.session.execute(
        select(Agency.name, last)
        .join(AssessmentAnswer, AssessmentAnswer.agency_id == Agency.id)
        .where(AssessmentAnswer.assessment_id == assessment_id)
        .group_by(Agency.name)
        .order_by(last.desc())
    ).all()


def of_case(*, case_id: UUID) -> Rows:
    """The assessments of a case, newest first."""
    return db.session.execute(
        select(
            RiskAssessment.id,
            RiskAssessment.reference,
            RiskAssessment.kind,
            RiskAssessment.state,
            RiskAssessment.trigger,
            RiskAssessment.level,
            RiskAssessment.started_at,
            RiskAssessment.finalised_at,
            RiskAssessment.signed_off_at,
            name_of(RiskAssessment.assessor_id, "assessor"),
            name_of(RiskAssessment.agency_id, "agency"),
        )
        .where(RiskAssessment.case_id == case_id)
        .order_by(RiskAssessment.started_at.desc())
        .limit(50)
    ).all()


def levels_of(case_ids: Sequence[UUID]) -> Mapping[UUID, list[Any]]:
    """The levels that were decided on some cases, in order, by case: `level` and `decided_at` of each."""
    rows = db.session.execute(
        select(LevelDecision.case_id, LevelDecision.level, LevelDecision.decided_at)
        .where(LevelDecision.case_id.in_(case_ids))
        .order_by(LevelDecision.case_id, LevelDecision.number)
    )
    return {case_id: list(found) for case_id, found in groupby(rows, lambda row: row.case_id)}


def levels(*, case_id: UUID) -> Rows:
    """Every level that was decided on a case, in order, by whom and why."""
    return db.session.execute(
        select(
            LevelDecision.before,
            LevelDecision.level,
            LevelDecision.reason,
            RiskAssessment.suggested_level,
            RiskAssessment.difference_reason,
            LevelDecision.decided_at,
            name_of(LevelDecision.decided_by, "decided_by"),
            name_of(LevelDecision.agency_id, "agency"),
            name_of(LevelDecision.second_id, "second"),
            RiskAssessment.reference.label("assessment"),
            Meeting.reference.label("meeting"),
        )
        .outerjoin(RiskAssessment, RiskAssessment.id == LevelDecision.assessment_id)
        .outerjoin(Meeting, Meeting.id == LevelDecision.meeting_id)
        .where(LevelDecision.case_id == case_id)
        .order_by(LevelDecision.number)
    ).all()
