"""Inviting more people to a meeting, what they answer, and asking for reports later."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Facts, require
from portal.access.principal import current
from portal.blueprints.cases.involved import people_of
from portal.blueprints.meetings import blueprint, invitation_of, page_context, record_look, run_by
from portal.blueprints.meetings.calling import ask_who_learns, guests_of, offer_guests, only_changes_page
from portal.blueprints.meetings.changing import over
from portal.changes.errors import DomainError
from portal.pathway.states import COMING_MEETING_STATES
from portal.records.cases.reading import records as case_records
from portal.records.children import presenter as child_page
from portal.records.meetings import invitations
from portal.records.meetings.chairing import cases_of
from portal.records.meetings.forms.calling import QUESTION, WHY, InviteForm, ReplyForm
from portal.records.meetings.forms.day import ByHandForm, ReportsForm, WithdrawForm
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.preparing import Report, ask_for_reports, reports_to_ask
from portal.records.meetings.presenter import words
from portal.records.meetings.reading import calls as meeting_calls
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.people.reading import agencies
from portal.vocabulary import Sensitivity
from portal.web.filters import lower_first
from portal.web.page import render, see_other
from portal.web.steps import StepsOn, Words, take

_INVITE = "meetings/invite.html"


def _around(meeting: Meeting) -> dict[str, Any]:
    return page_context(meetings.page(reference=meeting.reference))


def _invited_on_page(meeting: Meeting) -> str:
    return url_for("meetings.show", reference=meeting.reference, _anchor="invited")


_on_meeting = StepsOn[Meeting](lambda meeting: {"meeting": meeting}, page=_around, to=_invited_on_page)


@blueprint.route("/meetings/<reference>/invite", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def invite_more(reference: str) -> ResponseReturnValue:
    """Teams, people by name and people without an account who were not invited yet."""
    meeting, form = run_by(reference), InviteForm()
    if (stopped := over(meeting)) is not None:
        return stopped
    children = meetings.children(meeting_id=meeting.id)
    sealed = any(one.sensitivity == Sensitivity.SEALED for one in children)
    offer_guests(form, sealed=sealed)
    if only_changes_page():
        return render(_INVITE, **_whom_to_invite(meeting, children, form, sealed=sealed), form=form)
    return take(
        form,
        lambda: _invite(meeting, form),
        template=_INVITE,
        page=lambda: _whom_to_invite(meeting, children, form, sealed=sealed),
        to=_invited_on_page(meeting),
        done=lambda invited: f"{invited} more invited",
    )


@blueprint.route("/meetings/<reference>/invitations/<uuid:invitation_id>/withdraw", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def withdraw_one(reference: str, invitation_id: UUID) -> ResponseReturnValue:
    """Take one invitation back, with a reason."""
    meeting = run_by(reference)
    found, form = _found(meeting, invitation_id), WithdrawForm()
    if (stopped := over(meeting)) is not None:
        return stopped
    return _on_meeting.take(
        meeting,
        form,
        partial(invitations.withdraw, invitation=found, reason=form.said("reason")),
        lambda: _withdrawing(_line(meeting, found)),
        done="You withdrew the invitation",
    )


@blueprint.route("/meetings/<reference>/invitations/<uuid:invitation_id>/answer", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def answer_by_hand(reference: str, invitation_id: UUID) -> ResponseReturnValue:
    """Write down what somebody without an account answered."""
    meeting = run_by(reference)
    found = _found(meeting, invitation_id)
    form = ByHandForm(
        data={"reply": found.reply, "reason": found.reply_reason, "version": str(found.version)}
    )
    if (stopped := over(meeting)) is not None:
        return stopped
    return _on_meeting.take(
        meeting,
        form,
        lambda **given: invitations.reply_by_hand(
            invitation=found, reply=form.answer, reason=form.why, **given
        ),
        lambda: Words(
            heading=f"Write down what {_line(meeting, found).whom} answered",
            title="Write down an answer",
            button="Save the answer",
        ),
        done="The answer is written down",
    )


@blueprint.route("/meetings/<reference>/reports", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def ask_reports(reference: str) -> ResponseReturnValue:
    """Ask everybody who is invited and was not asked yet for a report."""
    meeting, form = run_by(reference), ReportsForm()
    if (stopped := over(meeting)) is not None:
        return stopped
    form.prefill(question=QUESTION, why=WHY)
    return _on_meeting.take(
        meeting,
        form,
        partial(ask_for_reports, report=Report(form.said("question"), form.said("why"))),
        template="meetings/reports.html",
        page=lambda: _around(meeting) | {"wanted": _wanted(meeting)},
        done=lambda made: "1 report is asked for" if len(made) == 1 else f"{len(made)} reports are asked for",
    )


def _invite(meeting: Meeting, form: InviteForm) -> int:
    guests = guests_of(form, lambda sector: sector in meeting.required_sectors)
    if not guests:
        raise DomainError("Choose or name somebody to invite")
    ask_who_learns(form, cases_of(meeting), guests)
    for guest in guests:
        invitations.invite(actor=current(), meeting=meeting, invitee=guest)
    return len(guests)


def _invited(meeting: Meeting) -> list[tuple[Any, words.Invited]]:
    rows = meetings.invited(meeting_id=meeting.id)
    return list(zip(rows, words.invited_lines(rows), strict=True))


def _found(meeting: Meeting, invitation_id: UUID) -> Invitation:
    return meetings.find_invitation_to(meeting_id=meeting.id, invitation_id=invitation_id) or abort(404)


def _line(meeting: Meeting, found: Invitation) -> words.Invited:
    return next((one for row, one in _invited(meeting) if row.id == found.id), None) or abort(404)


def _withdrawing(line: words.Invited) -> Words:
    told = (
        "Tell them by hand."
        if line.by_hand
        else "They then no longer see who the child is, unless they work on the case."
    )
    return Words(
        heading=f"Withdraw the invitation of {line.whom}",
        title="Withdraw an invitation",
        lead=[f"{line.of}, as {lower_first(line.role)}. {told}"],
        button="Withdraw the invitation",
        warns=True,
    )


def _wanted(meeting: Meeting) -> list[tuple[str, list[str]]]:
    """Of whom a report is asked, by the name of each child."""
    names = {one.case_id: child_page.full_name(one) for one in meetings.children(meeting_id=meeting.id)}
    whom = {
        key: one.whom
        for row, one in _invited(meeting)
        for key in (row.user_id, row.team_id)
        if key is not None
    }
    asked = reports_to_ask(actor=current(), meeting=meeting)
    return [(names[one.case.id], [whom[key] for key in one.everyone]) for one in asked]


def _whom_to_invite(
    meeting: Meeting, children: Sequence[Any], form: InviteForm, *, sealed: bool
) -> dict[str, Any]:
    teams_offered = words.teams_of(
        () if sealed else agencies.teams_to_choose(),
        on_case=meeting_calls.teams_on(case_ids=[one.case_id for one in children if one.case_id]),
        ticked=form.teams.data or (),
        roles=form.roles_of_teams,
        sought=form.said("find"),
        without={one.team_id for one in meetings.invited(meeting_id=meeting.id)},
    )
    return _around(meeting) | {
        "sealed": sealed,
        "here": request.path,
        "teams": teams_offered,
        "open_others": bool(form.said("find")),
        "inside_roles": words.inside_roles(),
    }


_TEMPLATE = "meetings/invitation.html"


@blueprint.get("/invitations/<reference>")
@allow("meeting:view", shows="child")
def invitation(reference: str) -> ResponseReturnValue:
    """An invitation: who it is about, when and where. Others who see it get the meeting, and so does whoever
    had it until it was withdrawn and reads the meeting all the same.
    """
    found = invitation_of(reference, withdrawn=True)
    if found.withdrawn_at is not None or not invitations.is_invited(current(), found):
        return see_other(url_for("meetings.show", reference=meetings.meeting_of(invitation=found).reference))
    return render(_TEMPLATE, **_page(found), form=_form(found))


@blueprint.post("/invitations/<reference>")
@allow("invitation:reply", shows="child")
def answer_invitation(reference: str) -> ResponseReturnValue:
    """Coming, apologies or a deputy."""
    found = invitation_of(reference)
    require(current(), "invitation:reply", Facts(receiver=invitations.is_invited(current(), found)))
    form = _form(found)
    return take(
        form,
        lambda: invitations.reply(
            actor=current(),
            meeting=meetings.meeting_of(invitation=found),
            invitation=found,
            answer=_answer(form),
        ),
        template=_TEMPLATE,
        page=lambda: _page(found),
        to=url_for("meetings.invitation", reference=found.reference),
        done=lambda _: (
            f"Your answer is in: {words.reply_words(found.reply).lower()}. "
            "You can change it until the meeting"
        ),
    )


def _answer(form: ReplyForm) -> invitations.Answer:
    deputy = form.deputy_id
    return invitations.Answer(
        reply=form.answer,
        reason=form.said("reason") if form.answer is InvitationReply.APOLOGIES else "",
        deputy=case_records.find_person(user_id=deputy) or abort(404) if deputy else None,
        version=form.seen_version,
    )


def _form(found: Invitation) -> ReplyForm:
    person = current()
    colleagues = [one for one in people_of(found.agency_id) if one.value != str(person.user_id)]  # type: ignore[arg-type]  # of an agency, or it is nobody’s to answer
    return ReplyForm.asking(
        colleagues,
        for_team=found.user_id is None,
        deputies=found.role not in {"chair", "note_taker"} and found.comes_id != person.user_id,
        reply=found.reply if found.reply != InvitationReply.WAITING else "",
        reason=found.reply_reason or "",
        deputy=str(found.comes_id) if found.reply == InvitationReply.DEPUTY else "",
        version=str(found.version),
    )


def _page(found: Invitation) -> dict[str, Any]:
    reference = meetings.meeting_of(invitation=found).reference
    meeting: Any = meetings.page(reference=reference) or abort(404)
    record_look(meeting, action="invitation:view")
    return page_context(meeting) | {
        "invitation": found,
        "children": meetings.children(meeting_id=meeting.id),
        "headings": meetings.agenda(meeting_id=meeting.id),
        "reports": meetings.own_reports(meeting_id=meeting.id, person=current()),
        "role": words.role_words(found.role),
        "answered": words.reply_words(found.reply, over=words.is_over(meeting)),
        "tag": words.REPLY_TAGS[found.reply],
        "comes": case_records.find_person(user_id=found.comes_id) if found.comes_id else None,
        "can_answer": meeting.state in COMING_MEETING_STATES and not found.walk_in,
    }
