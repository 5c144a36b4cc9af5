"""What the tests of assessments share: a case that social care leads, and steps towards a conclusion."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.policy import current_policy
from portal.records.assessments.concluding import Conclusion, conclude
from portal.records.assessments.lifecycle import save_section, start_assessment, written_now
from portal.records.assessments.model import RiskAssessment
from portal.records.assessments.policy import Assessment
from portal.records.assessments.rules import Given
from portal.records.assessments.vocabulary import AssessmentKind, SignAnswer
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.vocabulary import Answer, RiskLevel
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child

Acting = Callable[[User], AbstractContextManager[Principal]]
CURRENT = Given(answer=SignAnswer.CURRENT, words="Seen by the school", source="School")
HARM = {"violence": {"made_to_carry": CURRENT}}


def case_of_three(rows: Session, cast: Cast) -> Case:
    """A normal case that social care leads, with the police and health on it."""
    case = make_case(
        rows,
        make_child(rows, "Ada", "Fictional"),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
        authority="derbyshire",
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    return case


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """The case that is assessed."""
    return case_of_three(rows, cast)


def begin(
    acting: Acting, person: User, case: Case, kind: AssessmentKind = AssessmentKind.FULL
) -> RiskAssessment:
    """Somebody begins an assessment."""
    with acting(person) as actor:
        found = start_assessment(
            actor=actor, case=db.session.get_one(Case, case.id), kind=kind, trigger="case_opened"
        )
        db.session.flush()
        db.session.expunge(found)
    return found


def writes(
    acting: Acting,
    person: User,
    assessment: RiskAssessment,
    section: str,
    *,
    seen: int = 0,
    **answers: Given,
) -> int:
    """Somebody saves answers in a section, having seen a saving of it."""
    with acting(person) as actor:
        return save_section(
            actor=actor,
            assessment=db.session.get_one(RiskAssessment, assessment.id),
            section=section,
            answers=answers,
            seen=seen,
        )


def fill_in(acting: Acting, person: User, assessment: RiskAssessment, **more: dict[str, Given]) -> None:
    """Everything that has to be answered, and what else is given, by section."""
    tool = current_policy().of(Assessment)
    for section in tool.sections:
        required = {
            question.code: Given(words="Told in full")
            for question in tool.questions_of(section.code, screening=False)
            if question.required
        }
        answers = required | more.get(section.code, {})
        if answers:
            writes(acting, person, assessment, section.code, seen=0, **answers)


def conclusion(level: RiskLevel, **changes: Any) -> Conclusion:
    """A conclusion with every reason."""
    said: dict[str, Any] = {
        "reason": "What several agencies saw",
        "difference_reason": "The signs are of one evening only",
        "types": ("cce",),
        "s47": Answer.YES,
        "s47_reason": "Agreed with the police",
        "nrm": Answer.NO,
        "nrm_reason": "No sign of trafficking",
    }
    return Conclusion(level=level, **(said | changes))


def concludes(acting: Acting, person: User, case: Case, level: RiskLevel, **changes: Any) -> None:
    """Somebody concludes the assessment that is being written."""
    with acting(person) as actor:
        record = db.session.get_one(Case, case.id)
        assessment = written_now(record)
        assert assessment is not None
        conclude(
            actor=actor,
            case=record,
            assessment=assessment,
            conclusion=conclusion(level, **changes),
            version=assessment.version,
        )


def assessed(acting: Acting, person: User, case: Case, level: RiskLevel) -> RiskAssessment:
    """A full assessment from beginning to conclusion."""
    found = begin(acting, person, case)
    fill_in(acting, person, found)
    concludes(acting, person, case, level)
    return found


def put(session: Session, row: object) -> None:
    """Write a row past every service."""
    session.add(row)
    session.flush()


def open_duties(rows: Session, case: Case) -> dict[str, Deadline]:
    """The open duties of a case, by kind."""
    rows.rollback()
    rows.expire_all()
    found = select(Deadline).where(Deadline.case_id == case.id, Deadline.state == DeadlineState.OPEN)
    return {one.kind: one for one in rows.scalars(found)}
