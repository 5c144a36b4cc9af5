"""The page behind an invitation: what the invited may see, and their answer."""

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Facts, require
from portal.access.principal import current
from portal.blueprints.cases.involved import people_of
from portal.blueprints.meetings.blueprint import blueprint
from portal.blueprints.meetings.looking import around, invitation_of, record_look
from portal.pathway.states import COMING_MEETING_STATES
from portal.records.cases.reading import records as case_records
from portal.records.meetings.forms.calling import ReplyForm
from portal.records.meetings.invitations import Answer, is_invited, reply
from portal.records.meetings.model import Invitation
from portal.records.meetings.presenter.words import REPLY_TAGS, reply_words, role_words
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.vocabulary import InvitationReply
from portal.web.page import render, see_other
from portal.web.steps import take

_TEMPLATE = "meetings/invitation.html"


@blueprint.get("/invitations/<reference>")
@allow("meeting:view", shows="child")
def invitation(reference: str) -> ResponseReturnValue:
    """An invitation: who it is about, when and where. Others who see it get the meeting."""
    found = invitation_of(reference)
    if not is_invited(current(), found):
        return see_other(url_for("meetings.show", reference=meetings.meeting_of(invitation=found).reference))
    return render(_TEMPLATE, **_page(found), form=_form(found))


@blueprint.post("/invitations/<reference>")
@allow("invitation:reply", shows="child")
def answer_invitation(reference: str) -> ResponseReturnValue:
    """Coming, apologies or a deputy."""
    found = invitation_of(reference)
    require(current(), "invitation:reply", Facts(receiver=is_invited(current(), found)))
    form = _form(found)
    return take(
        form,
        lambda: reply(
            actor=current(),
            meeting=meetings.meeting_of(invitation=found),
            invitation=found,
            answer=_answer(form),
        ),
        template=_TEMPLATE,
        page=lambda: _page(found),
        to=url_for("meetings.invitation", reference=found.reference),
        done=lambda _: (
            f"Your answer is in: {reply_words(found.reply).lower()}. You can change it until the meeting"
        ),
    )


def _answer(form: ReplyForm) -> Answer:
    deputy = form.deputy_id
    return Answer(
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
    return around(meeting) | {
        "invitation": found,
        "children": meetings.children(meeting_id=meeting.id),
        "headings": meetings.headings(meeting_id=meeting.id),
        "reports": meetings.own_reports(meeting_id=meeting.id, person=current()),
        "role": role_words(found.role),
        "answered": reply_words(found.reply),
        "tag": REPLY_TAGS[found.reply],
        "comes": case_records.find_person(user_id=found.comes_id) if found.comes_id else None,
        "can_answer": meeting.state in COMING_MEETING_STATES,
    }
