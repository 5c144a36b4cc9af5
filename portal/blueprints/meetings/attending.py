"""The day of a meeting: who came, who walked in, and that it was held or could not be."""

from typing import Any

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.meetings.blueprint import blueprint
from portal.blueprints.meetings.guests import colleague
from portal.blueprints.meetings.looking import around, running
from portal.records.meetings import attendance as day
from portal.records.meetings.attendance import BadMarks, add_walk_in
from portal.records.meetings.chairing import refuse_before_its_day
from portal.records.meetings.forms.day import DayForm, WalkInForm
from portal.records.meetings.model import Meeting
from portal.records.meetings.presenter.day import Sheet, missing_words, was_held
from portal.records.meetings.presenter.words import gap_lines, inside_roles, outside_roles
from portal.records.meetings.reading import records as meetings
from portal.records.safety_plans import reading as safety_plans
from portal.services.errors import Conflict, DomainError
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, take
from portal.web.transaction import attempt

#: The buttons that leave it open whether the meeting was held.
KEEP, WALK_IN = "keep", "walk_in"


@blueprint.route("/meetings/<reference>/attendance", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def attendance(reference: str) -> ResponseReturnValue:
    """Who came, whole or in part; kept for now, or with it that the meeting was held."""
    meeting, _, found = running(reference)
    form, sheet = DayForm(), Sheet(meetings.invited(meeting_id=meeting.id), _posted())
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            with attempt():
                said = _record(found, form, sheet)
        except BadMarks as refused:
            sheet.blame(refused.faults)
        except Conflict as refused:
            problem = sheet.take_over(refused)
        except DomainError as refused:
            problem = refused
        else:
            flash(said)
            onward = "walk_in" if request.form.get("action") == WALK_IN else "show"
            return see_other(url_for(f"meetings.{onward}", reference=meeting.reference))
    return _page(meeting, found, form, sheet, problem)


@blueprint.route("/meetings/<reference>/attendance/walk-in", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def walk_in(reference: str) -> ResponseReturnValue:
    """Somebody who came without an invitation."""
    meeting, _, found = running(reference)
    form = WalkInForm()
    form.offer("role", [Choice(*one) for one in inside_roles()], prompt=True)
    form.offer("outside_role", [Choice(*one) for one in outside_roles()], prompt=True)
    attendance_page = url_for("meetings.attendance", reference=meeting.reference)
    return take(
        form,
        lambda: add_walk_in(
            actor=current(),
            meeting=found,
            role=form.said("role" if form.has_account else "outside_role"),
            person=colleague(form.said("email"), field="email") if form.has_account else None,
            outside="" if form.has_account else form.whom,
        ),
        says=lambda: Words(
            heading="Somebody who came without an invitation",
            title=f"Somebody who came without an invitation, {meeting.reference}",
            back=Link(attendance_page, "Who came"),
            nothing=f"{too_early}." if (too_early := _too_early(found)) else "",
            small="Somebody with an account sees the meeting from now on, as the invited do.",
            button="Add them",
        ),
        page=lambda: around(meeting),
        to=attendance_page,
        done="They are on the list, as present",
    )


def _record(meeting: Meeting, form: DayForm, sheet: Sheet) -> str:
    """Do what the button says, and say what was done."""
    marks, reason = sheet.marks(rest=bool(form.rest.data)), form.said("quorum_reason")
    if was_held(meeting):
        day.mark_attendance(actor=current(), meeting=meeting, marks=marks, quorum_reason=reason)
        return "Kept"
    if request.form.get("action") in {KEEP, WALK_IN}:
        day.mark_attendance(actor=current(), meeting=meeting, marks=marks)
        return "Kept. The meeting is not recorded as held yet"
    if form.goes_ahead:
        day.hold(actor=current(), meeting=meeting, marks=marks, quorum_reason=reason)
        return "The meeting is recorded as held"
    day.refuse_to_hold(actor=current(), meeting=meeting, marks=marks)
    return "Who came is kept. Now move the meeting or cancel it, and say who was missing"


def _page(meeting: Any, found: Meeting, form: DayForm, sheet: Sheet, problem: DomainError | None) -> Response:
    asks_about_quorum = bool(problem and problem.field == "quorum_reason") or bool(form.quorum.data)
    if not form.is_submitted():
        form.quorum_reason.data = meeting.quorum_reason
    gaps = gap_lines(meeting, sheet.rows)
    return render(
        "meetings/attendance.html",
        **around(meeting),
        safety_plans=() if was_held(found) else safety_plans.ending_with(meeting_id=meeting.id),
        form=form,
        forms=sheet.forms,
        sheet=sheet,
        problem=problem,
        gaps=[] if was_held(meeting) else gaps,
        lacking=missing_words(meeting, sheet.rows),
        asks_about_quorum=asks_about_quorum or bool(gaps) or bool(meeting.quorum_reason),
        held=was_held(meeting),
        too_early=_too_early(found),
    )


def _posted() -> Any:
    return request.form if request.method == "POST" else None


def _too_early(meeting: Meeting) -> str:
    """Why nothing can be recorded now; empty when it can."""
    try:
        refuse_before_its_day(meeting)
    except DomainError as refused:
        return refused.message
    return ""
