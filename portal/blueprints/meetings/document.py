"""The pack of a meeting as a file."""

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.meetings.blueprint import blueprint
from portal.blueprints.meetings.looking import record_look
from portal.documents.packs import pack
from portal.pathway.references import Prefix, read_reference
from portal.records.disclosures.presenter import send
from portal.records.meetings.reading import records as meetings


@blueprint.get("/meetings/<reference>/pack.pdf")
@allow("meeting:view", shows="case", releases="export")
def download_pack(reference: str) -> ResponseReturnValue:
    """The PDF of what this person may read for a meeting, on the children whose cases they read.

    Whoever is invited and reads none of them gets the agenda, and what their own agency wrote.
    """
    meeting = meetings.page(reference=read_reference(reference, Prefix.MEETING) or abort(404)) or abort(404)
    children = meetings.children(meeting_id=meeting.id)
    own = meetings.own_invitation(meeting_id=meeting.id, person=current())
    if not (meeting.full_reach or own or any(child.reference for child in children)):
        abort(404)
    record_look(meeting, action="meeting:download")
    return send(pack(meeting=meeting, children=children))
