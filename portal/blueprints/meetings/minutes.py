"""The minutes as whoever reads a case of the meeting reads them, on the page and on paper."""

from collections.abc import Sequence
from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import permitted
from portal.access.principal import current
from portal.blueprints.meetings.blueprint import blueprint
from portal.blueprints.meetings.looking import around, facts, record_look
from portal.pathway.references import Prefix, read_reference
from portal.records.meetings.chairing import RECORDED_STATES
from portal.records.meetings.presenter.day import came_lines, missing_words
from portal.records.meetings.presenter.words import state_words
from portal.records.meetings.reading import records as meetings
from portal.records.minutes.presenter.minutes import minutes_of
from portal.web.page import render, see_other


@blueprint.get("/meetings/<reference>/minutes")
@allow("meeting:view", shows="case")
def minutes(reference: str) -> ResponseReturnValue:
    """What was said and decided, child by child; never the closed part."""
    return _answer(reference, "minutes:view")


@blueprint.get("/meetings/<reference>/minutes/print")
@allow("meeting:view", shows="case", releases="print")
def print_minutes(reference: str) -> ResponseReturnValue:
    """The same on paper."""
    return _answer(reference, "minutes:print", printing=True)


def _answer(reference: str, action: str, **more: bool) -> ResponseReturnValue:
    """Whoever reads one of the cases reads what is on that child; the invited are led to what they have."""
    meeting = meetings.page(reference=read_reference(reference, Prefix.MEETING) or abort(404)) or abort(404)
    children = meetings.children(meeting_id=meeting.id)
    if not meeting.full_reach and not any(child.case_id for child in children):
        own = meetings.own_invitation(meeting_id=meeting.id, person=current()) or abort(404)
        return see_other(url_for("meetings.invitation", reference=own))
    record_look(meeting, action=action)
    return render("meetings/minutes.html", **_whole(meeting, children), **more)


def _whole(meeting: Any, children: Sequence[Any]) -> dict[str, Any]:
    rows = meetings.invited(meeting_id=meeting.id)
    open_still = meeting.state in RECORDED_STATES
    return {
        **around(meeting),
        "came": came_lines(rows),
        "lacking": missing_words(meeting, rows) if meeting.held_at else [],
        "parts": minutes_of(meeting, children),
        "state": state_words(meeting.state),
        "may_record": open_still
        and meeting.full_reach
        and permitted(current(), "minutes:write", facts(meeting, children)),
    }
