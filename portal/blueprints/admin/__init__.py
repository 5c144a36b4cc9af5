"""Looking after access: agencies, where they sign in, people and roles. No case content."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.access import principal
from portal.access.guard import allow
from portal.policy import current_policy
from portal.records.people.reading import records as people_queries
from portal.vocabulary import Role
from portal.web.guidance import figures_of, lists_of
from portal.web.page import render

blueprint = Blueprint("admin", __name__, url_prefix="/administration")


@blueprint.get("")
@allow("people:manage")
def index() -> ResponseReturnValue:
    """What waits for an administrator; a manager goes straight to their people."""
    if not principal.current().has(Role.ADMINISTRATOR):
        return redirect(url_for("admin.people"), 303)
    return render("admin/index.html", waiting=len(people_queries.waiting()))


@blueprint.get("/policy")
@allow("policy:view")
def policy() -> ResponseReturnValue:
    """The partnership's policy as its files say it: every figure with its source and whether it is agreed."""
    held = current_policy()
    return render("admin/policy.html", policy=held, figures=figures_of(held), lists=lists_of(held), wide=True)
