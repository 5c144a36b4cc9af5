"""Changes of roles that take a second administrator."""

from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow
from portal.blueprints.admin import blueprint
from portal.records.people import roles as service
from portal.records.people.reading import records as queries
from portal.web.page import render, see_other


@blueprint.get("/role-changes")
@allow("roles:confirm", shows="people")
def role_changes() -> ResponseReturnValue:
    """What waits for a second administrator."""
    waiting = queries.waiting()
    audit.record("roles:list", found=len(waiting))
    return render(
        "admin/role_changes.html", waiting=waiting, me=principal.current().user_id, labels=queries.labels
    )


@blueprint.post("/role-changes/<uuid:change_id>/confirm")
@allow("roles:confirm", proved=True)
def confirm_role_change(change_id: UUID) -> ResponseReturnValue:
    """Let a change take effect."""
    service.confirm(actor=principal.current(), change_id=change_id)
    flash("Confirmed")
    return see_other(url_for("admin.role_changes"))


@blueprint.post("/role-changes/<uuid:change_id>/refuse")
@allow("roles:confirm")
def refuse_role_change(change_id: UUID) -> ResponseReturnValue:
    """Turn a change down, or take back one's own."""
    service.refuse(actor=principal.current(), change_id=change_id)
    flash("Refused")
    return see_other(url_for("admin.role_changes"))
