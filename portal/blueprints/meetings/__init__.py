"""Meetings: calling one, inviting, replying, papers, the day itself.

The blueprint of meetings: the lists, the page of one, its minutes and pack, and what its views share.
"""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import Facts, Forbidden, permitted, require
from portal.access.principal import current
from portal.pages.packs import pack
from portal.pathway.references import Prefix, read_reference
from portal.pathway.states import COMING_MEETING_STATES
from portal.queries.declared import Listing, When
from portal.records.attachments import reading as attachments
from portal.records.by_hand import presenter as by_hand_words
from portal.records.by_hand import reading as by_hand
from portal.records.disclosures.presenter import send
from portal.records.entries.presenter.words import file_items
from portal.records.meetings.chairing import RECORDED_STATES
from portal.records.meetings.lists import COMING, LATELY, Part, rows_of
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.presenter import day as meeting_day
from portal.records.meetings.presenter import words
from portal.records.meetings.presenter.day import came_lines, missing_words
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.minutes.presenter.minutes import minutes_of
from portal.records.minutes.reading import issues as minutes_issues
from portal.records.panels.records import is_panel
from portal.web.listing import ALL, ListRoute, ListView, Views, ways
from portal.web.page import render, see_other
from portal.web.steps import Link

blueprint = Blueprint("meetings", __name__)


ONLY_INVITED = "You are invited to this meeting, but you cannot read the case that it is on."


def view_meeting(reference: str, *, action: str = "meeting:view") -> Any:
    """A meeting that the person reads in full, with the look put on record for each of its children."""
    return view_with_children(reference, action=action)[0]


def view_with_children(reference: str, *, action: str = "meeting:view") -> tuple[Any, Sequence[Any]]:
    """The same, and the children."""
    meeting = meetings.page(reference=_read(reference, Prefix.MEETING)) or abort(404)
    if not meeting.full_reach:
        raise Forbidden(ONLY_INVITED)
    return meeting, record_look(meeting, action=action)


def record_look(
    meeting: Any, children: Sequence[Any] | None = None, *, action: str = "meeting:view"
) -> Sequence[Any]:
    """Put a look at a meeting on record; gives the children that it is on.

    Args:
        children: where they were read already.
    """
    on = meetings.children(meeting_id=meeting.id) if children is None else children
    for child in on:
        audit.record(action, subject_kind="meeting", subject_id=meeting.id, of_case=child)
    if not on:
        audit.record(action, subject_kind="meeting", subject_id=meeting.id)
    return on


def record_of(reference: str) -> Meeting:
    """The meeting that a form works on, which the person reads in full."""
    return meetings.find_meeting(reference=view_meeting(reference).reference) or abort(404)


def run_by(reference: str) -> Meeting:
    """The meeting that a form works on, for somebody who runs it.

    Raises:
        Forbidden: they read it, and do not run it.
    """
    meeting = record_of(reference)
    require(current(), "meeting:run", facts(meeting))
    return meeting


def running(reference: str) -> tuple[Any, Sequence[Any], Meeting]:
    """A meeting that the person runs: as it is shown, with its children, and as a form works on it."""
    meeting, children = view_with_children(reference)
    require(current(), "meeting:run", facts(meeting, children))
    return meeting, children, meetings.find_meeting(reference=meeting.reference) or abort(404)


def invitation_of(reference: str, *, withdrawn: bool = False) -> Invitation:
    """An invitation that the person may see.

    Args:
        withdrawn: as `find_invitation` takes it.
    """
    read = _read(reference, Prefix.INVITATION)
    return meetings.find_invitation(reference=read, withdrawn=withdrawn) or abort(404)


def page_context(meeting: Any) -> dict[str, Any]:
    """What every page of a meeting needs."""
    kind, when = words.kind_words(meeting), words.when_words(meeting)
    return {
        "meeting": meeting,
        "kind": kind,
        "when": when,
        "caption": f"{kind}, {when}",
        "back": Link(url_for("meetings.show", reference=meeting.reference), f"Meeting {meeting.reference}"),
        "rest_day": words.not_a_working_day(meeting),
        "is_panel": is_panel(meeting),
        "marking": True,
    }


def facts(meeting: Any, children: Any = None) -> Facts:
    """What decides verbs on a meeting."""
    on = meetings.children(meeting_id=meeting.id) if children is None else children
    person = current()
    return Facts(
        runs_meeting=person.user_id in {meeting.chair_id, meeting.note_taker_id},
        lead_professional=any(child.lead_professional_id == person.user_id for child in on),
    )


