"""The conclusion: the level and why, then the rest, and the second person who agrees."""

from functools import partial
from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import Principal, current
from portal.blueprints.assessments import AssessmentFound, blueprint, find_assessment, on_assessment
from portal.changes.errors import DomainError
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.assessments import concluding, forms
from portal.records.assessments import reading as assessments
from portal.records.assessments.lifecycle import directing_facts
from portal.records.assessments.model import RiskAssessment
from portal.records.assessments.presenter import conclusion, led_to, may_be_higher, not_answered
from portal.records.assessments.vocabulary import AssessmentState
from portal.records.cases.model import Case
from portal.vocabulary import Answer, RiskLevel
from portal.web.page import render, see_other
from portal.web.steps import Words, carry_out


@blueprint.get("/assessments/<reference>/conclude")
@allow("assessment:conclude", shows="case")
def choose_level(reference: str) -> ResponseReturnValue:
    """The assessor chooses before anything is suggested."""
    found = _may_conclude(reference)
    if found.screening:
        return see_other(url_for("assessments.end_short", reference=found.assessment.reference))
    before = found.assessment
    data = {"version": str(before.version), "level": before.level, "reason": before.level_reason}
    form = forms.LevelForm(data=data)
    form.offer_levels(current_policy(found.record.authority))
    return _level_page(found, form)


@blueprint.post("/assessments/<reference>/conclude")
@allow("assessment:conclude", shows="case")
def give_conclusion(reference: str) -> ResponseReturnValue:
    """Show what the answers suggest beside the level that was chosen; then conclude."""
    found = _may_conclude(reference)
    policy = current_policy(found.record.authority)
    first = forms.LevelForm()
    first.offer_levels(policy)
    if not first.validate_on_submit():
        return _level_page(found, first)
    form = forms.ConclusionForm(data=_before(found) if "finalise" not in request.form else None)
    form.offer_levels(policy)
    form.offer_types(policy)
    if "finalise" not in request.form:
        return _conclusion_page(found, form)
    step = carry_out(
        form,
        lambda: concluding.conclude(
            actor=current(),
            case=found.record,
            assessment=found.assessment,
            conclusion=_conclusion(form),
            version=form.seen_version,
        ),
    )
    if step.done:
        return see_other(found.address, done=_done(found))
    return _conclusion_page(found, form, step.problem)


@blueprint.route("/assessments/<reference>/end-screening", methods=["GET", "POST"])
@allow("assessment:conclude", shows="case")
def end_short(reference: str) -> ResponseReturnValue:
    """What a screening comes to."""
    found = _may_conclude(reference)
    form = forms.ScreeningEndForm(data=found.seen)
    begin = url_for("assessments.start", reference=found.record.reference)
    return on_assessment.take(
        found,
        form,
        lambda **given: concluding.end_screening(
            needs_full=form.finds_more, reason=form.said("reason"), **given
        ),
        Words(heading="End the screening", button="Finalise the screening"),
        to=lambda _: begin if form.finds_more else found.address,
        done="The screening is finalised",
    )


def _may_conclude(reference: str) -> AssessmentFound:
    found = find_assessment(reference)
    require(current(), "assessment:conclude", found.facts())
    return found


def _before(found: AssessmentFound) -> dict[str, Any]:
    """What was concluded before a second person gave the assessment back, and what the case says."""
    kept = found.assessment
    return {
        "difference_reason": kept.difference_reason,
        "types": kept.types or found.record.types,
        "s47": kept.s47_considered,
        "s47_reason": kept.s47_reason,
        "nrm": kept.nrm_considered,
        "nrm_reason": kept.nrm_reason,
        "safety_steps": kept.safety_steps,
    }


def _conclusion(form: forms.ConclusionForm) -> concluding.Conclusion:
    return concluding.Conclusion(
        level=RiskLevel(form.level.data),
        reason=form.said("reason"),
        difference_reason=form.said("difference_reason"),
        types=tuple(form.types.data or ()),
        s47=Answer(form.s47.data),
        s47_reason=form.said("s47_reason"),
        nrm=Answer(form.nrm.data),
        nrm_reason=form.said("nrm_reason"),
        safety_steps=form.said("safety_steps"),
    )


