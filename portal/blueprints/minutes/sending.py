"""Sending a draft round, correcting it, approving the minutes, and distributing them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Forbidden
from portal.access.principal import current
from portal.blueprints.minutes import acting_on, blueprint, issue_of
from portal.pathway.references import Prefix, read_reference
from portal.records.assessments.presenter import level_label
from portal.records.meetings.chairing import cases_of
from portal.records.meetings.external_copies import family_barred
from portal.records.meetings.model import Meeting
from portal.records.meetings.presenter.day import name_of
from portal.records.meetings.presenter.words import role_words
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.vocabulary import Attendance, MeetingState
from portal.records.minutes import copies, forms, meeting_levels
from portal.records.minutes import issues as minutes
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.presenter import minutes as minutes_presenter
from portal.records.minutes.presenter.live import said_line
from portal.records.minutes.presenter.record_sheet import left_open
from portal.records.minutes.reading import issues as minutes_issues
from portal.records.minutes.reading import records
from portal.records.minutes.vocabulary import MinutesKind
from portal.records.people.reading.agencies import team_names
from portal.web.fields import Choice
from portal.web.filters import moment
from portal.web.page import see_other
from portal.web.steps import Link, StepsOn, Words, take

_on_minutes = StepsOn[tuple[dict[str, Any], Meeting]](
    lambda on: {"meeting": on[1]}, page=lambda on: on[0], to=lambda on: str(on[0]["back"].href)
)


@blueprint.route("/meetings/<reference>/versions/circulate", methods=["GET", "POST"])
@allow("minutes:circulate", shows="case")
def circulate(reference: str) -> ResponseReturnValue:
    """Who gets the draft and is asked for corrections; and sending it."""
    page, meeting = on = acting_on(reference, "minutes:circulate")
    form = forms.CirculateForm()
    form.offer("by_hand", _to_tell(meeting))
    return _on_minutes.take(
        on,
        form,
        lambda **given: minutes.circulate(by_hand=form.invitation_ids, **given),
        template="minutes/circulate.html",
        page=lambda: page | _to_circulate(meeting),
        sends=lambda: _written(meeting),
        done=lambda made: (
            "The draft goes out to those of them who have an account" if made else _nothing_sent()
        ),
    )


def _nothing_sent() -> str:
    """Say what was not done, where nothing was: that is no “Done”."""
    flash("Nothing has changed since the last draft, so it does not go out again", "problem")
    return ""


@blueprint.route("/meetings/<reference>/versions/approve", methods=["GET", "POST"])
@allow("minutes:approve", shows="case")
def approve(reference: str) -> ResponseReturnValue:
    """The chair approves what is written, which stands from then on."""
    page, meeting = on = acting_on(reference, "minutes:approve")
    form = forms.ApproveForm()
    form.offer("without", _not_made(meeting))
    return _on_minutes.take(
        on,
        form,
        lambda **given: minutes.approve(
            leave_open=bool(form.leave_open.data),
            without=form.done_without,
            reason=form.said("reason"),
            **given,
        ),
        template="minutes/approve.html",
        page=lambda: page | _to_approve(meeting),
        sends=lambda: _written(meeting),
        done="The minutes are approved. They are not distributed yet",
    )


@blueprint.route("/meetings/<reference>/versions/distribute", methods=["GET", "POST"])
@allow("minutes:distribute", shows="case")
def distribute(reference: str) -> ResponseReturnValue:
    """The chair chooses who receives the approved minutes; all who were invited are ticked to begin with."""
    if request.method == "POST" and _is_done(reference):
        return see_other(url_for("minutes.index"))
    page, meeting = on = acting_on(reference, "minutes:distribute")
    invited = [row for row in meetings.invited(meeting_id=meeting.id) if row.agency and not row.has_left]
    before = {case.id: case.reference for case in cases_of(meeting)}
    form = _offering(meeting, invited)
    return _on_minutes.take(
        on,
        form,
        lambda **given: minutes.distribute(
            invitation_ids=form.invitation_ids, teams=form.case_teams, **given
        ),
        template="minutes/distribute.html",
        page=lambda: page | _to_distribute(meeting),
        to=url_for("minutes.index"),
        done=lambda _: _distributed(before, {case.id for case in cases_of(meeting)}),
    )


def _distributed(before: Mapping[UUID, str], still: Collection[UUID]) -> str:
    """What is said once the minutes are out: the reach of the meeting has ended, and whoever reads a case for
    another reason reads it still.

    Args:
        before: the cases that the chair read until now, with their references.
        still: those of them that they read now.
    """
    said = "The minutes are distributed"
    kept = [reference for case_id, reference in before.items() if case_id in still]
    on = "case" if len(before) == 1 else "cases"
    if before and not kept:
        return f"{said}. Your reach on the {on} through this meeting has ended"
    if len(kept) < len(before):
        return f"{said}. Your reach through this meeting has ended. You still read {' and '.join(kept)}"
    return f"{said}. You still read the {on}, for another reason than this meeting" if kept else said


def _written(meeting: Meeting) -> Mapping[str, str]:
    """What stands in the record. Its boxes and lines keep whatever is typed, so that words which must not be
    disclosed are asked about when it is sent on.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for row in records.headings(meeting_id=meeting.id):
        found[row.heading].append(row.text)
    for row in records.decisions(meeting_id=meeting.id):
        if not row.withdrawn_at:
            found["Decisions"] += [row.text, row.reason or ""]
    for row in records.actions(meeting_id=meeting.id):
        found["Actions"] += [row.what, row.measure or ""]
    return {name: "\n".join(texts) for name, texts in found.items()}


