"""The papers that a meeting needs on a child: there, not there yet, or not needed and why."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.meetings.blueprint import blueprint
from portal.blueprints.meetings.looking import around, running
from portal.pathway.references import Prefix, read_reference
from portal.records.meetings.forms.day import PaperForm
from portal.records.meetings.model import Meeting
from portal.records.meetings.papers import PaperMark, mark_paper
from portal.records.meetings.presenter.day import ChildsPapers, child_papers
from portal.records.meetings.reading import records as meetings
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/meetings/<reference>/papers/<case_reference>", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def papers(reference: str, case_reference: str) -> ResponseReturnValue:
    """Say of each paper on one child whether it is there."""
    meeting, children, found = running(reference)
    wanted = read_reference(case_reference, Prefix.CASE) or abort(404)
    child = next((one for one in children if one.reference == wanted), None) or abort(404)
    said, reports = (read(meeting_id=meeting.id) for read in (meetings.papers, meetings.reports))
    (shown,) = child_papers([child], said, reports)
    forms, problem = _forms(shown), None
    wrong = request.method == "POST" and [form for form in forms if not form.validate()]
    if request.method == "POST" and not wrong:
        try:
            with attempt():
                _mark(found, child, shown, forms)
        except DomainError as refused:
            problem = refused
        else:
            flash("Kept")
            return see_other(url_for("meetings.show", reference=meeting.reference))
    return render(
        "meetings/papers.html", **around(meeting), forms=forms, problem=problem, child=child, shown=shown
    )


def _forms(shown: ChildsPapers) -> list[PaperForm]:
    return [
        PaperForm(
            request.form if request.method == "POST" else None,
            kind=one.kind,
            label=one.label,
            mark=one.mark,
            reason=one.reason,
            seen=one.mark,
            version=str(one.version),
        )
        for one in shown.papers
    ]


def _mark(meeting: Meeting, child: Any, shown: ChildsPapers, forms: Sequence[PaperForm]) -> None:
    """Keep what was changed on the page, and leave the rest as somebody may have left it meanwhile."""
    for paper, form in zip(shown.papers, forms, strict=True):
        reason = form.reason.data or "" if form.mark.data == PaperMark.NOT_NEEDED else ""
        if form.mark.data != form.seen.data or (reason and reason != paper.reason):
            mark_paper(
                actor=current(),
                meeting=meeting,
                case_id=child.case_id,
                kind=form.kind,
                mark=PaperMark(form.mark.data),
                reason=reason,
                version=form.seen_version,
            )
