"""Answering an invitation: coming, apologies with a reason, or a deputy of the same agency."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.meetings.chairing import require_running
from portal.records.meetings.checks import check_can_come, require_ahead
from portal.records.meetings.invitations import CANCEL, CHAIR, NOTE_TAKER, REQUEST, about_invitation
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.people.model.people import User
from portal.services.errors import Conflict, DomainError, Versions
from portal.services.messages import About, tell_people
from portal.services.versions import lock_row


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What somebody answers.

    Args:
        reply: coming, apologies or deputy.
        reason: why they cannot come.
        deputy: who comes instead.
        version: of the invitation when the page was opened.
    """

    reply: InvitationReply
    reason: str = ""
    deputy: User | None = None
    version: int = 0


def is_invited(actor: Principal, invitation: Invitation) -> bool:
    """Whether an invitation is the person's to answer: theirs, their team's, or they come for it."""
    if invitation.agency_id != actor.agency_id:
        return False
    return _is_asked(actor, invitation) or actor.user_id == invitation.comes_id


def _is_asked(actor: Principal, invitation: Invitation) -> bool:
    if invitation.user_id is not None:
        return invitation.user_id == actor.user_id
    return invitation.team_id in actor.team_ids


def reply(*, actor: Principal, meeting: Meeting, invitation: Invitation, answer: Answer) -> None:
    """Answer an invitation, or change one's mind. The chair is told of apologies and deputies.

    Raises:
        Forbidden: the invitation is not the actor's.
        Conflict: it was answered otherwise since the page was opened, also by the actor in another tab.
        DomainError: the meeting is over, no reason was given, or the deputy is of another agency.
    """
    require(actor, "invitation:reply", Facts(receiver=is_invited(actor, invitation)))
    require_ahead(meeting)
    lock_row(invitation)
    _check(actor, invitation, answer)
    comes = _who_comes(actor, invitation, answer)
    if _says(invitation) == (answer.reply, answer.reason.strip() or None, comes):
        return  # a form that was sent twice
    _check_not_answered_meanwhile(invitation, answer, comes)
    _write(actor, invitation, answer)
    _pass_on(actor, meeting, invitation, comes)
    if answer.reply is not InvitationReply.COMING:
        _tell_who_runs_it(actor, meeting, invitation)


def reply_by_hand(
    *,
    actor: Principal,
    meeting: Meeting,
    invitation: Invitation,
    reply: InvitationReply,
    reason: str = "",
    version: int,
) -> None:
    """Write down what somebody without an account said. Saying it twice changes nothing.

    Raises:
        Forbidden: the actor does not run the meeting.
        Conflict: somebody else wrote down another answer since `version`.
        DomainError: the meeting is over, or they have an account and answer for themselves.
    """
    require_running(actor, meeting)
    require_ahead(meeting)
    if invitation.external_name is None:
        raise DomainError("Whoever has an account answers for themselves")
    answer = Answer(reply=reply, reason=reason, version=version)
    lock_row(invitation)
    if _says(invitation) == (answer.reply, answer.reason.strip() or None, None):
        return  # a form that was sent twice
    _check_not_answered_meanwhile(invitation, answer, None)
    _write(actor, invitation, answer)
    db.session.flush()


def _check_not_answered_meanwhile(invitation: Invitation, answer: Answer, comes: UUID | None) -> None:
    if invitation.reply == InvitationReply.WAITING or invitation.version == answer.version:
        return
    raise Conflict(
        "This was answered while you were choosing. Look at both and answer again",
        Versions(
            theirs={
                "Answer": InvitationReply(invitation.reply).label,
                "Reason": invitation.reply_reason or "",
                "Who comes instead": _name(invitation.comes_id),
                "By": _name(invitation.replied_by),
            },
            mine={
                "Answer": answer.reply.label,
                "Reason": answer.reason.strip(),
                "Who comes instead": _name(comes),
            },
            number=invitation.version,
        ),
    )


def _check(actor: Principal, invitation: Invitation, answer: Answer) -> None:
    match answer.reply:
        case InvitationReply.APOLOGIES if not answer.reason.strip():
            raise DomainError("Say why you cannot come", field="reason")
        case InvitationReply.DEPUTY:
            if invitation.role in {CHAIR, NOTE_TAKER}:
                raise DomainError(
                    "Only whoever runs the meeting names another chair or note-taker. Ask them", field="reply"
                )
            if not _is_asked(actor, invitation):
                raise DomainError("You are the deputy. Say that you cannot come, and why", field="reply")
            if answer.deputy is None or answer.deputy.agency_id != invitation.agency_id:
                raise DomainError("Choose a colleague of your agency", field="deputy")
            check_can_come(answer.deputy, field="deputy")
        case InvitationReply.WAITING:
            raise DomainError("Choose whether you come", field="reply")


def _who_comes(actor: Principal, invitation: Invitation, answer: Answer) -> UUID | None:
    if answer.reply is InvitationReply.DEPUTY and answer.deputy:
        return answer.deputy.id
    if answer.reply is InvitationReply.COMING and invitation.user_id != actor.user_id:
        return actor.user_id  # for the team, or the deputy for themselves
    if not _is_asked(actor, invitation):
        return actor.user_id  # a deputy who sends apologies still sees to what they were asked
    return None


def _says(invitation: Invitation) -> tuple[str, str | None, UUID | None]:
    return invitation.reply, invitation.reply_reason, invitation.comes_id


def _write(actor: Principal, invitation: Invitation, answer: Answer) -> None:
    invitation.reply = answer.reply
    invitation.reply_reason = answer.reason.strip() or None
    invitation.replied_by = actor.user_id
    invitation.replied_at = clock.now()
    invitation.version += 1
    audit.record(
        "invitation:reply", subject_kind="invitation", subject_id=invitation.id, reply=answer.reply.value
    )


def _pass_on(actor: Principal, meeting: Meeting, invitation: Invitation, comes: UUID | None) -> None:
    """Whoever no longer comes for them is told, and whoever comes now; each gets the calendar's entry."""
    before, once = invitation.comes_id, str(invitation.version)
    if before is not None and before not in {comes, actor.user_id}:
        about = about_invitation(meeting, invitation, CANCEL)
        tell_people(actor=actor, kind="meeting_cancelled", about=about, people=[before], once=once)
    invitation.comes_id = comes
    db.session.flush()
    if comes is not None and comes != before:
        about = about_invitation(meeting, invitation, REQUEST)
        tell_people(actor=actor, kind="invited", about=about, people=[comes], once=once)


def _tell_who_runs_it(actor: Principal, meeting: Meeting, invitation: Invitation) -> None:
    """The chair; and where the chair does not come, whoever called the meeting and takes its notes."""
    people = {meeting.chair_id}
    if invitation.role == CHAIR:
        people |= {meeting.called_by, meeting.note_taker_id}
    about = About(kind="meeting", id=meeting.id, reference=meeting.reference)
    once = f"{invitation.id}:{invitation.version}"
    tell_people(actor=actor, kind="meeting_reply", about=about, people=people, once=once)


def _name(user_id: UUID | None) -> str:
    return db.session.scalar(select(User.name).where(User.id == user_id)) or "" if user_id else ""