def _level_page(found: AssessmentFound, form: forms.LevelForm) -> Response:
    missing = concluding.missing_from(case=found.record, assessment=found.assessment)
    page = found.page()
    return render("assessments/level.html", **page, form=form, missing=missing)


def _conclusion_page(
    found: AssessmentFound, form: forms.ConclusionForm, problem: DomainError | None = None
) -> Response:
    suggested = concluding.suggestion_for(case=found.record, assessment=found.assessment)
    level = RiskLevel(form.level.data)
    return render(
        "assessments/conclude.html",
        **found.page(),
        form=form,
        problem=problem,
        chosen=level,
        suggested=suggested,
        led_to=led_to(
            found.tool,
            [sign.code for sign in suggested.signs],
            assessments.answers(assessment_id=found.assessment.id),
        ),
        not_answered=not_answered(suggested.unanswered),
        may_be_higher=may_be_higher(suggested.unanswered) if suggested.rule else "",
        differs=suggested.level is not None and level is not suggested.level,
    )


def _done(found: AssessmentFound) -> str:
    if found.assessment.state == AssessmentState.WAITING:
        return "Concluded. The level is lower than before, so a second person has to agree"
    return "Finalised. What the level asks for is due from now"


@blueprint.route("/assessments/<reference>/second", methods=["GET", "POST"])
@allow("assessment:agree", shows="case")
def second(reference: str) -> ResponseReturnValue:
    """Agree to a lower level, or give the assessment back with a reason."""
    found = find_assessment(reference)
    require(current(), "assessment:agree", directing_facts(current(), found.record))
    form = forms.SecondForm(data=found.seen)
    return on_assessment.take(
        found,
        form,
        partial(_answer, form=form),
        Words(
            heading="Agree to a lower level",
            title="A lower level waits for you",
            above="assessments/_falls.html",
            button="Answer",
        ),
        done="You answered whether the level may be lower",
    )


def _answer(
    *, actor: Principal, case: Case, assessment: RiskAssessment, version: int, form: forms.SecondForm
) -> None:
    if form.answer.data == "yes":
        concluding.agree(actor=actor, case=case, assessment=assessment, version=version)
    else:
        reason = form.said("reason")
        concluding.give_back(actor=actor, case=case, assessment=assessment, reason=reason, version=version)


@blueprint.route("/assessments/<reference>/sign-off", methods=["GET", "POST"])
@allow("assessment:sign_off", shows="case")
def sign(reference: str) -> ResponseReturnValue:
    """Sign a finalised assessment off."""
    found = find_assessment(reference)
    require(current(), "assessment:sign_off", found.facts())
    form = forms.SignOffForm(data=found.seen)
    return on_assessment.take(
        found,
        form,
        partial(_sign, form=form),
        Words(heading="Sign off the assessment", above="assessments/_to_sign.html", button="Save"),
        page=lambda: _to_sign(found),
        done=lambda _: "Signed off" if form.answer.data == "yes" else _refused(found.record),
    )


def _refused(case: Case) -> str:
    is_open = case.state in OPEN_CASE_STATES
    what = (
        ", and the case has to be assessed again" if is_open else ". The case is closed: it can be reopened"
    )
    return f"You did not sign it off. The level stands until it is decided again{what}"


def _sign(
    *, actor: Principal, case: Case, assessment: RiskAssessment, version: int, form: forms.SignOffForm
) -> None:
    of: dict[str, Any] = {"actor": actor, "case": case, "assessment": assessment, "version": version}
    if form.answer.data == "yes":
        concluding.sign_off(**of, note=form.said("note"))
    else:
        concluding.refuse_sign_off(**of, reason=form.said("reason"))


def _to_sign(found: AssessmentFound) -> dict[str, Any]:
    page = found.step()
    answers = assessments.answers(assessment_id=found.assessment.id)
    return page | conclusion(found.assessment, found.tool, answers, case=page["case"])
