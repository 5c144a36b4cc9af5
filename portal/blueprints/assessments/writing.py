"""An assessment under way: begun, written in section by section, citing entries, or not completed."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.assessments import AssessmentFound, blueprint, find_assessment, on_assessment
from portal.blueprints.cases import page_context, record_of, view_case
from portal.changes.errors import Conflict, DomainError, NotFound
from portal.policy import current_policy
from portal.queries.paging import MomentCursor
from portal.records.assessments import lifecycle
from portal.records.assessments import reading as assessments
from portal.records.assessments.forms import SectionForm, StartForm, filled, section_form
from portal.records.assessments.policy import Assessment
from portal.records.assessments.presenter import answered, clashes, following, sign_groups
from portal.records.assessments.vocabulary import AssessmentKind, AssessmentState
from portal.records.cases.forms import ReasonForm
from portal.records.cases.reading import records as case_records
from portal.records.entries.citations import Holder, cite, section_of, whom_to_ask, withdraw
from portal.records.entries.presenter.citation import choices, cited_in, find_choice
from portal.records.entries.reading import case_page, citations
from portal.records.entries.vocabulary import CitationHolder
from portal.web.idempotency import attempt
from portal.web.page import render, see_other
from portal.web.steps import Words, autosave, carry_out, take


@blueprint.get("/assessments/<reference>/sections/<section>")
@allow("assessment:answer", shows="case")
def write(reference: str, section: str) -> ResponseReturnValue:
    """A section as it stands, to write in while the assessment is being written."""
    found = find_assessment(reference)
    if found.assessment.state != AssessmentState.DRAFT:
        return see_other(url_for("assessments.show", reference=found.assessment.reference, _anchor=section))
    form = _form(found, section)
    return _page(found, section, form)


@blueprint.post("/assessments/<reference>/sections/<section>")
@allow("assessment:answer", shows="case")
def keep(reference: str, section: str) -> ResponseReturnValue:
    """Save what was typed and go on to the next section, or back to the whole."""
    found = find_assessment(reference)
    form = _form(found, section)
    step = carry_out(form, lambda: _save(found, section, form))
    if not step.done:
        return _page(found, section, form, problem=step.problem)
    if "cite" in request.form:
        return see_other(url_for("assessments.choose_entry", reference=reference, section=section))
    after = following(found.tool, section, screening=found.screening)
    if "next" in request.form and after:
        return see_other(url_for("assessments.write", reference=reference, section=after))
    return see_other(url_for("assessments.show", reference=found.assessment.reference), done="Saved")


@blueprint.post("/assessments/<reference>/sections/<section>/save")
@allow("assessment:answer", background=True)
def save(reference: str, section: str) -> ResponseReturnValue:
    """Save what is being typed. Where somebody else answered the same meanwhile, both are shown."""
    found = find_assessment(reference)
    form = _form(found, section)
    return autosave(
        lambda: _save(found, section, form),
        differences=lambda both: clashes(form, both),
        stands=lambda: _number(found, section),
        keep=url_for("assessments.keep", reference=found.assessment.reference, section=section),
        write=url_for("assessments.write", reference=found.assessment.reference, section=section),
        heading="Somebody else answered the same",
    )


def _form(found: AssessmentFound, section: str) -> SectionForm:
    if section not in {one.code for one in found.tool.sections_of(screening=found.screening)}:
        abort(404)
    shape = section_form(found.tool, section, screening=found.screening)
    form = shape(data=filled({}, 0))
    if not form.is_submitted():
        answers = assessments.answers(assessment_id=found.assessment.id, section=section)
        form = shape(data=filled(answers, _number(found, section)))
    return form


def _save(found: AssessmentFound, section: str, form: SectionForm) -> int:
    return lifecycle.save_section(
        actor=current(),
        assessment=found.assessment,
        section=section,
        answers=form.given(),
        seen=form.seen_version,
    )


def _number(found: AssessmentFound, section: str) -> int:
    row = assessments.sections(assessment_id=found.assessment.id).get(section)
    return row.number if row else 0


def _last_time(found: AssessmentFound, section: str) -> Any:
    """What was answered in this section of the assessment before."""
    if found.assessment.previous_id is None:
        return {}
    return answered(assessments.answers(assessment_id=found.assessment.previous_id, section=section))


def _page(
    found: AssessmentFound, section: str, form: SectionForm, *, problem: DomainError | None = None
) -> Response:
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


@blueprint.route("/cases/<reference>/assess", methods=["GET", "POST"])
@allow("assessment:start", shows="case")
def start(reference: str) -> ResponseReturnValue:
    """Say how far it goes and why it is made; one that is being written is gone on with."""
    record = record_of(reference)
    require(current(), "assessment:start", lifecycle.lead_facts(current(), record))
    form = StartForm.of(current_policy(record.authority).of(Assessment))
    form.prefill(trigger=request.args.get("trigger"))  # what led here, such as a critical moment
    return take(
        form,
        lambda: lifecycle.start_assessment(
            actor=current(),
            case=record,
            kind=AssessmentKind(form.kind.data),
            trigger=form.said("trigger"),
        ),
        template="assessments/start.html",
        page=lambda: page_context(view_case(reference)) | {"written": lifecycle.written_now(record)},
        to=lambda begun: url_for("assessments.show", reference=begun.reference),
    )


@blueprint.route("/assessments/<reference>/not-completed", methods=["GET", "POST"])
@allow("assessment:abandon", shows="case")
def abandon(reference: str) -> ResponseReturnValue:
    """End an assessment that will not be completed, with a reason."""
    found = find_assessment(reference)
    require(current(), "assessment:abandon", found.facts())
    form = ReasonForm(data=found.seen)
    return on_assessment.take(
        found,
        form,
        partial(lifecycle.abandon_assessment, reason=form.said("reason")),
        Words(
            heading="End an assessment that is not completed",
            lead=["What was written stays to be read. The case still has to be assessed by the same date."],
            button="End it",
        ),
        to=url_for("cases.show", reference=found.record.reference),
        done="The assessment is ended. What was written stays to be read",
    )


@blueprint.get("/assessments/<reference>/sections/<section>/cite")
@allow("entry:cite", shows="case")
def choose_entry(reference: str, section: str) -> ResponseReturnValue:
    """The entries of the case that the person may read, newest first."""
    found = _found(reference, section)
    if found.assessment.state != AssessmentState.DRAFT:
        return see_other(url_for("assessments.show", reference=found.assessment.reference, _anchor=section))
    page = found.page(action="entry:choose")
    before = MomentCursor.read(request.args.get("before"))
    entries = case_page.entries(case_id=page["case"].id, before=before)
    address = _address(found, section, "choose_entry")
    return render(
        "citations/choose.html",
        **page,
        **_around(found, section),
        chosen_from=choices(entries, page["case"], lambda one: _address(found, section, "cite_entry", one)),
        older=f"{address}?before={entries.next}" if entries.next else "",
        back=_address(found, section, "write"),
        back_text=found.tool.sections[section].label,
    )


@blueprint.route("/assessments/<reference>/sections/<section>/cite/<uuid:entry_id>", methods=["GET", "POST"])
@allow("entry:cite", shows="case")
def cite_entry(reference: str, section: str, entry_id: UUID) -> ResponseReturnValue:
    """Show the conditions that go with an entry, and cite it."""
    found = _found(reference, section)
    entry = case_records.find_entry(case_id=found.record.id, entry_id=entry_id) or abort(404)
    problem = None
    if request.method == "POST":
        try:
            with attempt():
                cite(actor=current(), holder=_holder(found, section), entry=entry)
        except DomainError as refused:
            problem = refused
        else:
            return see_other(_address(found, section, "write"), done="The entry was cited")
    page = found.page(action="entry:cite_page")
    shown, ruling = find_choice(case=page["case"], happened_at=entry.happened_at, entry_id=entry.id) or abort(
        404
    )
    return render(
        "citations/confirm.html",
        **page,
        **_around(found, section),
        entry=shown,
        ruling=ruling,
        ask="" if ruling.allowed else whom_to_ask(entry=entry),
        action=_address(found, section, "cite_entry", entry.id),
        back=_address(found, section, "choose_entry"),
        problem=problem,
    )


@blueprint.post("/assessments/<reference>/citations/<uuid:citation_id>/withdraw")
@allow("citation:withdraw")
def withdraw_citation(reference: str, citation_id: UUID) -> ResponseReturnValue:
    """Take a citation back; the entry stays on the case."""
    found = find_assessment(reference)
    citation = citations.find_citation(holder_id=found.assessment.id, citation_id=citation_id) or abort(404)
    try:
        with attempt():
            withdraw(actor=current(), holder=_holder(found, citation.part), citation=citation)
    except NotFound:
        abort(404)
    except DomainError as refused:
        flash(refused.message, "problem")
    else:
        flash("Taken back")
    return see_other(_address(found, citation.part, "write"))


def _found(reference: str, section: str) -> AssessmentFound:
    found = find_assessment(reference)
    if section not in {one.code for one in found.tool.sections_of(screening=found.screening)}:
        abort(404)
    return found


def _holder(found: AssessmentFound, section: str) -> Holder:
    return section_of(assessment=found.assessment, case=found.record, section=section)


def _address(found: AssessmentFound, section: str, view: str, entry_id: UUID | None = None) -> str:
    named: dict[str, Any] = {"entry_id": entry_id} if entry_id else {}
    return url_for(f"assessments.{view}", reference=found.assessment.reference, section=section, **named)


def _around(found: AssessmentFound, section: str) -> dict[str, Any]:
    return {"where": f"{found.tool.sections[section].label}, {found.assessment.reference}"}
