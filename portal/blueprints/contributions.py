"""What one’s sector brings to shared cases: what it added lately, and the forms to add more."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.principal import current
from portal.pages import contributions
from portal.policy import current_policy
from portal.queries.paging import MomentCursor
from portal.records.entries.policy import Contributions
from portal.records.entries.presenter.words import found_lines
from portal.web.due_presenter import figure_words
from portal.web.page import page_links, render

blueprint = Blueprint("contributions", __name__, url_prefix="/contributions")


@blueprint.get("")
@allow("entry:add", shows="list")
def index() -> ResponseReturnValue:
    """What one’s sector added lately to the cases that one reaches, the newest first."""
    policy = current_policy()
    kinds = policy.of(Contributions).kinds_of(current().sector)
    asked, after = request.args.get("kind", ""), MomentCursor.read(request.args.get("after"))
    chosen = next((one.code for one in kinds if one.code == asked), "")
    found = contributions.lately(
        person=current(), kinds=[chosen] if chosen else [one.code for one in kinds], after=after
    )
    audit.record("contribution:list", kind=chosen)
    return render(
        "contributions/index.html",
        lines=found_lines(found.rows, policy),
        kinds=kinds,
        chosen=chosen,
        recent=figure_words(policy.of(Contributions).recent),
        most_cases=contributions.looks_at_most(person=current()),
        **page_links(found, "contributions.index", kind=chosen or None),
        marking=True,
    )


@blueprint.get("/new")
@allow("entry:add", shows="list")
def choose() -> ResponseReturnValue:
    """On which case: the open ones that one reaches, each with the forms of one’s sector."""
    after = MomentCursor.read(request.args.get("after"))
    found = contributions.cases_of(person=current(), after=after)
    audit.record("contribution:choose")
    return render(
        "contributions/choose.html",
        rows=found.rows,
        kinds=current_policy().of(Contributions).kinds_of(current().sector),
        most_cases=contributions.looks_at_most(person=current()),
        **page_links(found, "contributions.choose"),
        marking=True,
        wide=True,
    )
