"""The workspace of children’s social care: cases, what they were told, what is asked and due."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow, audience
from portal.access.principal import current
from portal.policy import current_policy
from portal.records.linked_processes import presenter as linked_words
from portal.records.linked_processes import reading as linked_owed
from portal.records.linked_processes.policy import LinkedProcesses
from portal.vocabulary import Sector
from portal.web import workspace
from portal.web.page import render

blueprint = Blueprint("social_care", __name__, url_prefix="/social-care")
audience(blueprint, Sector.SOCIAL_CARE)


@blueprint.get("")
@allow("workspace:view", shows="list")
def index() -> ResponseReturnValue:
    """What waits for children’s social care now."""
    return workspace.show("social_care.index")


@blueprint.get("/processes")
@allow("linked:list", shows="list")
def processes() -> ResponseReturnValue:
    """What social care owes on Section 47 enquiries, conferences, plans and reviews, by what is due."""
    kinds = current_policy().of(LinkedProcesses).processes
    chosen = kinds.get(request.args.get("kind", ""))
    after = linked_owed.Cursor.read(request.args.get("after"))
    code = chosen.code if chosen else ""
    page = linked_owed.owed_by(agency_id=current().agency_id, after=after, kind=code)
    audit.record("linked:owed", kind=code)
    return render(
        "linked_processes/owed.html",
        lines=linked_words.due_lines(page.rows),
        kinds=kinds.offered,
        chosen=code,
        first=url_for("social_care.processes", kind=code or None) if after else "",
        more=url_for("social_care.processes", kind=code or None, after=str(page.next)) if page.next else "",
        marking=True,
        wide=True,
    )


from portal.blueprints import social_care_lists  # noqa: E402,F401 # it adds its routes
