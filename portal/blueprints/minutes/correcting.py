"""Asking for a correction of minutes, and answering one."""

from typing import Any
from uuid import UUID

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Forbidden
from portal.access.principal import current
from portal.blueprints.minutes.blueprint import blueprint
from portal.blueprints.minutes.looking import acting_on, issue_of
from portal.model import new_id
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes import copies
from portal.records.minutes.forms import CorrectionForm, SettleCorrectionForm
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.presenter import minutes as minutes_presenter
from portal.records.minutes.reading import issues as minutes_issues
from portal.records.minutes.vocabulary import MinutesKind
from portal.web.fields import Choice
from portal.web.steps import Link, Words, take


@blueprint.route("/minutes/<reference>/correct", methods=["GET", "POST"])
@allow("minutes:correct", shows="child")
def correct(reference: str) -> ResponseReturnValue:
    """Say what is wrong in minutes that one may read. What was approved stands: it becomes a note then."""
    issue = issue_of(reference, action="minutes:read")
    if MinutesKind(issue.kind) is MinutesKind.FAMILY_SAFE:
        raise Forbidden("Ask for the correction in the professional version.")
    form = _asking(issue)
    return take(
        form,
        lambda: copies.ask(
            actor=current(),
            issue=issue,
            text=form.said("text"),
            item_id=form.item_id,
            once=form.nonce,
        ),
        says=_asking_words(issue),
        to=_address(issue),
        done="The chair and the note-taker have what you asked for",
        marking=True,
    )


def _asking(issue: MinutesIssue) -> CorrectionForm:
    form = CorrectionForm(data={"once": str(new_id())})
    headings = [Choice(one["item_id"], one["heading"]) for one in issue.content["items"]]
    form.offer("about", headings, prompt=True)
    return form


def _asking_words(issue: MinutesIssue) -> Words:
    kind, approved = minutes_presenter.kind_words(issue), issue.kind == MinutesKind.PROFESSIONAL
    becomes = (
        "These minutes are approved and stand. What you write is kept as a note beside them."
        if approved
        else "The chair or the note-taker answers, and you are told."
    )
    return Words(
        heading="Ask for a correction",
        title=f"Ask for a correction, {issue.reference}",
        caption=f"{kind}, {issue.reference}",
        back=Link(_address(issue), kind),
        lead=[f"{becomes} Everybody who works on the case reads it."],
        button="Add the note" if approved else "Ask for the correction",
    )


def _address(issue: MinutesIssue) -> str:
    return url_for("minutes.show", reference=issue.reference)


@blueprint.route("/meetings/<reference>/corrections/<uuid:correction_id>", methods=["GET", "POST"])
@allow("minutes:circulate", shows="case")
def settle(reference: str, correction_id: UUID) -> ResponseReturnValue:
    """What becomes of a correction, and what whoever asked is told."""
    page, meeting = acting_on(reference, "minutes:circulate")
    copies.find(meeting=meeting, correction_id=correction_id)
    row = next(one for one in minutes_issues.corrections(meeting_id=meeting.id) if one.id == correction_id)
    form = SettleCorrectionForm()
    return take(
        form,
        lambda: copies.settle(
            actor=current(),
            meeting=meeting,
            correction_id=correction_id,
            taken=form.is_taken,
            answer=form.said("answer"),
        ),
        template="minutes/settle.html",
        page=lambda: page | _standing(meeting, row),
        to=page["back"].href,
        done="Answered. Whoever asked is told",
        correction=row,
    )


def _standing(meeting: Meeting, correction: Any) -> dict[str, Any]:
    """Whether it can be answered still, and what became of it."""
    return {
        "open": meeting.state == MeetingState.MINUTES_IN_DRAFT and correction.settled_at is None,
        "became": minutes_presenter.correction_words(
            correction, approved=minutes_presenter.is_approved(meeting.state)
        ),
    }
