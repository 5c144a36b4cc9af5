"""Asking for a correction of minutes, and answering one."""

from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Forbidden
from portal.access.principal import current
from portal.blueprints.minutes.blueprint import blueprint
from portal.blueprints.minutes.looking import acting_on, issue_of
from portal.model import new_id
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes import corrections
from portal.records.minutes.forms.writing import CorrectionForm, SettleForm
from portal.records.minutes.presenter import page as minutes_page
from portal.records.minutes.reading import issues as minutes_issues
from portal.records.minutes.vocabulary import MinutesKind
from portal.services.errors import DomainError
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/minutes/<reference>/correct", methods=["GET", "POST"])
@allow("minutes:correct", shows="child")
def correct(reference: str) -> ResponseReturnValue:
    """Say what is wrong in minutes that one may read. What was approved stands: it becomes a note then."""
    issue = issue_of(reference, action="minutes:read")
    if MinutesKind(issue.kind) is MinutesKind.FAMILY_SAFE:
        raise Forbidden("Ask for the correction in the professional version.")
    form, problem = CorrectionForm(data={"once": str(new_id())}), None
    form.offer(
        "about", [Choice(one["item_id"], one["heading"]) for one in issue.content["items"]], prompt=True
    )
    if form.validate_on_submit():
        about = form.said("about")
        try:
            with attempt():
                corrections.ask(
                    actor=current(),
                    issue=issue,
                    text=form.said("text"),
                    item_id=UUID(about) if about else None,
                    once=_once(form.said("once")),
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("The chair and the note-taker have what you asked for")
            return see_other(url_for("minutes.show", reference=issue.reference))
    return render(
        "minutes/correct.html",
        issue=issue,
        kind=minutes_page.kind_words(issue),
        approved=issue.kind == MinutesKind.PROFESSIONAL,
        form=form,
        problem=problem,
        marking=True,
    )


@blueprint.route("/meetings/<reference>/corrections/<uuid:correction_id>", methods=["GET", "POST"])
@allow("minutes:circulate", shows="case")
def settle(reference: str, correction_id: UUID) -> ResponseReturnValue:
    """What becomes of a correction, and what whoever asked is told."""
    page, meeting = acting_on(reference, "minutes:circulate")
    corrections.find(meeting=meeting, correction_id=correction_id)
    row = next(one for one in minutes_issues.corrections(meeting_id=meeting.id) if one.id == correction_id)
    form, problem = SettleForm(), None
    if form.validate_on_submit():
        try:
            with attempt():
                corrections.settle(
                    actor=current(),
                    meeting=meeting,
                    correction_id=correction_id,
                    taken=form.taken.data == "yes",
                    answer=form.said("answer"),
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("Answered. Whoever asked is told")
            return see_other(url_for("minutes.versions", reference=meeting.reference))
    return render(
        "minutes/settle.html",
        **page,
        form=form,
        problem=problem,
        correction=row,
        open=meeting.state == MeetingState.MINUTES_IN_DRAFT and row.settled_at is None,
        became=minutes_page.correction_words(row, approved=minutes_page.is_approved(meeting.state)),
    )


def _once(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
