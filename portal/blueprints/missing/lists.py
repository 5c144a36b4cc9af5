"""The list that police, social care and the hub share, and all episodes of one child."""

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.blueprints.missing.blueprint import blueprint
from portal.policy import current_policy
from portal.records.children import presenter as child_page
from portal.records.children import reading as children
from portal.records.missing import presenter as missing_words
from portal.records.missing import reading as missing
from portal.records.missing.policy import Missing
from portal.web.page import render


@blueprint.get("/missing")
@allow("missing:view", shows="list")
def index() -> ResponseReturnValue:
    """Who is missing now, who came back lately, and what is outstanding."""
    policy = current_policy()
    audit.record("missing:list")
    return render(
        "missing/index.html",
        now_missing=missing_words.running_lines(missing.now_missing(), policy),
        returned=missing_words.lines(missing.recently_returned(), policy),
        waiting=missing_words.lines(missing.without_prevention(), policy),
        undecided=missing.undecided(),
        most=missing.MOST,
        now=clock.now(),
        recent=policy.of(Missing).recent.value,
        child=child_page,
        wide=True,
        marking=True,
    )


@blueprint.get("/children/<child_reference>/missing")
@allow("missing:view", shows="child")
def of_child(child_reference: str) -> ResponseReturnValue:
    """Every episode of a child that one may see, by year."""
    found = children.find_child(reference=child_reference) or abort(404)
    child, policy = found.child, current_policy()
    after = missing.Cursor.read(request.args.get("after"))
    page = missing.page_of_child(child_id=child.id, after=after)
    audit.record("missing:child", subject_kind="child", subject_id=child.id, child_id=child.id)
    here = child.reference
    return render(
        "missing/of_child.html",
        child=child,
        name=child_page.full_name(child),
        years=missing_words.by_year(missing_words.lines(page.rows, policy)),
        counts=missing_words.counts(missing.times_of(child_id=child.id, limit=1)),
        first=url_for("missing.of_child", child_reference=here) if after else "",
        following=url_for("missing.of_child", child_reference=here, after=str(page.next))
        if page.next
        else "",
        marking=True,
    )
