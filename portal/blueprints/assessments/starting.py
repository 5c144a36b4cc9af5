"""Beginning an assessment, and ending one that is not completed."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.assessments.blueprint import blueprint
from portal.blueprints.assessments.looking import find
from portal.blueprints.cases.looking import around, look, record_of
from portal.policy import current_policy
from portal.records.assessments.forms import StartForm
from portal.records.assessments.lifecycle import abandon_assessment, lead_facts, start_assessment, written_now
from portal.records.assessments.vocabulary import AssessmentKind
from portal.records.cases.forms.opening import ReasonForm
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/cases/<reference>/assess", methods=["GET", "POST"])
@allow("assessment:start", shows="case")
def start(reference: str) -> ResponseReturnValue:
    """Say how far it goes and why it is made; one that is being written is gone on with."""
    record = record_of(reference)
    require(current(), "assessment:start", lead_facts(current(), record))
    form = StartForm.of(current_policy(record.authority).assessment)
    problem = None
    if form.validate_on_submit():
        kind = AssessmentKind(form.kind.data)
        try:
            with attempt():
                begun = start_assessment(
                    actor=current(), case=record, kind=kind, trigger=form.said("trigger")
                )
        except DomainError as refused:
            problem = refused
        else:
            return see_other(url_for("assessments.show", reference=begun.reference))
    elif request.method == "GET":
        form.trigger.data = request.args.get("trigger")  # what led here, such as a critical moment
    page = around(look(reference))
    return render("assessments/start.html", **page, form=form, problem=problem, written=written_now(record))


@blueprint.route("/assessments/<reference>/not-completed", methods=["GET", "POST"])
@allow("assessment:abandon", shows="case")
def abandon(reference: str) -> ResponseReturnValue:
    """End an assessment that will not be completed, with a reason."""
    found = find(reference)
    require(current(), "assessment:abandon", found.facts())
    form = ReasonForm(data={"version": str(found.assessment.version)})
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                abandon_assessment(
                    actor=current(),
                    case=found.record,
                    assessment=found.assessment,
                    reason=form.said("reason"),
                    version=form.seen_version,
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("The assessment is ended. What was written stays to be read")
            return see_other(url_for("cases.show", reference=found.record.reference))
    return render("assessments/abandon.html", **found.page(), form=form, problem=problem)
