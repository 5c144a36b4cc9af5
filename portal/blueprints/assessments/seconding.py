"""The second person who agrees to a lower level, and the manager who signs off."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.assessments.blueprint import blueprint
from portal.blueprints.assessments.looking import Found, find
from portal.records.assessments.concluding import agree, give_back, second_facts, sign_off
from portal.records.assessments.forms import SecondForm, SignOffForm
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/assessments/<reference>/second", methods=["GET", "POST"])
@allow("assessment:agree", shows="case")
def second(reference: str) -> ResponseReturnValue:
    """Agree to a lower level, or give the assessment back with a reason."""
    found = find(reference)
    require(current(), "assessment:agree", second_facts(current(), found.record))
    form = SecondForm(data={"version": str(found.assessment.version)})
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                _answer(found, form)
        except DomainError as refused:
            problem = refused
        else:
            flash("Answered")
            return see_other(url_for("assessments.show", reference=found.assessment.reference))
    return render("assessments/second.html", **found.page(), form=form, problem=problem)


def _answer(found: Found, form: SecondForm) -> None:
    actor, case, assessment, seen = current(), found.record, found.assessment, form.seen_version
    if form.answer.data == "yes":
        agree(actor=actor, case=case, assessment=assessment, version=seen)
    else:
        reason = form.said("reason")
        give_back(actor=actor, case=case, assessment=assessment, reason=reason, version=seen)


@blueprint.route("/assessments/<reference>/sign-off", methods=["GET", "POST"])
@allow("assessment:sign_off", shows="case")
def sign(reference: str) -> ResponseReturnValue:
    """Sign a finalised assessment off."""
    found = find(reference)
    require(current(), "assessment:sign_off", found.facts())
    form = SignOffForm()
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                sign_off(
                    actor=current(),
                    case=found.record,
                    assessment=found.assessment,
                    note=form.said("note"),
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("Signed off")
            return see_other(url_for("assessments.show", reference=found.assessment.reference))
    return render("assessments/sign_off.html", **found.page(), form=form, problem=problem)
