"""What several agencies write in the sections of one assessment, each answer under its author's name.

Two people may write in one section at once. What only one of them changed is saved; where both changed the
same answer, the second is shown both. Nothing that was saved is overwritten: each answer is a row of its own.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.records.assessments.facts import still_written
from portal.records.assessments.model import AssessmentAnswer, AssessmentSection, RiskAssessment
from portal.records.assessments.rules import NOTHING, Given
from portal.services.errors import Conflict, DomainError, Versions


def save_section(
    *,
    actor: Principal,
    assessment: RiskAssessment,
    section: str,
    answers: Mapping[str, Given],
    seen: int,
) -> int:
    """Save what the actor changed in a section since its saving number `seen`.

    Args:
        section: a code of policy `assessment.sections`.
        answers: every item of the form as it was sent, by code.

    Returns:
        the number that the section has now.

    Raises:
        Forbidden: the actor's role does not let them.
        DomainError: the assessment is no longer being written.
        Conflict: somebody else changed the same answer meanwhile; carries both, by item. Nothing is saved.
    """
    require(actor, "assessment:answer")
    if not still_written(assessment.id):
        raise DomainError("This assessment is no longer being written. What you typed was not saved")
    head = _head(actor, assessment, section)
    now, before = latest(assessment.id, section), latest(assessment.id, section, up_to=seen)
    changed = {
        item: given
        for item, given in answers.items()
        if given != before.get(item, NOTHING) and given != now.get(item, NOTHING)
    }
    met = {item: now[item] for item in changed if item in now and now[item] != before.get(item, NOTHING)}
    if met:
        raise Conflict(
            "Somebody else answered the same while you were typing. Look at both and save again",
            Versions(theirs=dict(met), mine={item: changed[item] for item in met}),
        )
    if changed:
        head.number += 1
        head.saved_at, head.saved_by = clock.now(), actor.user_id
        db.session.flush()
        db.session.add_all(_row(actor, head, item, given) for item, given in changed.items())
        db.session.flush()
    return int(head.number)


def latest(assessment_id: UUID, section: str | None = None, *, up_to: int | None = None) -> dict[str, Given]:
    """The answers of a section, or of all, as they stand, or as they stood after a saving.

    Args:
        up_to: the number of the saving; by default the last.
    """
    found = (
        select(
            AssessmentAnswer.item,
            AssessmentAnswer.answer,
            AssessmentAnswer.words,
            AssessmentAnswer.source,
            AssessmentAnswer.not_obtained,
        )
        .where(AssessmentAnswer.assessment_id == assessment_id)
        .order_by(AssessmentAnswer.number)
    )
    if section is not None:
        found = found.where(AssessmentAnswer.section == section)
    if up_to is not None:
        found = found.where(AssessmentAnswer.number <= up_to)
    return {row.item: _given(row) for row in db.session.execute(found)}


def _given(row: Row[*tuple[Any, ...]]) -> Given:
    return Given(row.answer, row.words, row.source, row.not_obtained)


def _head(actor: Principal, assessment: RiskAssessment, section: str) -> AssessmentSection:
    """The section, held until the end of the transaction, so that two savings follow one another."""
    db.session.execute(
        insert(AssessmentSection)
        .values(
            assessment_id=assessment.id,
            section=section,
            number=0,
            saved_at=clock.now(),
            saved_by=actor.user_id,
        )
        .on_conflict_do_nothing()
    )
    return db.session.scalars(
        select(AssessmentSection)
        .where(AssessmentSection.assessment_id == assessment.id, AssessmentSection.section == section)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _row(actor: Principal, head: AssessmentSection, item: str, given: Given) -> AssessmentAnswer:
    return AssessmentAnswer(
        id=new_id(),
        assessment_id=head.assessment_id,
        section=head.section,
        item=item,
        number=head.number,
        answer=given.answer,
        words=given.words,
        source=given.source,
        not_obtained=given.not_obtained,
        author_id=actor.user_id,
        agency_id=actor.agency_id,
        saved_at=head.saved_at,
    )
