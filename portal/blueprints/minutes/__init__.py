"""Minutes on their way out: drafts, corrections, approval, distribution, the family’s version, own copies.

Here are those one was given, the versions of a meeting, what the views share, and the version for the child
and family: choosing passages, the preview, and the chair’s yes to each.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import Forbidden, permitted, require
from portal.access.principal import current
from portal.blueprints.meetings import facts, page_context, view_meeting
from portal.changes.errors import DomainError
from portal.pathway.references import Prefix, read_reference
from portal.records.assessments.presenter import level_label
from portal.records.cases.model import Case
from portal.records.children.presenter import full_name
from portal.records.disclosures.presenter import send
from portal.records.entries.reading import case_page
from portal.records.meetings.chairing import case_of, runs
from portal.records.meetings.external_copies import family_barred
from portal.records.meetings.model import Meeting
from portal.records.meetings.presenter.words import state_words
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes import family_version as family
from portal.records.minutes.copies import open_copies
from portal.records.minutes.document import minutes
from portal.records.minutes.family_version import refuse_while_barred, require_handing
from portal.records.minutes.forms import PassagesForm
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.presenter import minutes as minutes_presenter
from portal.records.minutes.presenter.minutes import paper_strip, strip
from portal.records.minutes.reading import issues as minutes_issues
from portal.records.minutes.reading.content import GIVEN, Opened, given
from portal.records.minutes.reading.issues import Chosen, Passage, chosen, offered
from portal.records.minutes.vocabulary import MinutesKind
from portal.records.minutes.writing import minutes_facts
from portal.web.fields import Choice
from portal.web.listing import ListRoute, ListView, Views
from portal.web.page import render
from portal.web.steps import Link, take

blueprint = Blueprint("minutes", __name__)
#: The page of an issue; the other is for paper.
SHOWN = "minutes/show.html"


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


@blueprint.route("/minutes", methods=["GET", "POST"])
@allow("minutes:read_copy", shows="list")
def index() -> ResponseReturnValue:
    """The minutes that the person or their team was given."""
    views: Views = (("All", {}), (Opened.NO.label, {"opened": [Opened.NO.value]}))
    view = ListView(
        listing=GIVEN,
        source=given(current()),
        route=ListRoute(endpoint="minutes.index", views=views),
        looked="minutes:list",
    )
    return view.page(
        "minutes/index.html",
        lambda found: {"rows": minutes_presenter.own_lines(found.page.rows)},
        open_filters=("opened", "kind"),
        marking=True,
        wide=True,
    )


@blueprint.get("/minutes/<reference>")
@allow("minutes:read_copy", shows="child")
def show(reference: str) -> ResponseReturnValue:
    """What one version says. That somebody to whom it was given opens it is kept."""
    issue = issue_of(reference, action="minutes:read")
    if MinutesKind(issue.kind) is MinutesKind.FAMILY_SAFE:
        return _family(issue, printing=False)
    open_copies(actor=current(), issue=issue)
    return _whole(issue, SHOWN)


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
    approval = minutes_issues.approval_of(issue=issue)
    return render(
        template,
        **_around(issue, meeting),
        alert_strip=strip(issue) if template == SHOWN else paper_strip(issue),
        whole=minutes_presenter.whole(issue),
        draft=MinutesKind(issue.kind) is MinutesKind.DRAFT,
        later=minutes_issues.later_than(issue=issue),
        corrections=minutes_issues.corrections_beside(issue=issue),
        level_since=minutes_issues.level_beside(issue=issue),
        level_label=level_label,
        approval=approval,
        approved=approval is not None,
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
    warnings = [f"{one['label']}: {one['text']}" for one in paper_strip(issue)]
    return send(minutes(issue=issue, case=_case_of(issue), warnings=warnings))


def _for_family(issue: MinutesIssue) -> ResponseReturnValue:
    """For whoever may hand it over, while nothing is said against contact with the family."""
    meeting = minutes_issues.meeting_of(issue=issue) or abort(404)
    require_handing(meeting)
    try:
        refuse_while_barred(meeting)
    except DomainError as problem:
        return render("minutes/family_barred.html", **_around(issue, meeting), problem=problem)
    return send(minutes(issue=issue, case=None))


def _case_of(issue: MinutesIssue) -> Any:
    """The case that minutes are on, where the reader reads it: a copy gives the minutes alone."""
    children = meetings.children(meeting_id=issue.meeting_id)
    child = next((row for row in children if issue.case_id and row.case_id == issue.case_id), None)
    return case_page.head(reference=child.reference) if child else None


@blueprint.get("/meetings/<reference>/versions")
@allow("meeting:view", shows="case")
def versions(reference: str) -> ResponseReturnValue:
    """Where the minutes stand, and what comes next. Who opened them is for those who run the meeting."""
    shown = view_meeting(reference, action="minutes:view")
    meeting = meetings.find_meeting(reference=shown.reference) or abort(404)
    children = meetings.children(meeting_id=meeting.id)
    runs = permitted(current(), "meeting:run", facts(shown, children))
    return render(
        "minutes/versions.html",
        **page_context(shown),
        children=[one for one in children if one.reference],
        waits=minutes_issues.family_waits(meeting_id=meeting.id),
        whose={one.case_id: full_name(one) for one in children if one.reference},
        state=state_words(meeting.state),
        in_draft=meeting.state == MeetingState.MINUTES_IN_DRAFT,
        approved=minutes_presenter.is_approved(meeting.state),
        distributed=meeting.state == MeetingState.DISTRIBUTED,
        versions=minutes_presenter.by_child(minutes_issues.of_meeting(meeting_id=meeting.id)),
        corrections=minutes_issues.corrections(meeting_id=meeting.id),
        copies=minutes_issues.copies(meeting_id=meeting.id) if runs else [],
        words=minutes_presenter,
        runs=runs,
        can={
            name: may(name, meeting)
            for name in ("minutes:circulate", "minutes:approve", "family:choose", "family:confirm")
        },
        barred=family_barred(meeting),
    )


MAKE = "make"
MADE = "The version for the child and family is made. It goes to nobody by itself: hand it over"


@blueprint.route("/meetings/<reference>/family/<case_reference>", methods=["GET", "POST"])
@allow("family:choose", shows="case")
def choose(reference: str, case_reference: str) -> ResponseReturnValue:
    """Every passage on a child with a box to tick; nothing is ticked until somebody does."""
    page, meeting = acting_on(reference, "family:choose")
    child = child_of(meeting, case_reference)
    now = offered(meeting=meeting, case_id=child.case_id)
    kept = chosen(meeting=meeting, case_id=child.case_id, now=now)
    form = _choices(now, kept)
    places = {one.place.code: one.place for one in now}
    return take(
        form,
        lambda: family.choose(
            actor=current(),
            meeting=meeting,
            case_id=child.case_id,
            places=[places[code] for code in form.chosen],
        ),
        template="minutes/family_choose.html",
        page=lambda: page | _to_choose(meeting),
        to=_for("minutes.choose", meeting, child),
        done="Kept. The chair confirms each passage in the preview",
        child=child,
        refused=[one for one in now if one.refused],
        lapsed=[one for one in kept if one.lapsed],
    )


@blueprint.route("/meetings/<reference>/family/<case_reference>/preview", methods=["GET", "POST"])
@allow("family:confirm", shows="case")
def preview(reference: str, case_reference: str) -> ResponseReturnValue:
    """Exactly what the child and family would read; the chair confirms each passage, and makes it."""
    page, meeting = acting_on(reference, "family:confirm")
    child = child_of(meeting, case_reference)
    case = case_of(meeting=meeting, case_id=child.case_id)
    found = chosen(meeting=meeting, case_id=child.case_id)
    kept = [one for one in found if not one.lapsed]
    form = PassagesForm()
    form.offer("passages", [Choice(str(one.id), one.text) for one in kept if not one.confirmed])
    return take(
        form,
        lambda: _confirm_or_make(meeting, case, form),
        template="minutes/family_preview.html",
        page=lambda: page | _to_preview(meeting, case, kept),
        to=lambda made: (
            url_for("minutes.show", reference=made.reference)
            if made
            else _for("minutes.preview", meeting, child)
        ),
        done=lambda made: MADE if made else "Confirmed",
        child=child,
        kept=kept,
        lapsed=len(found) > len(kept),
        waiting=[one for one in kept if not one.confirmed],
    )


def _to_choose(meeting: Meeting) -> dict[str, Any]:
    return {"barred": family_barred(meeting), "confirms": may("family:confirm", meeting)}


def _to_preview(meeting: Meeting, case: Case, kept: Sequence[Chosen]) -> dict[str, Any]:
    content = family.family_content(meeting=meeting, case=case, passages=kept)
    return {
        "family": minutes_presenter.for_family(content),
        "approved": minutes_presenter.is_approved(meeting.state),
        "barred": family_barred(meeting),
    }


def _confirm_or_make(meeting: Meeting, case: Case, form: PassagesForm) -> MinutesIssue | None:
    """The version that was made; None where passages were confirmed."""
    if request.form.get("action") == MAKE:
        return family.make(actor=current(), meeting=meeting, case=case)
    passage_ids = [UUID(one) for one in form.chosen]
    family.confirm(actor=current(), meeting=meeting, case_id=case.id, passage_ids=passage_ids)
    return None


def _choices(now: Sequence[Passage], kept: Sequence[Chosen]) -> PassagesForm:
    standing = [one.place.code for one in kept if not one.lapsed]
    form = PassagesForm(data={"passages": standing})
    form.offer(
        "passages",
        [
            Choice(one.place.code, one.text, hint=f"{one.under}. {one.advice}" if one.advice else one.under)
            for one in now
            if not one.refused
        ],
    )
    return form


def _for(endpoint: str, meeting: Meeting, child: Any) -> str:
    return url_for(endpoint, reference=meeting.reference, case_reference=child.reference)
