"""The page of one meeting, and the list of one's own and of those that are coming up."""

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted
from portal.access.principal import current
from portal.blueprints.meetings.blueprint import blueprint
from portal.blueprints.meetings.looking import around, facts, may_run, record_look
from portal.pathway.references import Prefix, read_reference
from portal.records.attachments import reading as attachments
from portal.records.entries.presenter.words import file_items
from portal.records.meetings.presenter import day as meeting_day
from portal.records.meetings.presenter.words import (
    STATE_TAGS,
    change_lines,
    gap_lines,
    invited_lines,
    kind_words,
    reply_words,
    role_words,
    state_words,
    when_words,
)
from portal.records.meetings.reading import records as meetings
from portal.web.page import render, see_other


@blueprint.get("/meetings")
@allow("meeting:view", shows="list")
def index() -> ResponseReturnValue:
    """The meetings one is invited to, and those coming up on cases that one reaches."""
    own = meetings.mine(current())
    known = {row.id for row in own}
    audit.record("meeting:list")
    return render(
        "meetings/index.html",
        own=own,
        others=[row for row in meetings.upcoming() if row.id not in known],
        kind_words=kind_words,
        reply_words=reply_words,
        role_words=role_words,
        when_words=when_words,
        may_call_on_district=permitted(current(), "meeting:call"),
    )


@blueprint.get("/meetings/<reference>")
@allow("meeting:view", shows="case")
def show(reference: str) -> ResponseReturnValue:
    """Everything about a meeting, for whoever reads one of its cases; the invited get their invitation."""
    meeting = meetings.page(reference=read_reference(reference, Prefix.MEETING) or abort(404)) or abort(404)
    own = meetings.own_invitation(meeting_id=meeting.id, person=current())
    children = meetings.children(meeting_id=meeting.id)
    if not meeting.full_reach and own:
        return see_other(url_for("meetings.invitation", reference=own))
    if not meeting.full_reach and not any(child.reference for child in children):
        abort(404)  # whoever reads a child’s case sees that the meeting is, also one that others share
    record_look(meeting)
    rows = meetings.invited(meeting_id=meeting.id)
    return render(
        "meetings/show.html",
        **around(meeting),
        **meeting_day.parts(meeting, children, rows),
        children=children,
        invited=invited_lines(rows),
        by_hand=[row.external_name for row in rows if row.external_name],
        files=file_items(
            attachments.of_meeting(meeting_id=meeting.id),
            runs_meeting=current().user_id in {meeting.chair_id, meeting.note_taker_id},
        ),
        withdrawn=meetings.withdrawn(meeting_id=meeting.id),
        changes=change_lines(meetings.changes(meeting_id=meeting.id)),
        own=own,
        role_words=role_words,
        state=state_words(meeting.state),
        state_tag=STATE_TAGS.get(meeting.state, "grey"),
        can_run=may_run(meeting, children),
        gaps=gap_lines(meeting, rows) if meeting.full_reach else [],
        runs=permitted(current(), "meeting:run", facts(meeting, children)),
    )
