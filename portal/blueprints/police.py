"""The workspace of the police: cases, what they were told, what is asked and due; and what only they do."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow, audience
from portal.access.principal import current
from portal.queries import gradings
from portal.vocabulary import Sector
from portal.web import workspace
from portal.web.grading_words import waiting_lines
from portal.web.page import render

blueprint = Blueprint("police", __name__, url_prefix="/police")
audience(blueprint, Sector.POLICE)


@blueprint.get("")
@allow("workspace:view", shows="list")
def index() -> ResponseReturnValue:
    """What waits for the police now."""
    return workspace.show("police.index")


@blueprint.get("/intelligence")
@allow("intelligence:list", shows="list")
def intelligence() -> ResponseReturnValue:
    """Intelligence under conditions that one's agency may end, the longest waiting first."""
    audit.record("intelligence:list", ground="agency")
    after = gradings.WaitingCursor.read(request.args.get("after"))
    rows, more = gradings.waiting(person=current(), after=after)
    return render(
        "police/intelligence.html",
        person=current(),
        waiting=waiting_lines(rows),
        more=url_for("police.intelligence", after=str(more)) if more else "",
        first=url_for("police.intelligence") if after else "",
        marking=True,
        wide=True,
    )
