"""Inviting more people to a meeting, withdrawing, writing down answers, and asking for reports later."""

from typing import Any
from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.meetings.blueprint import blueprint
from portal.blueprints.meetings.changing import over
from portal.blueprints.meetings.guests import guests_of, offer_guests, sends
from portal.blueprints.meetings.looking import around, run_by
from portal.records.children import presenter as child_page
from portal.records.meetings.forms.changes import ByHandForm, InviteMoreForm, ReportsForm, WithdrawForm
from portal.records.meetings.invitations import Invitee, invite, withdraw
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.presenter.call import inside_roles, teams_of
from portal.records.meetings.presenter.words import invited_lines
from portal.records.meetings.reading import calls as meeting_calls
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.replies import reply_by_hand
from portal.records.meetings.reports import Report, ask_for_reports, reports_to_ask
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.people.reading import teams
from portal.services.errors import DomainError
from portal.vocabulary import Sensitivity
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/meetings/<reference>/invite", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def invite_more(reference: str) -> ResponseReturnValue:
    """Teams, people by name and people without an account who were not invited yet."""
    meeting, form, problem = run_by(reference), InviteMoreForm(), None
    if (stopped := over(meeting)) is not None:
        return stopped
    children = meetings.children(meeting_id=meeting.id)
    sealed = any(one.sensitivity == Sensitivity.SEALED for one in children)
    offer_guests(form, sealed=sealed)
    if sends(form):
        try:
            with attempt():
                invited = _invite(meeting, guests_of(form, lambda sector: sector in meeting.required_sectors))
        except DomainError as refused:
            problem = refused
        else:
            flash(f"{invited} more invited. Those with an account are told")
            return _back(meeting)
    invited_rows = meetings.invited(meeting_id=meeting.id)
    return render(
        "meetings/invite.html",
        **around(meetings.page(reference=meeting.reference)),
        form=form,
        problem=problem,
        sealed=sealed,
        here=request.path,
        teams=teams_of(
            () if sealed else teams.teams_to_choose(),
            on_case=meeting_calls.teams_on(case_ids=[one.case_id for one in children if one.case_id]),
            ticked=form.teams.data or (),
            roles=form.roles_of_teams,
            sought=form.said("find"),
            without={one.team_id for one in invited_rows},
        ),
        open_others=bool(form.said("find")),
        inside_roles=inside_roles(),
    )


@blueprint.route("/meetings/<reference>/invitations/<uuid:invitation_id>/withdraw", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def withdraw_one(reference: str, invitation_id: UUID) -> ResponseReturnValue:
    """Take one invitation back, with a reason."""
    meeting = run_by(reference)
    found, form, problem = _found(meeting, invitation_id), WithdrawForm(), None
    if (stopped := over(meeting)) is not None:
        return stopped
    if form.validate_on_submit():
        try:
            with attempt():
                withdraw(actor=current(), meeting=meeting, invitation=found, reason=form.said("reason"))
        except DomainError as refused:
            problem = refused
        else:
            flash("Withdrawn")
            return _back(meeting)
    return _page("meetings/withdraw.html", meeting, form, problem, found)


@blueprint.route("/meetings/<reference>/invitations/<uuid:invitation_id>/answer", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def answer_by_hand(reference: str, invitation_id: UUID) -> ResponseReturnValue:
    """Write down what somebody without an account answered."""
    meeting = run_by(reference)
    found, problem = _found(meeting, invitation_id), None
    form = ByHandForm(
        data={"reply": found.reply, "reason": found.reply_reason, "version": str(found.version)}
    )
    if (stopped := over(meeting)) is not None:
        return stopped
    if form.validate_on_submit():
        try:
            with attempt():
                reply_by_hand(
                    actor=current(),
                    meeting=meeting,
                    invitation=found,
                    reply=InvitationReply(form.said("reply")),
                    reason=form.said("reason") if form.reply.data == InvitationReply.APOLOGIES else "",
                    version=form.seen_version,
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("The answer is written down")
            return _back(meeting)
    return _page("meetings/by_hand.html", meeting, form, problem, found)


@blueprint.route("/meetings/<reference>/reports", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def ask_reports(reference: str) -> ResponseReturnValue:
    """Ask everybody who is invited and was not asked yet for a report."""
    meeting, form, problem = run_by(reference), ReportsForm(), None
    if (stopped := over(meeting)) is not None:
        return stopped
    if not form.is_submitted():
        form.start()
    if form.validate_on_submit():
        try:
            with attempt():
                report = Report(form.said("question"), form.said("why"))
                made = ask_for_reports(actor=current(), meeting=meeting, report=report)
        except DomainError as refused:
            problem = refused
        else:
            flash("1 report is asked for" if len(made) == 1 else f"{len(made)} reports are asked for")
            return _back(meeting)
    names = {one.case_id: child_page.full_name(one) for one in meetings.children(meeting_id=meeting.id)}
    whom = {
        key: one.whom
        for row, one in _invited(meeting)
        for key in (row.user_id, row.team_id)
        if key is not None
    }
    return render(
        "meetings/reports.html",
        **around(meetings.page(reference=meeting.reference)),
        form=form,
        problem=problem,
        here=request.path,
        wanted=[
            (names[one.case.id], [whom[key] for key in one.everyone])
            for one in reports_to_ask(actor=current(), meeting=meeting)
        ],
    )


def _invite(meeting: Meeting, guests: list[Invitee]) -> int:
    if not guests:
        raise DomainError("Choose or name somebody to invite")
    for guest in guests:
        invite(actor=current(), meeting=meeting, invitee=guest)
    return len(guests)


def _invited(meeting: Meeting) -> list[tuple[Any, Any]]:
    rows = meetings.invited(meeting_id=meeting.id)
    return list(zip(rows, invited_lines(rows), strict=True))


def _found(meeting: Meeting, invitation_id: UUID) -> Invitation:
    return meetings.find_invitation_to(meeting_id=meeting.id, invitation_id=invitation_id) or abort(404)


def _page(
    template: str, meeting: Meeting, form: Any, problem: DomainError | None, found: Invitation
) -> ResponseReturnValue:
    line = next((one for row, one in _invited(meeting) if row.id == found.id), None) or abort(404)
    return render(
        template,
        **around(meetings.page(reference=meeting.reference)),
        form=form,
        problem=problem,
        here=request.path,
        line=line,
    )


def _back(meeting: Meeting) -> ResponseReturnValue:
    return see_other(url_for("meetings.show", reference=meeting.reference, _anchor="invited"))
