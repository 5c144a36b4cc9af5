"""The conclusion of an assessment: the level first, then the reasons; a lower level takes a second person."""

from dataclasses import dataclass

from portal import clock, registry
from portal.access import audit
from portal.access.permissions import Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import count_change, lock
from portal.deadlines.changes import finish_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import tell
from portal.pathway.calendar import age_on
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy, policy_of
from portal.records.assessments import levels, lifecycle, second_person
from portal.records.assessments.model import RiskAssessment
from portal.records.assessments.policy import Assessment, Question, Sign
from portal.records.assessments.rules import NOTHING, Given, Suggestion, lacks_words, lowers, suggest
from portal.records.assessments.vocabulary import (
    SCREENED,
    SIGNED_OFF,
    AssessmentKind,
    AssessmentState,
    SignAnswer,
)
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.entries.citations import check_no_restricted_quotes
from portal.vocabulary import Answer, RiskLevel, Use


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """What the assessor concludes.

    Args:
        difference_reason: why the level differs from the suggested one, where it does.
        s47, nrm: whether a Section 47 enquiry and a National Referral were considered, and why so.
    """

    level: RiskLevel
    reason: str
    difference_reason: str = ""
    types: tuple[str, ...] = ()
    s47: Answer
    s47_reason: str
    nrm: Answer
    nrm_reason: str
    safety_steps: str = ""


def suggestion_for(*, case: Case, assessment: RiskAssessment) -> Suggestion:
    """What the answers of an assessment suggest, by the tool that holds for it."""
    child = db.session.get_one(Child, case.child_id)
    age = age_on(child.dob, clock.today()) if child.dob else None
    signs = {
        item: SignAnswer(given.answer)
        for item, given in answers_of(assessment).items()
        if given.answer in set(SignAnswer) and not item.startswith("context_")
    }
    return suggest(tool_of(case, assessment), signs, age)


def missing_from(*, case: Case, assessment: RiskAssessment) -> tuple[str, ...]:
    """What has to be said before the assessment can be concluded: every required question is answered, or why
    not; and of every sign of harm within three months, what was seen.
    """
    tool = tool_of(case, assessment)
    screening = assessment.kind == AssessmentKind.SCREENING
    given = answers_of(assessment)
    asked: list[Question | Sign] = []
    for section in tool.sections_of(screening=screening):
        asked += tool.questions_of(section.code, screening=screening)
        asked += tool.signs_of(section.code, screening=screening)
    return tuple(
        f"What was seen of “{one.label}”" if isinstance(one, Sign) else one.label
        for one in asked
        if lacks_words(one, given.get(one.code, NOTHING))
    )


def conclude(
    *, actor: Principal, case: Case, assessment: RiskAssessment, conclusion: Conclusion, version: int
) -> None:
    """Conclude a full assessment: at once, or where the level falls, as soon as a second person agrees.

    Raises:
        Forbidden: the actor is neither the assessor nor the lead professional.
        Conflict: somebody changed it meanwhile.
        DomainError: something that has to be said is missing, it repeats what may not be cited, or it is no
            full assessment being written.
    """
    owns = assessment.assessor_id == actor.user_id
    require(actor, "assessment:conclude", lifecycle.lead_facts(actor, case, owner=owns))
    lifecycle.lock_with_case(case, assessment, version, mine={"Level": conclusion.level.label})
    if assessment.kind != AssessmentKind.FULL:
        raise DomainError("A screening ends by saying whether a full assessment is needed")
    _is_being_written(assessment)
    suggested = suggestion_for(case=case, assessment=assessment)
    _check(case, assessment, conclusion, suggested)
    _refuse_held(case, assessment, conclusion)
    _write(actor, case, assessment, conclusion, suggested)
    if lowers(levels.level_of(case), conclusion.level):
        lifecycle.move_assessment(assessment, AssessmentState.WAITING)
        db.session.flush()
        second_person.ask_to_agree(actor=actor, case=case, assessment=assessment)
        audit.record("assessment:conclude", assessment, case=case, level=conclusion.level)
    else:
        finalise(actor=actor, case=case, assessment=assessment)


def agree(*, actor: Principal, case: Case, assessment: RiskAssessment, version: int) -> None:
    """Agree, as the second person, to a lower level: the assessment is finalised.

    Raises:
        Forbidden: the actor wrote or concluded it, or is neither a manager of the lead agency nor chairs.
        Conflict: somebody changed it meanwhile.
    """
    _may_second(actor, case, assessment)
    lifecycle.lock_with_case(case, assessment, version, mine={"State": "Agreed"})
    assessment.second_id, assessment.second_at = actor.user_id, clock.now()
    finalise(actor=actor, case=case, assessment=assessment)
    second_person.tell_of_answer(actor=actor, assessment=assessment)


