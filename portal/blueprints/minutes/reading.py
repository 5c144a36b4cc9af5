"""Minutes that one was given: the list, the page of one, and the page to print."""

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import Forbidden, permitted
from portal.access.principal import current
from portal.blueprints.meetings.looking import facts
from portal.blueprints.minutes.blueprint import blueprint
from portal.blueprints.minutes.looking import issue_of
from portal.records.meetings.chairing import runs
from portal.records.meetings.model import Meeting
from portal.records.minutes.copies import open_copies
from portal.records.minutes.family_version import refuse_while_barred, require_handing
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.presenter import minutes as minutes_presenter
from portal.records.minutes.reading import issues as minutes_issues
from portal.records.minutes.vocabulary import MinutesKind
from portal.services.errors import DomainError
from portal.web.page import render


@blueprint.get("/minutes")
@allow("minutes:read_copy", shows="list")
def index() -> ResponseReturnValue:
    """The minutes that the person or their team was given."""
    audit.record("minutes:list")
    return render(
        "minutes/index.html",
        listed=minutes_presenter.own_lines(minutes_issues.mine(person=current())),
        marking=True,
    )


@blueprint.get("/minutes/<reference>")
@allow("minutes:read_copy", shows="child")
def show(reference: str) -> ResponseReturnValue:
    """What one version says. That somebody to whom it was given opens it is kept."""
    issue = issue_of(reference, action="minutes:read")
    if MinutesKind(issue.kind) is MinutesKind.FAMILY_SAFE:
        return _family(issue, printing=False)
    open_copies(actor=current(), issue=issue)
    return _whole(issue, "minutes/show.html")


@blueprint.get("/minutes/<reference>/print")
@allow("minutes:read_copy", shows="child", releases="print")
def print_view(reference: str) -> ResponseReturnValue:
    """Approved minutes on paper; a draft is read here alone."""
    issue = issue_of(reference, action="minutes:print")
    match MinutesKind(issue.kind):
        case MinutesKind.DRAFT:
            raise Forbidden("A draft is read in the portal. It can be printed when it is approved.")
        case MinutesKind.FAMILY_SAFE:
            return _family(issue, printing=True)
    open_copies(actor=current(), issue=issue)
    return _whole(issue, "minutes/print.html")


def _whole(issue: MinutesIssue, template: str) -> ResponseReturnValue:
    meeting = minutes_issues.meeting_of(issue=issue)
    return render(
        template,
        **_around(issue, meeting),
        whole=minutes_presenter.whole(issue),
        draft=MinutesKind(issue.kind) is MinutesKind.DRAFT,
        later=minutes_issues.later_than(issue=issue),
        corrections=minutes_issues.corrections_beside(issue=issue),
        approved=meeting is None or minutes_presenter.is_approved(meeting.state),
        reads_meeting=meeting is not None and runs(meeting),
    )


def _family(issue: MinutesIssue, *, printing: bool) -> ResponseReturnValue:
    meeting: Any = minutes_issues.meeting_of(issue=issue) or abort(404)
    require_handing(meeting)
    page = _around(issue, meeting)
    try:
        refuse_while_barred(meeting)
    except DomainError as problem:
        return render("minutes/family_barred.html", **page, problem=problem)
    return render(
        "minutes/family_print.html" if printing else "minutes/family_show.html",
        **page,
        family=minutes_presenter.for_family(issue.content),
        hand_out=url_for("meetings.hand_over", reference=meeting.reference, issue=issue.reference)
        if permitted(current(), "meeting:run", facts(meeting))
        else "",
    )


def _around(issue: MinutesIssue, meeting: Meeting | None) -> dict[str, Any]:
    return {
        "issue": issue,
        "meeting": meeting,
        "kind": minutes_presenter.kind_words(issue),
        "words": minutes_presenter,
        "marking": True,
    }
