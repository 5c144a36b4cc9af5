"""The blueprint of minutes, and what its views share: minutes found or not, and who may do what."""

from typing import Any

from flask import Blueprint, abort, url_for

from portal.access import audit
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.blueprints.meetings.blueprint import page_context, view_meeting
from portal.pathway.references import Prefix, read_reference
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading import records as meetings
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.reading import issues as minutes_issues
from portal.records.minutes.writing import minutes_facts
from portal.web.steps import Link

blueprint = Blueprint("minutes", __name__)


def acting_on(reference: str, verb: str) -> tuple[dict[str, Any], Meeting]:
    """A meeting whose minutes the person may do something with: as it is shown, and as a form works on it.

    Raises:
        Forbidden: they may not, or are invited and no more.
    """
    shown = view_meeting(reference, action="minutes:view")
    found = meetings.find_meeting(reference=shown.reference) or abort(404)
    require(current(), verb, minutes_facts(current(), found))
    back = Link(url_for("minutes.versions", reference=found.reference), "Minutes")
    return page_context(shown) | {"back": back}, found


def may(verb: str, meeting: Meeting) -> bool:
    """Whether the person may do something with the minutes of a meeting."""
    return permitted(current(), verb, minutes_facts(current(), meeting))


def child_of(meeting: Meeting, case_reference: str) -> Any:
    """A child of the meeting whose case the person reads."""
    wanted = read_reference(case_reference, Prefix.CASE) or abort(404)
    children = meetings.children(meeting_id=meeting.id)
    return next((one for one in children if one.reference == wanted), None) or abort(404)


def issue_of(reference: str, *, action: str) -> MinutesIssue:
    """Minutes that the person may read, with the look put on record."""
    wanted = read_reference(reference, Prefix.MINUTES) or abort(404)
    issue = minutes_issues.find_issue(reference=wanted) or abort(404)
    audit.record(action, subject_kind="minutes_issue", subject_id=issue.id, case_id=issue.case_id)
    return issue
