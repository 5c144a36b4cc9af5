"""A risk assessment under way: begun, answered by several agencies, each by name, or not completed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, Versions, check_state, require_text
from portal.changes.versions import count_change, insert_now, lock, lock_row, take_turns
from portal.extensions import db
from portal.messages.telling import About, tell
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.pathway.states import OPEN_ASSESSMENT_STATES, OPEN_CASE_STATES, check_transition
from portal.policy import current_policy
from portal.records.assessments.facts import WRITING, still_written
from portal.records.assessments.model import AssessmentAnswer, AssessmentSection, RiskAssessment
from portal.records.assessments.policy import Assessment
from portal.records.assessments.rules import NOTHING, Given
from portal.records.assessments.vocabulary import ABANDONED, BEGUN, AssessmentKind, AssessmentState
from portal.records.cases.grants import chairs_open_meeting
from portal.records.cases.model import Case
from portal.vocabulary import CaseState


def start_assessment(*, actor: Principal, case: Case, kind: AssessmentKind, trigger: str) -> RiskAssessment:
    """Begin an assessment of a case, on the tool that holds today. One that is being written is given back.

    Args:
        trigger: a code of policy `assessment.triggers`.

    Raises:
        Forbidden: the actor neither works for the agency that leads nor coordinates.
        DomainError: the case is closed, or the policy knows no such trigger.
    """
    require(actor, "assessment:start", lead_facts(actor, case))
    if case.state not in OPEN_CASE_STATES:
        raise DomainError("This case is closed. Reopen it first")
    policy = current_policy(case.authority)
    if trigger not in policy.of(Assessment).triggers:
        raise DomainError("Choose why the assessment is made", field="trigger")
    lock_row(case)  # of two who begin at once, the second is given what the first began
    being_written = written_now(case)
    if being_written is not None:
        return being_written
    assessment = RiskAssessment(
        reference=new_reference(Prefix.ASSESSMENT),
        case_id=case.id,
        kind=kind,
        trigger=trigger,
        state=AssessmentState.DRAFT,
        assessor_id=actor.user_id,
        agency_id=actor.agency_id,
        started_at=clock.now(),
        previous_id=_last_finalised(case),
        policy_version=policy.version,
    )
    insert_now(assessment)
    if case.state == CaseState.AWAITING_ASSESSMENT:
        move_case(case, CaseState.IN_ASSESSMENT)
    audit.record("assessment:start", assessment, case=case)
    tell(actor=actor, event=BEGUN, about=about_assessment(assessment))
    return assessment


def abandon_assessment(
    *, actor: Principal, case: Case, assessment: RiskAssessment, reason: str, version: int
) -> None:
    """End an assessment that will not be completed. What was written in it stays to be read.

    Raises:
        Forbidden: the actor neither works for the agency that leads nor coordinates.
        Conflict: somebody changed it meanwhile.
        DomainError: no reason was given, or it is not being written.
    """
    require(actor, "assessment:abandon", lead_facts(actor, case))
    lock_with_case(case, assessment, version, mine={"State": "Not completed"})
    reason = require_text(reason, "Say why it is not completed", field="reason")
    move_assessment(assessment, AssessmentState.ABANDONED)
    assessment.abandoned_reason = reason
    count_change(assessment)
    if case.state == CaseState.IN_ASSESSMENT and assessment.previous_id is None:
        move_case(case, CaseState.AWAITING_ASSESSMENT)
    audit.record("assessment:abandon", assessment, case=case)
    tell(actor=actor, event=ABANDONED, about=about_assessment(assessment))


def about_assessment(assessment: RiskAssessment) -> About:
    """An assessment as what a message is about."""
    return About("risk_assessment", assessment.id, assessment.reference, assessment.case_id)


def lock_with_case(case: Case, assessment: RiskAssessment, version: int, *, mine: Mapping[str, Any]) -> None:
    """Take the case, whose state and level follow, and then the assessment, which was seen at `version`.

    Raises:
        Conflict: somebody changed the assessment meanwhile.
    """
    take_turns(WRITING, assessment.id)  # first: an answer is written holding it, and asks for rows
    lock_row(case)
    lock(assessment, version, in_words, mine=mine)


def lead_facts(actor: Principal, case: Case, **more: bool) -> Facts:
    """What decides the verbs on an assessment: who leads the case."""
    return Facts(
        lead_professional=case.lead_professional_id == actor.user_id,
        own_agency=case.lead_agency_id == actor.agency_id,
        **more,
    )


def directing_facts(actor: Principal, case: Case, **more: bool) -> Facts:
    """The same, with whether somebody chairs an open meeting on the case."""
    return lead_facts(
        actor, case, chairs_open_meeting=chairs_open_meeting(actor=actor, case_id=case.id), **more
    )


def written_now(case: Case) -> RiskAssessment | None:
    """The one assessment of a case that is being written."""
    return db.session.scalar(
        select(RiskAssessment).where(
            RiskAssessment.case_id == case.id, RiskAssessment.state.in_(OPEN_ASSESSMENT_STATES)
        )
    )


def move_assessment(assessment: RiskAssessment, target: AssessmentState) -> None:
    """Take an assessment to another state.

    Raises:
        DomainError: it does not go there from where it stands.
    """
    check_state(AssessmentState(assessment.state), target, of="assessment")
    assessment.state = target


def move_case(case: Case, target: CaseState) -> None:
    """Take a case to another state, as :mod:`portal.pathway.states` lists."""
    if case.state != target:
        check_transition(CaseState(case.state), target)
        case.state = target
        db.session.flush()


def in_words(assessment: RiskAssessment) -> dict[str, str]:
    """Where an assessment stands, for somebody who meets another's change."""
    return {"State": AssessmentState(assessment.state).label}


def _last_finalised(case: Case) -> UUID | None:
    return db.session.scalar(
        select(RiskAssessment.id)
        .where(RiskAssessment.case_id == case.id, RiskAssessment.finalised_at.is_not(None))
        .order_by(RiskAssessment.finalised_at.desc())
        .limit(1)
    )


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
    wanted = select(AssessmentSection).filter_by(assessment_id=assessment.id, section=section)
    return db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one()


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
