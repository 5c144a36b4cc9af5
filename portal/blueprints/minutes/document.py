"""Approved minutes as a file."""

from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Forbidden
from portal.access.principal import current
from portal.blueprints.minutes.blueprint import blueprint
from portal.blueprints.minutes.looking import issue_of
from portal.records.disclosures.presenter import send
from portal.records.entries.reading import case_page
from portal.records.meetings.reading import records as meetings
from portal.records.minutes.copies import open_copies
from portal.records.minutes.document import minutes
from portal.records.minutes.family_version import refuse_while_barred, require_handing
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.presenter.minutes import kind_words
from portal.records.minutes.reading import issues as minutes_issues
from portal.records.minutes.vocabulary import MinutesKind
from portal.services.errors import DomainError
from portal.web.page import render


@blueprint.get("/minutes/<reference>/pdf")
@allow("minutes:read_copy", shows="child", releases="export")
def download(reference: str) -> ResponseReturnValue:
    """The PDF of what went out; a draft has none. Taking it opens the copy that one was given."""
    issue = issue_of(reference, action="minutes:download")
    match MinutesKind(issue.kind):
        case MinutesKind.DRAFT:
            raise Forbidden("A draft is read in the portal. There is a PDF of it when it is approved.")
        case MinutesKind.FAMILY_SAFE:
            return _for_family(issue)
    open_copies(actor=current(), issue=issue)
    return send(minutes(issue=issue, case=_case_of(issue)))


def _for_family(issue: MinutesIssue) -> ResponseReturnValue:
    """For whoever may hand it over, while nothing is said against contact with the family."""
    meeting = minutes_issues.meeting_of(issue=issue) or abort(404)
    require_handing(meeting)
    try:
        refuse_while_barred(meeting)
    except DomainError as problem:
        page: dict[str, Any] = {
            "issue": issue,
            "meeting": meeting,
            "kind": kind_words(issue),
            "marking": True,
        }
        return render("minutes/family_barred.html", **page, problem=problem)
    return send(minutes(issue=issue, case=None))


def _case_of(issue: MinutesIssue) -> Any:
    """The case that minutes are on, where the reader reads it: a copy gives the minutes alone."""
    children = meetings.children(meeting_id=issue.meeting_id)
    child = next((row for row in children if issue.case_id and row.case_id == issue.case_id), None)
    return case_page.head(reference=child.reference) if child else None