def _to_circulate(meeting: Meeting) -> dict[str, Any]:
    rows = meetings.invited(meeting_id=meeting.id)
    return {
        "open": meeting.state == MeetingState.MINUTES_IN_DRAFT,
        "asked": [_line(row) for row in rows if row.agency and _is_asked(row) and not row.has_left],
        "left_open": left_open(meeting.id, meetings.children(meeting_id=meeting.id)),
        "left": [_line(row) for row in rows if row.agency and _is_asked(row) and row.has_left],
    }


def _to_tell(meeting: Meeting) -> list[Choice]:
    """Those without an account who took part or sent apologies."""
    rows = meetings.invited(meeting_id=meeting.id)
    told = [row for row in rows if row.external_name and _is_asked(row)]
    return [Choice(str(row.id), name_of(row), role_words(row.role)) for row in told]


def _to_approve(meeting: Meeting) -> dict[str, Any]:
    return {
        "open": meeting.state == MeetingState.MINUTES_IN_DRAFT,
        "waiting": minutes.open_corrections(meeting=meeting),
        "left_open": left_open(meeting.id, meetings.children(meeting_id=meeting.id)),
        "typed": [said_line(row) for row in records.lines(meeting_id=meeting.id) if not row.added],
    }


def _not_made(meeting: Meeting) -> list[Choice]:
    """The corrections that were taken, and whose words are still those of the draft."""
    in_draft = meeting.state == MeetingState.MINUTES_IN_DRAFT
    unmade = {one.id for one in minutes.unmade_corrections(meeting=meeting)} if in_draft else set()
    rows = minutes_issues.corrections(meeting_id=meeting.id) if unmade else ()
    return [Choice(str(row.id), row.text, _who_asked(row)) for row in rows if row.id in unmade]


def _who_asked(row: Any) -> str:
    return f"{row.asked_by}, {row.agency}" + (f", on “{row.heading}”" if row.heading else "")


def _to_distribute(meeting: Meeting) -> dict[str, Any]:
    return {
        "open": meeting.state == MeetingState.APPROVED,
        "by_hand": [one.external_name for one in copies.without_copy(meeting=meeting)],
        "barred": family_barred(meeting),
        "levels_waiting": [
            f"{level_label(one.level).lower()}, {case.reference}"
            for case in cases_of(meeting)
            if (one := meeting_levels.waiting(case=case)) is not None
        ],
    }


