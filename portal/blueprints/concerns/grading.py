"""What only some may say: how police know a person, and how reliable it is."""

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.concerns.blueprint import blueprint
from portal.blueprints.concerns.looking import ABOUT, address, found_to, step_on
from portal.policy import current_policy
from portal.records.concerns.forms.steps import GradeForm, PoliceStatusForm
from portal.records.concerns.holding import grade_concern, set_police_status
from portal.records.concerns.vocabulary import ConcernKind
from portal.web.steps import Words, take


@blueprint.route("/<reference>/police-status", methods=["GET", "POST"])
@allow("concern:police_status", shows="list")
def police_status(reference: str) -> ResponseReturnValue:
    """How police know a person."""
    concern = found_to("concern:police_status", reference)
    if concern.kind != ConcernKind.PERSON:
        abort(404)
    form = PoliceStatusForm(data={"status": concern.police_status, "version": str(concern.version)})
    form.offer_words(current_policy())
    return take(
        form,
        lambda: set_police_status(
            actor=current(),
            concern=concern,
            status=form.said("status"),
            reason=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(heading="How police know this person", above=ABOUT, button="Save"),
        page=lambda: step_on(concern),
        to=address(concern),
        done="Saved. Everybody who sees this person sees it",
    )


@blueprint.route("/<reference>/grade", methods=["GET", "POST"])
@allow("concern:grade", shows="list")
def grade(reference: str) -> ResponseReturnValue:
    """How reliable what is recorded is."""
    concern = found_to("concern:grade", reference)
    values = {name: getattr(concern, name) for name in ("source_grade", "information_grade", "handling_code")}
    form = GradeForm(data=values | {"version": str(concern.version)})
    form.offer_words(current_policy())
    return take(
        form,
        lambda: grade_concern(
            actor=current(),
            concern=concern,
            source_grade=form.said("source_grade"),
            information_grade=form.said("information_grade"),
            handling_code=form.said("handling_code"),
            reason=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(heading="Grade it", above=ABOUT, button="Save the grading"),
        page=lambda: step_on(concern),
        to=address(concern),
        done="Graded",
    )
