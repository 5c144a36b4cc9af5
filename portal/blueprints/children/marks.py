"""Statuses, numbers in other systems, and other names of a child."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from portal.access import audit, principal
from portal.access.guard import allow
from portal.blueprints.children import blueprint
from portal.blueprints.children.finding import with_record
from portal.policy import current_policy
from portal.records.children import reading as children
from portal.records.children import records as child_records
from portal.records.children.forms import AliasForm, EndForm, IdentifierForm, StatusForm
from portal.records.children.model import Child
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/<reference>/statuses/add", methods=["GET", "POST"])
@allow("child:state", shows="child")
def add_status(reference: str) -> ResponseReturnValue:
    """Record a plan or legal status, beside the exploitation case."""
    child, _ = with_record(reference)
    form = StatusForm().offer(current_policy())
    return _ask(child, form, "Add a plan or legal status", child_records.add_status)


@blueprint.route("/<reference>/statuses/<uuid:status_id>/end", methods=["GET", "POST"])
@allow("child:state", shows="child")
def end_status(reference: str, status_id: UUID) -> ResponseReturnValue:
    """Say when a status ended."""
    child, _ = with_record(reference)
    status = children.find_status(child_id=child.id, status_id=status_id) or abort(404)
    child_records.check_own_agency(principal.current(), status.agency_id)
    title = f"End: {current_policy().people.statuses.label(status.status)}"
    return _ask(
        child,
        EndForm(),
        title,
        lambda **facts: child_records.end_status(status=status, **facts),
    )


@blueprint.route("/<reference>/numbers/add", methods=["GET", "POST"])
@allow("child:state", shows="child")
def add_identifier(reference: str) -> ResponseReturnValue:
    """Record the child's number in another system."""
    child, _ = with_record(reference)
    form = IdentifierForm().offer(current_policy())
    return _ask(child, form, "Add a number", child_records.add_identifier)


@blueprint.post("/<reference>/numbers/<uuid:identifier_id>/end")
@allow("child:state")
def end_identifier(reference: str, identifier_id: UUID) -> ResponseReturnValue:
    """Say that a number is wrong or no longer used."""
    child, _ = with_record(reference)
    identifier = children.find_identifier(child_id=child.id, identifier_id=identifier_id) or abort(404)
    child_records.end_identifier(actor=principal.current(), child=child, identifier=identifier)
    flash("The number is marked as no longer used")
    return see_other(url_for("children.show", reference=child.reference))


@blueprint.route("/<reference>/names/add", methods=["GET", "POST"])
@allow("child:state", shows="child")
def add_alias(reference: str) -> ResponseReturnValue:
    """Record another name that the child goes by."""
    child, _ = with_record(reference)
    form = AliasForm().offer(current_policy())
    return _ask(child, form, "Add another name", child_records.add_alias)


def _ask(child: Child, form: FlaskForm, title: str, add: Callable[..., Any]) -> ResponseReturnValue:
    """Show a form whose fields are the arguments of `add`, until what was typed can be taken."""
    problem: DomainError | None = None
    if form.validate_on_submit():
        facts = {name: value for name, value in form.data.items() if name != "csrf_token"}
        try:
            with attempt():
                add(actor=principal.current(), child=child, **facts)
        except DomainError as refused:
            problem = refused
        else:
            flash("Saved")
            return see_other(url_for("children.show", reference=child.reference))
    audit.record("child:view", subject_kind="child", subject_id=child.id, child_id=child.id, ground="full")
    return render(
        "children/add.html",
        form=form,
        problem=problem,
        child=child,
        heading=title,
        action=request.path,
        marking=True,
    )