def give_back(*, actor: Principal, case: Case, assessment: RiskAssessment, reason: str, version: int) -> None:
    """Say no, as the second person, to a lower level: the assessor writes on.

    Raises:
        Forbidden, Conflict: as for `agree`.
        DomainError: no reason was given.
    """
    _may_second(actor, case, assessment)
    lifecycle.lock_with_case(case, assessment, version, mine={"State": "Given back"})
    reason = require_text(reason, "Say what has to be looked at again", field="reason")
    lifecycle.move_assessment(assessment, AssessmentState.DRAFT)
    assessment.returned_by, assessment.returned_reason = actor.user_id, reason
    count_change(assessment)
    second_person.tell_of_answer(actor=actor, assessment=assessment)
    audit.record("assessment:give_back", assessment, case=case)


def end_screening(
    *, actor: Principal, case: Case, assessment: RiskAssessment, needs_full: bool, reason: str, version: int
) -> None:
    """Finalise a screening: a full assessment is needed, whose time runs on, or no exploitation was found.

    Raises:
        Forbidden, Conflict: as for `conclude`.
        DomainError: the reason is missing, it is no screening, or the case has a level that would fall.
    """
    owns = assessment.assessor_id == actor.user_id
    require(actor, "assessment:conclude", lifecycle.lead_facts(actor, case, owner=owns))
    lifecycle.lock_with_case(case, assessment, version, mine={"State": "Finalised"})
    if assessment.kind != AssessmentKind.SCREENING:
        raise DomainError("A full assessment ends with a level")
    _is_being_written(assessment)
    reason = require_text(reason, "Say why", field="reason")
    if not needs_full and lowers(levels.level_of(case), RiskLevel.NONE):
        raise DomainError("This case has a level. Only a full assessment can lower it", field="needs_full")
    _complete(case, assessment)
    assessment.needs_full, assessment.level_reason = needs_full, reason
    if needs_full:
        _seal(case, assessment)
    else:
        assessment.level, assessment.level_before = RiskLevel.NONE, case.level
        finalise(actor=actor, case=case, assessment=assessment)
    tell(actor=actor, event=SCREENED, about=lifecycle.about_assessment(assessment))


def sign_off(*, actor: Principal, case: Case, assessment: RiskAssessment, note: str, version: int) -> None:
    """Sign a finalised assessment off as a manager. It moves nothing: the clocks run since it was finalised.

    Raises:
        Forbidden: the actor is no manager of the agency that leads, or wrote the assessment.
        Conflict: somebody signed it off meanwhile, or did not.
        DomainError: it is not finalised, or was signed off.
    """
    _may_sign_off(actor, case, assessment, version, {"State": "Signed off", "note": note})
    assessment.signed_off_by, assessment.signed_off_at = actor.user_id, clock.now()
    assessment.signed_off_note = note.strip()
    count_change(assessment)
    finish_deadlines(subject=assessment, kind=DeadlineKind.SIGN_OFF)
    audit.record("assessment:sign_off", assessment, case=case)
    tell(actor=actor, event=SIGNED_OFF, about=lifecycle.about_assessment(assessment))


def refuse_sign_off(
    *, actor: Principal, case: Case, assessment: RiskAssessment, reason: str, version: int
) -> None:
    """Say, as a manager, why one does not sign an assessment off. The level stands, because what is finalised
    stands; a case that is open is assessed again, by when a new case would be. Whoever wrote it, leads or
    works on the case is told, and the hub.

    Raises:
        Forbidden, Conflict, DomainError: as for `sign_off`; there is no reason, or it was said before.
    """
    _may_sign_off(actor, case, assessment, version, {"State": "Not signed off", "reason": reason})
    if assessment.refused_at is not None:
        raise DomainError("It was said before why this is not signed off. It is assessed again")
    reason = require_text(reason, "Say why you do not sign it off", field="reason")
    check_no_restricted_quotes(texts={"reason": reason}, case_ids=[case.id], use=Use.CITE)
    assessment.refused_by, assessment.refused_at = actor.user_id, clock.now()
    assessment.refused_reason = reason
    count_change(assessment)
    finish_deadlines(subject=assessment, kind=DeadlineKind.SIGN_OFF)
    if case.state in OPEN_CASE_STATES:
        levels.assess_sooner(actor=actor, case=case, reason=f"{assessment.reference} was not signed off")
    audit.record("assessment:refuse_sign_off", assessment, case=case)
    second_person.tell_of_refusal(actor=actor, assessment=assessment)


def _may_sign_off(
    actor: Principal, case: Case, assessment: RiskAssessment, version: int, mine: dict[str, str]
) -> None:
    require(actor, "assessment:sign_off", lifecycle.lead_facts(actor, case))
    lock(assessment, version, _signing, mine=mine)
    if assessment.assessor_id == actor.user_id:
        raise Forbidden("You wrote this assessment. Another manager signs it off.")
    if assessment.state != AssessmentState.FINALISED or assessment.signed_off_at is not None:
        raise DomainError("There is nothing to sign off here")


