"""Linking two records of one child, and unlinking them again."""

from uuid import UUID

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow
from portal.access.permissions import require
from portal.blueprints.children import blueprint
from portal.blueprints.children.finding import with_record
from portal.records.children import reading as children
from portal.records.children.forms import LinkForm, ReasonForm
from portal.records.children.links import link_children, unlink_children
from portal.records.children.model import Child, ChildLink
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/<reference>/links/add", methods=["GET", "POST"])
@allow("child:link", shows="child")
def link(reference: str) -> ResponseReturnValue:
    """Say that another record is of the same child."""
    require(principal.current(), "child:link")
    child, _ = with_record(reference)
    form = LinkForm()
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            with attempt():
                link_children(
                    actor=principal.current(),
                    child=child,
                    other=_other(form.other.data or ""),
                    reason=form.reason.data or "",
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("Linked. Each record shows the other; nothing was copied.")
            return see_other(url_for("children.show", reference=child.reference))
    _looked(child)
    return render("children/link.html", form=form, problem=problem, child=child, marking=True)


@blueprint.route("/<reference>/links/<uuid:link_id>/end", methods=["GET", "POST"])
@allow("child:link", shows="child")
def unlink(reference: str, link_id: UUID) -> ResponseReturnValue:
    """Say that they are two children after all."""
    require(principal.current(), "child:link")
    child, _ = with_record(reference)
    found: ChildLink = children.find_link(child_id=child.id, link_id=link_id) or abort(404)
    form = ReasonForm()
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            with attempt():
                unlink_children(actor=principal.current(), link=found, reason=form.reason.data or "")
        except DomainError as refused:
            problem = refused
        else:
            flash("No longer linked")
            return see_other(url_for("children.show", reference=child.reference))
    _looked(child)
    return render("children/unlink.html", form=form, problem=problem, child=child, link=found, marking=True)


def _other(reference: str) -> Child:
    found = children.find_child(reference=reference)
    if found is None or found.record is None:
        raise DomainError("There is no such record, or you cannot see it", field="other")
    return found.child


def _looked(child: Child) -> None:
    audit.record("child:view", subject_kind="child", subject_id=child.id, child_id=child.id, ground="full")
