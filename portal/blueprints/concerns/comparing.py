"""Two that look alike: they are not the same, or may be after all."""

from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.concerns.blueprint import blueprint
from portal.blueprints.concerns.looking import find
from portal.records.concerns.keeping import tell_apart, undo
from portal.web.page import see_other
from portal.web.transaction import attempt


@blueprint.post("/<reference>/not-the-same/<other_reference>")
@allow("concern:compare")
def differ(reference: str, other_reference: str) -> ResponseReturnValue:
    """Say that two are not the same: they are no longer offered to each other."""
    concern, other = find(reference), find(other_reference)
    with attempt():
        tell_apart(actor=current(), concern=concern, other=other, reason=request.form.get("reason", ""))
    flash("They are no longer offered to each other")
    return see_other(url_for("concerns.show", reference=concern.reference, _anchor="alike"))


@blueprint.post("/<reference>/differences/<uuid:difference_id>/undo")
@allow("concern:compare")
def may_be_same(reference: str, difference_id: UUID) -> ResponseReturnValue:
    """They may be the same after all."""
    concern = find(reference)
    with attempt():
        undo(actor=current(), concern=concern, difference_id=difference_id)
    flash("They are offered to each other again")
    return see_other(url_for("concerns.show", reference=concern.reference, _anchor="alike"))
