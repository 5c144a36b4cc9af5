"""The partnership's policy, as it is read from its files. It is changed there, not here."""

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.blueprints.admin import blueprint
from portal.policy import current_policy
from portal.web.page import render
from portal.web.policy_figures import figures_of, lists_of


@blueprint.get("/policy")
@allow("policy:view")
def policy() -> ResponseReturnValue:
    """Every figure with its source and whether it is agreed, and every list."""
    held = current_policy()
    return render("admin/policy.html", policy=held, figures=figures_of(held), lists=lists_of(held), wide=True)