def _is_done(reference: str) -> bool:
    """Whether the chair has distributed them already, which ended their own reach: a button pressed twice."""
    known = read_reference(reference, Prefix.MEETING)
    shown = meetings.page(reference=known) if known else None
    return bool(shown and shown.state == MeetingState.DISTRIBUTED and shown.chair_id == current().user_id)


def _offering(meeting: Meeting, invited: Sequence[Any]) -> forms.DistributeForm:
    everybody = [str(row.id) for row in invited]
    form = forms.DistributeForm(data={"to": everybody})
    if request.method == "GET":
        form.to.data = everybody
    form.offer("to", [Choice(str(row.id), *_line(row)) for row in invited])
    cases = cases_of(meeting)
    several = len(cases) > 1
    working = {case: minutes.teams_on(case) for case in cases}
    names = team_names(ids={team.id for teams in working.values() for team in teams})
    form.offer(
        "teams",
        [
            Choice(
                f"{case.id}:{team.id}",
                names[team.id],
                hint=f"Case {case.reference}" if several else "",
            )
            for case, teams in working.items()
            for team in teams
        ],
    )
    return form


def _line(row: Any) -> tuple[str, str]:
    """Who is invited, with whoever was to come for them: both are told, and read it."""
    who = name_of(row)
    both = f"{who}, and {row.comes}, who was to come for them" if row.comes and row.comes != who else who
    return both, f"{role_words(row.role)}, {row.agency}"


def _is_asked(row: Any) -> bool:
    return bool(row.attendance) and Attendance(row.attendance) in minutes.ASKED_TO_CORRECT


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
        says=lambda: _asking_words(issue),
        to=_address(issue),
        done=lambda _: (
            "The minutes are approved. What you wrote is on record as a note beside them"
            if minutes_issues.approval_of(issue=issue)
            else "What you asked for is on record"
        ),
        marking=True,
    )


def _asking(issue: MinutesIssue) -> forms.CorrectionForm:
    form = forms.CorrectionForm()
    headings = [Choice(one["item_id"], one["heading"]) for one in issue.content["items"]]
    form.offer("about", headings)
    return form


def _asking_words(issue: MinutesIssue) -> Words:
    kind, approval = minutes_presenter.kind_words(issue), minutes_issues.approval_of(issue=issue)
    becomes = (
        f"The minutes were approved on {moment(approval.at)} by {approval.by}, and stand. What you write"
        " changes no text: it is kept as a note beside them."
        if approval
        else "The chair or the note-taker answers."
    )
    heading = "Add a note beside the minutes" if approval else "Ask for a correction"
    return Words(
        heading=heading,
        title=f"{heading}, {issue.reference}",
        caption=f"{kind}, {issue.reference}",
        back=Link(_address(issue), kind),
        lead=[f"{becomes} Everybody who works on the case reads it."],
        button="Add the note" if approval else "Ask for the correction",
    )


def _address(issue: MinutesIssue) -> str:
    return url_for("minutes.show", reference=issue.reference)


@blueprint.route("/meetings/<reference>/corrections/<uuid:correction_id>", methods=["GET", "POST"])
@allow("minutes:circulate", shows="case")
def settle(reference: str, correction_id: UUID) -> ResponseReturnValue:
    """What becomes of a correction, and what whoever asked is told."""
    page, meeting = on = acting_on(reference, "minutes:circulate")
    copies.find_correction(meeting=meeting, correction_id=correction_id)
    row = next(one for one in minutes_issues.corrections(meeting_id=meeting.id) if one.id == correction_id)
    form = forms.SettleCorrectionForm()
    return _on_minutes.take(
        on,
        form,
        lambda **given: copies.settle(
            correction_id=correction_id, taken=form.is_taken, answer=form.said("answer"), **given
        ),
        template="minutes/settle.html",
        page=lambda: page | _standing(meeting, row),
        done=lambda made: (
            "You answered the correction. It changes no text: change the record next"
            if made.taken
            else "You answered the correction"
        ),
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
