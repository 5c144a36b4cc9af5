"""Beginning an assessment, and ending one that is not completed."""

from flask import request, url_for
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
from portal.records.assessments.policy import Assessment
from portal.records.assessments.vocabulary import AssessmentKind
from portal.records.cases.forms import ReasonForm
from portal.web.steps import Words, take


@blueprint.route("/cases/<reference>/assess", methods=["GET", "POST"])
@allow("assessment:start", shows="case")
def start(reference: str) -> ResponseReturnValue:
    """Say how far it goes and why it is made; one that is being written is gone on with."""
    record = record_of(reference)
    require(current(), "assessment:start", lead_facts(current(), record))
    form = StartForm.of(current_policy(record.authority).of(Assessment))
    if not form.is_submitted():
        form.trigger.data = request.args.get("trigger")  # what led here, such as a critical moment
    return take(
        form,
        lambda: start_assessment(
            actor=current(),
            case=record,
            kind=AssessmentKind(form.kind.data),
            trigger=form.said("trigger"),
        ),
        template="assessments/start.html",
        page=lambda: around(look(reference)) | {"written": written_now(record)},
        to=lambda begun: url_for("assessments.show", reference=begun.reference),
    )


@blueprint.route("/assessments/<reference>/not-completed", methods=["GET", "POST"])
@allow("assessment:abandon", shows="case")
def abandon(reference: str) -> ResponseReturnValue:
    """End an assessment that will not be completed, with a reason."""
    found = find(reference)
    require(current(), "assessment:abandon", found.facts())
    form = ReasonForm(data=found.seen)
    return take(
        form,
        lambda: abandon_assessment(
            actor=current(),
            case=found.record,
            assessment=found.assessment,
            reason=form.said("reason"),
            version=form.seen_version,
        ),
        says=Words(
            heading="End an assessment that is not completed",
            lead=["What was written stays to be read. The case still has to be assessed by the same date."],
            button="End it",
        ),
        page=found.step,
        to=url_for("cases.show", reference=found.record.reference),
        done="The assessment is ended. What was written stays to be read",
    )
