"""The second person who agrees to a lower level, and the manager who signs off."""

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.assessments.blueprint import blueprint
from portal.blueprints.assessments.looking import Found, find
from portal.records.assessments.concluding import agree, give_back, second_facts, sign_off
from portal.records.assessments.forms import SecondForm, SignOffForm
from portal.web.filters import day
from portal.web.steps import Words, take


@blueprint.route("/assessments/<reference>/second", methods=["GET", "POST"])
@allow("assessment:agree", shows="case")
def second(reference: str) -> ResponseReturnValue:
    """Agree to a lower level, or give the assessment back with a reason."""
    found = find(reference)
    require(current(), "assessment:agree", second_facts(current(), found.record))
    form = SecondForm(data=found.seen)
    return take(
        form,
        lambda: _answer(found, form),
        says=Words(
            heading="Agree to a lower level",
            title="A lower level waits for you",
            above="assessments/_falls.html",
            button="Answer",
        ),
        page=found.step,
        to=found.address,
        done="Answered",
    )


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
    return take(
        form,
        lambda: sign_off(
            actor=current(), case=found.record, assessment=found.assessment, note=form.said("note")
        ),
        says=Words(
            heading="Sign off the assessment",
            lead=[
                f"It was finalised on {day(found.assessment.finalised_at)}, and what it asks for has been "
                "due since then. Signing off moves no date."
            ],
            button="Sign off",
        ),
        page=found.step,
        to=found.address,
        done="Signed off",
    )