def _signing(assessment: RiskAssessment) -> dict[str, str]:
    """What managers said of an assessment, for another who says something too."""
    if assessment.signed_off_at is not None:
        return {"State": "Signed off", "note": assessment.signed_off_note}
    if assessment.refused_at is not None:
        return {"State": "Not signed off", "reason": assessment.refused_reason}
    return lifecycle.in_words(assessment)


def _is_being_written(assessment: RiskAssessment) -> None:
    if assessment.state != AssessmentState.DRAFT:
        raise DomainError("Somebody has just concluded this assessment")


def finalise(*, actor: Principal, case: Case, assessment: RiskAssessment) -> None:
    """Fix the record, give the case its level, and start the clocks that the level asks for."""
    level = RiskLevel(assessment.level or "")
    before = levels.level_of(case)
    levels.decide_level(
        actor=actor, case=case, level=level, reason=assessment.level_reason, assessment=assessment
    )
    if assessment.types:
        case.types = sorted({*case.types, *assessment.types})
    _seal(case, assessment)
    levels.open_what_the_level_asks_for(case=case, assessment=assessment, before=before, level=level)
    second_person.tell_if_nobody_signs_off(actor=actor, case=case, assessment=assessment)
    count_change(case)
    if before is not level:
        registry.level_assessed(actor=actor, case=case, reference=assessment.reference)


def answers_of(assessment: RiskAssessment) -> dict[str, Given]:
    """Every answer of an assessment as it stands, by item."""
    return lifecycle.latest(assessment.id)


def tool_of(case: Case, assessment: RiskAssessment) -> Assessment:
    """The tool that an assessment was begun with; today's, where its edition is not kept any more."""
    return (policy_of(assessment.policy_version) or current_policy(case.authority)).of(Assessment)


def _may_second(actor: Principal, case: Case, assessment: RiskAssessment) -> None:
    require(actor, "assessment:agree", lifecycle.directing_facts(actor, case))
    if actor.user_id in {assessment.assessor_id, assessment.concluded_by}:
        raise Forbidden("You wrote this assessment. A second person has to agree.")
    if assessment.state != AssessmentState.WAITING:
        raise DomainError("This assessment does not wait for a second person")


def _refuse_held(case: Case, assessment: RiskAssessment, said: Conclusion) -> None:
    """Go on only with an assessment that repeats nothing that may not be put into one."""
    given = answers_of(assessment).values()
    written = "\n".join(part for one in given for part in (one.words, one.source) if part)
    texts = {"": written, "reason": said.reason, "difference_reason": said.difference_reason}
    check_no_restricted_quotes(texts=texts, case_ids=[case.id], use=Use.CITE)


def _check(case: Case, assessment: RiskAssessment, said: Conclusion, suggested: Suggestion) -> None:
    _complete(case, assessment)
    require_text(said.reason, "Say why this is the level", field="reason")
    if suggested.level and said.level is not suggested.level and not said.difference_reason.strip():
        raise DomainError(
            f"The answers suggest {suggested.level.label.lower()}. Say why you see it differently",
            field="difference_reason",
        )
    require_text(said.s47_reason, "Say why", field="s47_reason")
    require_text(said.nrm_reason, "Say why", field="nrm_reason")
    unknown = set(said.types) - set(current_policy(case.authority).exploitation.types.codes)
    if unknown or (said.level is not RiskLevel.NONE and not (said.types or case.types)):
        raise DomainError("Choose at least one type of exploitation", field="types")


def _complete(case: Case, assessment: RiskAssessment) -> None:
    missing = missing_from(case=case, assessment=assessment)
    if missing:
        raise DomainError(f"Say this first, or why it could not be obtained: {missing[0]}")


def _write(
    actor: Principal, case: Case, assessment: RiskAssessment, said: Conclusion, suggested: Suggestion
) -> None:
    assessment.level, assessment.level_before = said.level, case.level
    assessment.level_reason = said.reason.strip()
    assessment.suggested_level = suggested.level
    assessment.suggested_rule = suggested.rule.code if suggested.rule else None
    assessment.suggested_signs = [sign.code for sign in suggested.signs]
    differs = suggested.level is not None and said.level is not suggested.level
    assessment.difference_reason = said.difference_reason.strip() if differs else ""
    assessment.types = sorted(said.types)
    assessment.s47_considered, assessment.s47_reason = said.s47, said.s47_reason.strip()
    assessment.nrm_considered, assessment.nrm_reason = said.nrm, said.nrm_reason.strip()
    assessment.safety_steps = said.safety_steps.strip()
    assessment.concluded_at, assessment.concluded_by = clock.now(), actor.user_id
    assessment.version += 1


def _seal(case: Case, assessment: RiskAssessment) -> None:
    """From here on the record stands as it is."""
    lifecycle.move_assessment(assessment, AssessmentState.FINALISED)
    assessment.finalised_at = clock.now()
    count_change(assessment)
    audit.record("assessment:finalise", assessment, case=case, level=assessment.level or "")
