"""Writing in a section, saved as it is typed; where two people meet in one answer, both are shown."""

from typing import Any

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.assessments.blueprint import blueprint
from portal.blueprints.assessments.looking import Found, find
from portal.records.assessments import reading as assessments
from portal.records.assessments.forms import SectionForm, filled, section_form
from portal.records.assessments.lifecycle import save_section
from portal.records.assessments.presenter import answered, clashes, following, sign_groups
from portal.records.assessments.vocabulary import AssessmentState
from portal.records.entries.presenter.citation import cited_in
from portal.records.entries.vocabulary import CitationHolder
from portal.services.errors import Conflict, DomainError
from portal.web.page import render, see_other
from portal.web.steps import carry_out
from portal.web.transaction import attempt


@blueprint.get("/assessments/<reference>/sections/<section>")
@allow("assessment:answer", shows="case")
def write(reference: str, section: str) -> ResponseReturnValue:
    """A section as it stands, to write in while the assessment is being written."""
    found = find(reference)
    if found.assessment.state != AssessmentState.DRAFT:
        return see_other(url_for("assessments.show", reference=found.assessment.reference, _anchor=section))
    form = _form(found, section)
    return _page(found, section, form)


@blueprint.post("/assessments/<reference>/sections/<section>")
@allow("assessment:answer", shows="case")
def keep(reference: str, section: str) -> ResponseReturnValue:
    """Save what was typed and go on to the next section, or back to the whole."""
    found = find(reference)
    form = _form(found, section)
    step = carry_out(form, lambda: _save(found, section, form))
    if not step.done:
        return _page(found, section, form, problem=step.problem)
    if "cite" in request.form:
        return see_other(url_for("assessments.choose_entry", reference=reference, section=section))
    after = following(found.tool, section, screening=found.screening)
    if "next" in request.form and after:
        return see_other(url_for("assessments.write", reference=reference, section=after))
    flash("Saved")
    return see_other(url_for("assessments.show", reference=found.assessment.reference))


@blueprint.post("/assessments/<reference>/sections/<section>/save")
@allow("assessment:answer", background=True)
def save(reference: str, section: str) -> ResponseReturnValue:
    """Save what is being typed. Where somebody else answered the same meanwhile, both are shown."""
    found = find(reference)
    form = _form(found, section)
    try:
        with attempt():
            number = _save(found, section, form)
    except Conflict as clash:
        both = {
            "differences": clashes(form, clash.versions),
            "number": _number(found, section),
            "reference": found.assessment.reference,
            "section": section,
        }
        return make_response(render_template("assessments/clash.html", **both), 409)
    return Response(status=204, headers={"X-Version": str(number)})


def _form(found: Found, section: str) -> SectionForm:
    if section not in {one.code for one in found.tool.sections_of(screening=found.screening)}:
        abort(404)
    shape = section_form(found.tool, section, screening=found.screening)
    form = shape(data=filled({}, 0))
    if not form.is_submitted():
        answers = assessments.answers(assessment_id=found.assessment.id, section=section)
        form = shape(data=filled(answers, _number(found, section)))
    return form


def _save(found: Found, section: str, form: SectionForm) -> int:
    return save_section(
        actor=current(),
        assessment=found.assessment,
        section=section,
        answers=form.given(),
        seen=form.seen_version,
    )


def _number(found: Found, section: str) -> int:
    row = assessments.sections(assessment_id=found.assessment.id).get(section)
    return row.number if row else 0


def _last_time(found: Found, section: str) -> Any:
    """What was answered in this section of the assessment before."""
    if found.assessment.previous_id is None:
        return {}
    return answered(assessments.answers(assessment_id=found.assessment.previous_id, section=section))


def _page(found: Found, section: str, form: SectionForm, *, problem: DomainError | None = None) -> Response:
    """The section. After a clash a second saving is one that has seen what the other wrote."""
    differences: Any = ()
    if isinstance(problem, Conflict):
        differences = clashes(form, problem.versions)
        form.version.data = str(_number(found, section))
    page = found.page()
    cited = cited_in(
        kind=CitationHolder.ASSESSMENT,
        ids=[found.assessment.id],
        case=page["case"],
        withdraw=lambda one: url_for(
            "assessments.withdraw_citation", reference=found.assessment.reference, citation_id=one
        ),
    )
    return render(
        "assessments/section.html",
        **page,
        cited=cited.get((found.assessment.id, section), ()),
        form=form,
        problem=problem,
        differences=differences,
        section=found.tool.sections[section],
        written=assessments.answers(assessment_id=found.assessment.id, section=section),
        last_time=_last_time(found, section),
        sign_groups=sign_groups(found.tool, form.signs),
        after=following(found.tool, section, screening=found.screening),
    )
