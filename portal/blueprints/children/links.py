"""Linking two records of one child, and unlinking them again."""

from uuid import UUID

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access import principal
from portal.access.guard import allow
from portal.access.permissions import require
from portal.blueprints.children import blueprint
from portal.blueprints.children.finding import page_of, step_on, with_record
from portal.records.children import reading as children
from portal.records.children.forms import LinkForm, ReasonForm
from portal.records.children.model import Child, ChildLink
from portal.records.children.records import link_children, unlink_children
from portal.services.errors import DomainError
from portal.web.steps import Words, take


@blueprint.route("/<reference>/links/add", methods=["GET", "POST"])
@allow("child:link", shows="child")
def link(reference: str) -> ResponseReturnValue:
    """Say that another record is of the same child."""
    require(principal.current(), "child:link")
    child, _ = with_record(reference)
    form = LinkForm()
    return take(
        form,
        lambda: link_children(
            actor=principal.current(),
            child=child,
            other=_other(form.said("other")),
            reason=form.said("reason"),
        ),
        says=Words(
            heading="Link another record of this child",
            lead=[
                "Both records stay as they are, and nothing is copied. Each shows the other to those who may "
                "see both. You can unlink them again."
            ],
            button="Link the records",
        ),
        page=lambda: step_on(child),
        to=page_of(child),
        done="Linked. Each record shows the other; nothing was copied.",
    )


@blueprint.route("/<reference>/links/<uuid:link_id>/end", methods=["GET", "POST"])
@allow("child:link", shows="child")
def unlink(reference: str, link_id: UUID) -> ResponseReturnValue:
    """Say that they are two children after all."""
    require(principal.current(), "child:link")
    child, _ = with_record(reference)
    found: ChildLink = children.find_link(child_id=child.id, link_id=link_id) or abort(404)
    form = ReasonForm()
    return take(
        form,
        lambda: unlink_children(actor=principal.current(), link=found, reason=form.said("reason")),
        says=Words(
            heading="Unlink two records",
            above="children/_linked_because.html",
            button="Unlink the records",
            warns=True,
        ),
        page=lambda: step_on(child),
        to=page_of(child),
        done="No longer linked",
        link=found,
    )


def _other(reference: str) -> Child:
    found = children.find_child(reference=reference)
    if found is None or found.record is None:
        raise DomainError("There is no such record, or you cannot see it", field="other")
    return found.child
