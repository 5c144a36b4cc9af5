"""What only some may say: how police know a person, and how reliable it is."""

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.concerns.blueprint import blueprint
from portal.blueprints.concerns.looking import find
from portal.blueprints.concerns.steps import take
from portal.policy import current_policy
from portal.records.concerns.forms.steps import GradeForm, PoliceStatusForm
from portal.records.concerns.police import grade_concern, set_police_status
from portal.records.concerns.records import concern_facts
from portal.records.concerns.vocabulary import ConcernKind


@blueprint.route("/<reference>/police-status", methods=["GET", "POST"])
@allow("concern:police_status", shows="list")
def police_status(reference: str) -> ResponseReturnValue:
    """How police know a person."""
    concern, form = find(reference), PoliceStatusForm()
    require(current(), "concern:police_status", concern_facts(current(), concern))
    if concern.kind != ConcernKind.PERSON:
        abort(404)
    form.offer_words(current_policy())
    if not form.is_submitted():
        form.status.data = concern.police_status
    return take(
        concern,
        form,
        title="How police know this person",
        button="Save",
        done="Saved. Everybody who sees this person sees it",
        step=lambda: set_police_status(
            actor=current(),
            concern=concern,
            status=form.said("status"),
            reason=form.said("words"),
            version=form.seen_version,
        ),
    )


@blueprint.route("/<reference>/grade", methods=["GET", "POST"])
@allow("concern:grade", shows="list")
def grade(reference: str) -> ResponseReturnValue:
    """How reliable what is recorded is."""
    concern, form = find(reference), GradeForm()
    require(current(), "concern:grade", concern_facts(current(), concern))
    form.offer_words(current_policy())
    if not form.is_submitted():
        form.source_grade.data = concern.source_grade
        form.information_grade.data = concern.information_grade
        form.handling_code.data = concern.handling_code
    return take(
        concern,
        form,
        title="Grade it",
        button="Save the grading",
        done="Graded",
        step=lambda: grade_concern(
            actor=current(),
            concern=concern,
            source_grade=form.said("source_grade"),
            information_grade=form.said("information_grade"),
            handling_code=form.said("handling_code"),
            reason=form.said("words"),
            version=form.seen_version,
        ),
    )