def may_run(meeting: Any, children: Any = None) -> bool:
    """Whether the person runs the meeting and it lies ahead."""
    ahead = meeting.state in COMING_MEETING_STATES
    return ahead and permitted(current(), "meeting:run", facts(meeting, children))


def _read(typed: str, prefix: Prefix) -> str:
    return read_reference(typed, prefix) or abort(404)


@blueprint.route("/meetings", methods=["GET", "POST"])
@allow("meeting:view", shows="list")
def index() -> ResponseReturnValue:
    """The meetings one is invited to and those on cases that one reads, coming up or of the last weeks."""
    shown = LATELY if request.args.get("show") == "lately" else COMING
    route = _list_route(shown)
    view = ListView(listing=shown, source=rows_of(shown, current()), route=route, looked="meeting:list")
    return view.page(
        "meetings/index.html",
        open_filters=("part", "answer", "when"),
        ways=ways(
            route,
            [("Coming up", _list_route(COMING)), ("Of the last four weeks", _list_route(LATELY))],
            ALL,
        ),
        lately=shown is LATELY,
        kind_words=words.kind_words,
        reply_words=words.own_reply_words,
        role_words=words.role_words,
        state_words=words.state_words,
        when_words=words.when_words,
        may_call_on_district=permitted(current(), "meeting:call"),
        wide=True,
    )


def _list_route(shown: Listing) -> ListRoute:
    if shown is LATELY:
        return ListRoute(endpoint="meetings.index", fixed={"show": "lately"})
    views: Views = (
        ("All", {}),
        ("You are invited", {"part": [Part.INVITED.value]}),
        ("Waiting for your answer", {"answer": [InvitationReply.WAITING.value]}),
        (When.TODAY.label, {"when": [When.TODAY.value]}),
    )
    return ListRoute(endpoint="meetings.index", views=views)


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
    record_look(meeting, children)
    rows = meetings.invited(meeting_id=meeting.id)
    asked = by_hand_words.lines(by_hand.of_meeting(meeting_id=meeting.id))
    names = {one.name for one in asked}  # invited before there was such a duty, others stand below
    return render(
        "meetings/show.html",
        **page_context(meeting),
        **meeting_day.parts(meeting, children, rows),
        children=children,
        alert_strip=meeting_day.alert_strip(children),
        invited=words.invited_lines(rows, over=words.is_over(meeting)),
        by_hand=asked,
        unasked=[row.external_name for row in rows if row.external_name and row.external_name not in names],
        files=file_items(
            attachments.of_meeting(meeting_id=meeting.id),
            runs_meeting=current().user_id in {meeting.chair_id, meeting.note_taker_id},
        ),
        withdrawn=meetings.withdrawn(meeting_id=meeting.id),
        changes=words.change_lines(meetings.changes(meeting_id=meeting.id)),
        own=own,
        is_over=words.is_over(meeting),
        role_words=words.role_words,
        state=words.state_words(meeting.state),
        state_tag=words.STATE_TAGS.get(meeting.state, "grey"),
        can_run=may_run(meeting, children),
        gaps=words.gap_lines(meeting, rows) if meeting.full_reach else [],
        chairs=meeting.chair_id == current().user_id,
        family_waits=sum(minutes_issues.family_waits(meeting_id=meeting.id).values()),
        runs=permitted(current(), "meeting:run", facts(meeting, children)),
    )


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
    record_look(meeting, children, action=action)
    return render("meetings/minutes.html", **_whole(meeting, children), **more)


def _whole(meeting: Any, children: Sequence[Any]) -> dict[str, Any]:
    rows = meetings.invited(meeting_id=meeting.id)
    open_still = meeting.state in RECORDED_STATES
    return {
        **page_context(meeting),
        "alert_strip": meeting_day.alert_strip(children),
        "came": came_lines(rows),
        "lacking": missing_words(meeting, rows) if meeting.held_at else [],
        "parts": minutes_of(meeting, children),
        "state": words.state_words(meeting.state),
        "may_record": open_still
        and meeting.full_reach
        and permitted(current(), "minutes:write", facts(meeting, children)),
    }


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
    record_look(meeting, children, action="meeting:download")
    return send(pack(meeting=meeting, children=children))
