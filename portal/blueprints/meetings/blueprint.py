"""The blueprint of meetings, and what its views share: a meeting found or not, and recorded."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, url_for

from portal.access import audit
from portal.access.permissions import Facts, Forbidden, permitted, require
from portal.access.principal import current
from portal.pathway.references import Prefix, read_reference
from portal.pathway.states import COMING_MEETING_STATES
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.presenter.words import kind_words, not_a_working_day, when_words
from portal.records.meetings.reading import records as meetings
from portal.records.panels.checks import is_panel
from portal.web.steps import Link

blueprint = Blueprint("meetings", __name__)


ONLY_INVITED = "You are invited to this meeting, but you cannot read the case that it is on."


def view_meeting(reference: str, *, action: str = "meeting:view") -> Any:
    """A meeting that the person reads in full, with the look put on record for each of its children."""
    meeting = meetings.page(reference=_read(reference, Prefix.MEETING)) or abort(404)
    if not meeting.full_reach:
        raise Forbidden(ONLY_INVITED)
    return record_look(meeting, action=action)


def record_look(meeting: Any, *, action: str = "meeting:view") -> Any:
    """Put a look at a meeting on record."""
    children = meetings.children(meeting_id=meeting.id)
    for child in children:
        audit.record(
            action,
            subject_kind="meeting",
            subject_id=meeting.id,
            child_id=child.child_id,
            case_id=child.case_id,
        )
    if not children:
        audit.record(action, subject_kind="meeting", subject_id=meeting.id)
    return meeting


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
    meeting = view_meeting(reference)
    children = meetings.children(meeting_id=meeting.id)
    require(current(), "meeting:run", facts(meeting, children))
    return meeting, children, meetings.find_meeting(reference=meeting.reference) or abort(404)


def invitation_of(reference: str) -> Invitation:
    """An invitation that the person may see."""
    return meetings.find_invitation(reference=_read(reference, Prefix.INVITATION)) or abort(404)


def page_context(meeting: Any) -> dict[str, Any]:
    """What every page of a meeting needs."""
    kind, when = kind_words(meeting), when_words(meeting)
    return {
        "meeting": meeting,
        "kind": kind,
        "when": when,
        "caption": f"{kind}, {when}",
        "back": Link(url_for("meetings.show", reference=meeting.reference), f"Meeting {meeting.reference}"),
        "rest_day": not_a_working_day(meeting),
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
