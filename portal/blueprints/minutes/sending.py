"""Sending a draft round, approving the minutes, and distributing them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.minutes.blueprint import blueprint
from portal.blueprints.minutes.looking import acting_on
from portal.pathway.references import Prefix, read_reference
from portal.records.meetings.chairing import cases_of
from portal.records.meetings.model import Meeting
from portal.records.meetings.presenter.day import name_of
from portal.records.meetings.presenter.words import role_words
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.vocabulary import Attendance, MeetingState
from portal.records.minutes import issues as minutes
from portal.records.minutes.forms.writing import ApproveForm, DistributeForm, SendForm
from portal.records.people.reading.teams import team_names
from portal.services.errors import DomainError
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/meetings/<reference>/versions/circulate", methods=["GET", "POST"])
@allow("minutes:circulate", shows="case")
def circulate(reference: str) -> ResponseReturnValue:
    """Who gets the draft and is asked for corrections; and sending it."""
    page, meeting = acting_on(reference, "minutes:circulate")
    form, problem = SendForm(), None
    if form.validate_on_submit():
        try:
            with attempt():
                made = minutes.circulate(actor=current(), meeting=meeting)
        except DomainError as refused:
            problem = refused
        else:
            flash("The draft is on its way" if made else "Nothing has changed since the last draft")
            return _back(meeting)
    rows = meetings.invited(meeting_id=meeting.id)
    return render(
        "minutes/circulate.html",
        **page,
        form=form,
        problem=problem,
        open=meeting.state == MeetingState.MINUTES_IN_DRAFT,
        asked=[_line(row) for row in rows if row.agency and _is_asked(row)],
        by_hand=[row.external_name for row in rows if row.external_name],
    )


@blueprint.route("/meetings/<reference>/versions/approve", methods=["GET", "POST"])
@allow("minutes:approve", shows="case")
def approve(reference: str) -> ResponseReturnValue:
    """The chair approves what is written, which stands from then on."""
    page, meeting = acting_on(reference, "minutes:approve")
    form, problem = ApproveForm(), None
    if form.validate_on_submit():
        try:
            with attempt():
                minutes.approve(actor=current(), meeting=meeting, leave_open=bool(form.leave_open.data))
        except DomainError as refused:
            problem = refused
        else:
            flash("The minutes are approved. They are not distributed yet")
            return _back(meeting)
    return render(
        "minutes/approve.html",
        **page,
        form=form,
        problem=problem,
        open=meeting.state == MeetingState.MINUTES_IN_DRAFT,
        waiting=minutes.open_corrections(meeting=meeting),
    )


@blueprint.route("/meetings/<reference>/versions/distribute", methods=["GET", "POST"])
@allow("minutes:distribute", shows="case")
def distribute(reference: str) -> ResponseReturnValue:
    """The chair chooses who receives the approved minutes; all who were invited are ticked to begin with."""
    if request.method == "POST" and _is_done(reference):
        return see_other(url_for("minutes.index"))
    page, meeting = acting_on(reference, "minutes:distribute")
    invited = [row for row in meetings.invited(meeting_id=meeting.id) if row.agency]
    form, problem = _offering(meeting, invited), None
    if form.validate_on_submit():
        try:
            with attempt():
                minutes.distribute(
                    actor=current(),
                    meeting=meeting,
                    invitation_ids=[UUID(one) for one in form.to.data or ()],
                    teams=[_pair(one) for one in form.teams.data or ()],
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("The minutes are distributed. Your reach on the case through this meeting has ended")
            return see_other(url_for("minutes.index"))
    return render(
        "minutes/distribute.html",
        **page,
        form=form,
        problem=problem,
        open=meeting.state == MeetingState.APPROVED,
        by_hand=[row.external_name for row in meetings.invited(meeting_id=meeting.id) if row.external_name],
    )


def _is_done(reference: str) -> bool:
    """Whether the chair has distributed them already, which ended their own reach: a button pressed twice."""
    known = read_reference(reference, Prefix.MEETING)
    shown = meetings.page(reference=known) if known else None
    return bool(shown and shown.state == MeetingState.DISTRIBUTED and shown.chair_id == current().user_id)


def _offering(meeting: Meeting, invited: Sequence[Any]) -> DistributeForm:
    everybody = [str(row.id) for row in invited]
    form = DistributeForm(data={"to": everybody})
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


def _pair(chosen: str) -> tuple[UUID, UUID]:
    """A case and a team, of those on the page, whose choices the form has checked."""
    case_id, _, team_id = chosen.partition(":")
    return UUID(case_id), UUID(team_id)


def _line(row: Any) -> tuple[str, str]:
    return name_of(row), f"{role_words(row.role)}, {row.agency}"


def _is_asked(row: Any) -> bool:
    return bool(row.attendance) and Attendance(row.attendance) in minutes.ASKED_TO_CORRECT


def _back(meeting: Meeting) -> ResponseReturnValue:
    return see_other(url_for("minutes.versions", reference=meeting.reference))
