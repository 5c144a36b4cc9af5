"""Correcting who a child is and what is recorded, proposing it, and deciding what others propose."""

from collections.abc import Callable
from uuid import UUID

from flask import abort, flash, request
from flask.typing import ResponseReturnValue

from portal.access import principal
from portal.access.guard import allow
from portal.blueprints.children import blueprint
from portal.blueprints.children.finding import page_of, step_on, with_record
from portal.policy import current_policy
from portal.records.children import presenter as child_page
from portal.records.children import reading as children
from portal.records.children.forms import IdentityForm, ReasonForm, RecordForm
from portal.records.children.recording import (
    Identity,
    check_may_correct,
    correct_identity,
    decide_proposal,
    may_correct,
    propose_identity,
)
from portal.records.children.records import change_record
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.steps import Side, Words, take
from portal.web.transaction import attempt

_CORRECT = Words(heading="Correct who the child is", button="Correct")
_PROPOSE = Words(
    heading="Propose a correction",
    title="Propose a correction of who the child is",
    lead=["The child’s lead professional or the hub decides on it. Until then the record stays as it is."],
    button="Propose",
)


@blueprint.route("/<reference>/identity", methods=["GET", "POST"])
@allow("child:state", shows="child")
def edit_identity(reference: str) -> ResponseReturnValue:
    """Correct who the child is, or propose it to whoever may."""
    child, _ = with_record(reference)
    corrects = may_correct(actor=principal.current(), child_id=child.id)
    change = correct_identity if corrects else propose_identity
    form = IdentityForm(obj=child)
    return take(
        form,
        lambda: change(
            actor=principal.current(),
            child=child,
            version=form.seen_version,
            identity=Identity(**form.values()),
            reason=form.said("reason"),
        ),
        worded=_worded(child_page.IDENTITY_LABELS),
        says=_CORRECT if corrects else _PROPOSE,
        page=lambda: step_on(child) | {"caption": f"Child {child.reference}"},
        to=page_of(child),
        done="Corrected" if corrects else "Proposed. The lead professional or the hub decides.",
    )


@blueprint.route("/<reference>/record", methods=["GET", "POST"])
@allow("child:state", shows="child")
def edit_record(reference: str) -> ResponseReturnValue:
    """Change what the network knows of the child; what it said before is kept."""
    child, record = with_record(reference)
    form = RecordForm.of(current_policy(), record)
    return take(
        form,
        lambda: change_record(
            actor=principal.current(), record=record, version=form.seen_version, facts=form.facts()
        ),
        worded=_worded(child_page.RECORD_LABELS),
        says=Words(heading="Change what is recorded about the child", button="Save"),
        page=lambda: step_on(child),
        to=page_of(child),
        done="Saved. What was recorded before is kept at the foot of the page.",
    )


@blueprint.route("/<reference>/corrections/<uuid:correction_id>", methods=["GET", "POST"])
@allow("child:correct", shows="child")
def decide(reference: str, correction_id: UUID) -> ResponseReturnValue:
    """Take over a proposed correction, or say why the record stays as it is."""
    child, _ = with_record(reference)
    check_may_correct(actor=principal.current(), child_id=child.id)
    correction = children.find_correction(child_id=child.id, correction_id=correction_id) or abort(404)
    form = ReasonForm()
    problem: DomainError | None = None
    if request.method == "POST":
        accepted = request.form.get("decision") == "accept"
        try:
            with attempt():
                decide_proposal(
                    actor=principal.current(),
                    child=child,
                    correction=correction,
                    accepted=accepted,
                    reason=form.reason.data or "",
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("Corrected" if accepted else "The record stays as it is")
            return see_other(page_of(child))
    return render(
        "children/decide.html",
        **step_on(child),
        form=form,
        problem=problem,
        correction=correction,
        changes=list(child_page.changes(correction, current_policy())),
    )


def _worded(labels: dict[str, str]) -> Callable[[Side], Side]:
    """How a side of a conflict is said in words."""
    return lambda side: child_page.version(side, labels, current_policy())
