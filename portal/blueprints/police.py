"""The workspace of the police: cases, what they were told, what is asked and due; and what only they do."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.home import workspace_of
from portal.policy import current_policy
from portal.queries.paging import MomentCursor, RowCursor
from portal.records.concerns.policy import Concerns
from portal.records.concerns.presenter.words import table
from portal.records.concerns.reading import records as concerns
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.entries.presenter.grading import waiting_lines
from portal.records.intelligence import reading as gradings
from portal.vocabulary import Sector
from portal.web.page import page_links, render

blueprint = workspace_of("police", Sector.POLICE)


@blueprint.get("/intelligence")
@allow("intelligence:list", shows="list")
def intelligence() -> ResponseReturnValue:
    """Intelligence under conditions that one's agency may end, the longest waiting first."""
    audit.record("intelligence:list", ground="agency")
    page = gradings.waiting(person=current(), after=MomentCursor.read(request.args.get("after")))
    return render(
        "police/intelligence.html",
        person=current(),
        waiting=waiting_lines(page.rows),
        **page_links(page, "police.intelligence"),
        marking=True,
        wide=True,
    )


@blueprint.get("/people")
@allow("concern:police_status", shows="list")
def people() -> ResponseReturnValue:
    """People of concern by how police know them: first those of whom nobody has said."""
    policy = current_policy()
    known = {one.code: one.label for one in policy.of(Concerns).police_statuses.offered}
    asked = request.args.get("status", "")
    status = asked if asked in known else ""
    page = concerns.list_concerns(
        kinds=[ConcernKind.PERSON],
        police_statuses=[status] if status else [],
        unsaid=not status,
        after=RowCursor.read(request.args.get("after")),
    )
    audit.record("concern:list", shown=len(page.rows), status=status)
    ways = [("", "Not said yet"), *known.items()]
    return render(
        "police/people.html",
        person=current(),
        ways=[
            {"text": text, "href": url_for("police.people", status=code or None), "current": code == status}
            for code, text in ways
        ],
        **page_links(page, "police.people", status=status or None),
        **table(page.rows, policy),
        marking=True,
        wide=True,
    )
