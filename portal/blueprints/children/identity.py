"""Correcting who a child is and what is recorded, proposing it, and deciding what others propose."""

from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow
from portal.blueprints.children import blueprint
from portal.blueprints.children.finding import with_record
from portal.pathway.characters import whole_number
from portal.policy import current_policy
from portal.records.children import presenter as child_page
from portal.records.children import reading as children
from portal.records.children.forms import IdentityForm, ReasonForm, RecordForm
from portal.records.children.model import Child, ChildRecord
from portal.records.children.recording import (
    Identity,
    check_may_correct,
    correct_identity,
    decide_proposal,
    may_correct,
    propose_identity,
)
from portal.records.children.records import change_record
from portal.services.errors import Conflict, DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/<reference>/identity", methods=["GET", "POST"])
@allow("child:state", shows="child")
def edit_identity(reference: str) -> ResponseReturnValue:
    """Correct who the child is, or propose it to whoever may."""
    child, _ = with_record(reference)
    corrects = may_correct(actor=principal.current(), child_id=child.id)
    form = IdentityForm(obj=child)
    problem: DomainError | None = None
    if form.validate_on_submit():
        change = correct_identity if corrects else propose_identity
        try:
            with attempt():
                change(
                    actor=principal.current(),
                    child=child,
                    version=_version(),
                    identity=Identity(**form.values()),
                    reason=form.reason.data or "",
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("Corrected" if corrects else "Proposed. The lead professional or the hub decides.")
            return see_other(url_for("children.show", reference=child.reference))
    _looked(child)
    return render(
        "children/edit_identity.html",
        form=form,
        problem=_in_words(problem, child_page.IDENTITY_LABELS),
        child=child,
        corrects=corrects,
        marking=True,
        version=_version_to_send(problem, child),
    )


@blueprint.route("/<reference>/record", methods=["GET", "POST"])
@allow("child:state", shows="child")
def edit_record(reference: str) -> ResponseReturnValue:
    """Change what the network knows of the child; what it said before is kept."""
    child, record = with_record(reference)
    form = RecordForm(data=RecordForm.stored(record)).offer(current_policy())
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            with attempt():
                change_record(
                    actor=principal.current(),
                    record=record,
                    version=_version(),
                    facts=form.facts(),
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("Saved. What was recorded before is kept at the foot of the page.")
            return see_other(url_for("children.show", reference=child.reference))
    _looked(child)
    return render(
        "children/edit_record.html",
        form=form,
        problem=_in_words(problem, child_page.RECORD_LABELS),
        child=child,
        marking=True,
        version=_version_to_send(problem, record),
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
            return see_other(url_for("children.show", reference=child.reference))
    _looked(child)
    return render(
        "children/decide.html",
        form=form,
        problem=problem,
        child=child,
        correction=correction,
        changes=list(child_page.changes(correction, current_policy())),
        marking=True,
    )


def _looked(child: Child) -> None:
    audit.record("child:view", subject_kind="child", subject_id=child.id, child_id=child.id, ground="full")


def _version() -> int:
    """The version that the page was opened with; one that makes no sense is no version."""
    return whole_number(request.form.get("version"))


def _in_words(problem: DomainError | None, labels: dict[str, str]) -> DomainError | None:
    """Both versions in words, when two people changed the same thing; every other refusal as it is."""
    if not isinstance(problem, Conflict):
        return problem
    policy = current_policy()
    return problem.reworded(lambda side: child_page.version(side, labels, policy))


def _version_to_send(problem: DomainError | None, row: Child | ChildRecord) -> int:
    """After a clash the second person has seen the first one's version: saving again is then meant."""
    return row.version if isinstance(problem, Conflict) else _version() or row.version
