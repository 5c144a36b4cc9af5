"""Statuses, numbers in other systems, and other names of a child."""

from uuid import UUID

from flask import abort, flash
from flask.typing import ResponseReturnValue

from portal.access import principal
from portal.access.guard import allow
from portal.blueprints.children import blueprint
from portal.blueprints.children.finding import page_of, step_on, with_record
from portal.policy import current_policy
from portal.records.children import reading as children
from portal.records.children import records as child_records
from portal.records.children.forms import AliasForm, EndForm, IdentifierForm, StatusForm
from portal.web.page import see_other
from portal.web.steps import Words, take


@blueprint.route("/<reference>/statuses/add", methods=["GET", "POST"])
@allow("child:state", shows="child")
def add_status(reference: str) -> ResponseReturnValue:
    """Record a plan or legal status, beside the exploitation case."""
    child, _ = with_record(reference)
    form = StatusForm.of(current_policy())
    return take(
        form,
        lambda: child_records.add_status(
            actor=principal.current(),
            child=child,
            status=form.said("status"),
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
        ),
        says=Words(heading="Add a plan or legal status", button="Save"),
        page=lambda: step_on(child),
        to=page_of(child),
        done="Saved",
    )


@blueprint.route("/<reference>/statuses/<uuid:status_id>/end", methods=["GET", "POST"])
@allow("child:state", shows="child")
def end_status(reference: str, status_id: UUID) -> ResponseReturnValue:
    """Say when a status ended."""
    child, _ = with_record(reference)
    status = children.find_status(child_id=child.id, status_id=status_id) or abort(404)
    child_records.check_own_agency(principal.current(), status.agency_id)
    form = EndForm()
    return take(
        form,
        lambda: child_records.end_status(
            actor=principal.current(), child=child, status=status, ends_on=form.ends_on.data
        ),
        says=Words(heading=f"End: {current_policy().people.statuses.label(status.status)}", button="Save"),
        page=lambda: step_on(child),
        to=page_of(child),
        done="Saved",
    )


@blueprint.route("/<reference>/numbers/add", methods=["GET", "POST"])
@allow("child:state", shows="child")
def add_identifier(reference: str) -> ResponseReturnValue:
    """Record the child's number in another system."""
    child, _ = with_record(reference)
    form = IdentifierForm.of(current_policy())
    return take(
        form,
        lambda: child_records.add_identifier(
            actor=principal.current(), child=child, scheme=form.said("scheme"), value=form.said("value")
        ),
        says=Words(heading="Add a number", button="Save"),
        page=lambda: step_on(child),
        to=page_of(child),
        done="Saved",
    )


@blueprint.post("/<reference>/numbers/<uuid:identifier_id>/end")
@allow("child:state")
def end_identifier(reference: str, identifier_id: UUID) -> ResponseReturnValue:
    """Say that a number is wrong or no longer used."""
    child, _ = with_record(reference)
    identifier = children.find_identifier(child_id=child.id, identifier_id=identifier_id) or abort(404)
    child_records.end_identifier(actor=principal.current(), child=child, identifier=identifier)
    flash("The number is marked as no longer used")
    return see_other(page_of(child))


@blueprint.route("/<reference>/names/add", methods=["GET", "POST"])
@allow("child:state", shows="child")
def add_alias(reference: str) -> ResponseReturnValue:
    """Record another name that the child goes by."""
    child, _ = with_record(reference)
    form = AliasForm.of(current_policy())
    return take(
        form,
        lambda: child_records.add_alias(
            actor=principal.current(), child=child, name=form.said("name"), kind=form.said("kind")
        ),
        says=Words(heading="Add another name", button="Save"),
        page=lambda: step_on(child),
        to=page_of(child),
        done="Saved",
    )
