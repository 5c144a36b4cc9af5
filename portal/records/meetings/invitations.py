"""Inviting teams, people and those without an account to a meeting, and what they answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, Versions, require_text
from portal.changes.versions import lock_row
from portal.extensions import db
from portal.messages.telling import NOBODY, tell, to_people
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.meetings import chairing
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.telling import (
    CANCEL,
    WAS_INVITED,
    about_invitation,
    about_meeting,
    alone,
    in_time,
    tell_invited,
    tell_of_lost_sector,
    tell_on_cases,
    tell_who_comes,
)
from portal.records.meetings.vocabulary import ANSWERED, COMING, INVITED, UNINVITED, InvitationReply
from portal.records.people.model import Team, User
from portal.vocabulary import Sensitivity

CHAIR, NOTE_TAKER = "chair", "note_taker"  # codes of policy meetings.roles that the program knows


@dataclass(frozen=True, kw_only=True)
class Invitee:
    """Whom to invite: one of a team, a person, or by `name` somebody without an account.

    Args:
        role: a code of policy `meetings.roles`.
        required: whether the meeting needs them.
    """

    role: str
    required: bool = False
    team: Team | None = None
    person: User | None = None
    name: str = ""

    @property
    def whom(self) -> str:
        """What stands for them: the same for the same team, person or name."""
        return str(self.person.id if self.person else self.team.id if self.team else _folded(self.name))


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def invite(*, actor: Principal, meeting: Meeting, invitee: Invitee) -> Invitation:
    """Invite somebody to a meeting that has been called; they are told at once.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: the meeting is over; they are invited already or cannot be; it is also on a case that
            the actor does not read, whose child the invited would come to know.
    """
    chairing.require_running(actor, meeting)
    chairing.require_ahead(meeting)
    if not invitee.name:
        chairing.require_reach_on_all(meeting)
    if _held_by(meeting.id, invitee) is not None:
        raise DomainError("They are invited already", field="whom")
    return write_invitations(
        actor=actor, meeting=meeting, cases=chairing.cases_of(meeting), invitees=[invitee]
    )[0]


def write_invitations(
    *, actor: Principal, meeting: Meeting, cases: Sequence[Case], invitees: Iterable[Invitee]
) -> list[Invitation]:
    """Invite because of another step that the actor may take. Nobody is invited twice.

    Raises:
        DomainError: somebody cannot be invited, or a team to the meeting on a sealed case.
    """
    given: dict[str, Invitation] = {}
    for invitee in invitees:
        if invitee.whom in given:
            continue
        _check_invitee(invitee, cases)
        given[invitee.whom] = _write_invitation(actor, meeting, invitee)
    db.session.flush()
    for invitation in given.values():
        _record("invitation:give", invitation)
        tell_invited(actor=actor, meeting=meeting, invitation=invitation, event=INVITED)
    return list(given.values())


def withdraw(*, actor: Principal, meeting: Meeting, invitation: Invitation, reason: str) -> None:
    """Take one invitation back; only whoever had it is told.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: the meeting is over, no reason was given, or it is the chair's or note-taker's.
    """
    chairing.require_running(actor, meeting)
    chairing.require_ahead(meeting)
    require_text(reason, "Say why the invitation is withdrawn", field="reason")
    if invitation.withdrawn_at is not None:
        return  # a form that was sent twice
    if invitation.role in {CHAIR, NOTE_TAKER}:
        raise DomainError("A meeting keeps a chair and a note-taker. Name somebody else for it first")
    withdraw_invitation(actor=actor, meeting=meeting, invitation=invitation, reason=reason)


def withdraw_invitation(*, actor: Principal, meeting: Meeting, invitation: Invitation, reason: str) -> None:
    """Take an invitation back because of another step that the actor may take."""
    # Told first: who comes for a team stands on the invitation, and is known by it.
    tell_invited(actor=actor, meeting=meeting, invitation=invitation, event=UNINVITED, method=CANCEL)
    invitation.withdrawn_at = clock.now()
    invitation.withdrawn_reason = reason.strip()
    invitation.version += 1
    _record("invitation:withdraw", invitation)
    db.session.flush()


def _check_invitee(invitee: Invitee, cases: Sequence[Case]) -> None:
    role = current_policy().meetings.roles.get(invitee.role)
    if role is None or role.outside != bool(invitee.name):
        raise DomainError("Choose the role in which they come", field="role")
    if invitee.person:
        chairing.check_can_come(invitee.person, field="email")
    elif invitee.team:
        if any(case.sensitivity == Sensitivity.SEALED for case in cases):
            raise DomainError(
                "A case of this meeting is sealed. Invite people by name, not a team", field="team"
            )
        if not invitee.team.active:
            raise DomainError("Choose a team that is in use", field="team")
    elif not invitee.name.strip():
        raise DomainError("Say who is invited", field="whom")


def _held_by(meeting_id: UUID, invitee: Invitee) -> Invitation | None:
    """The invitation that this team, person or name has already, or for which this person comes."""
    for one in chairing.live_invitations(meeting_id):
        held = one.user_id or one.team_id or _folded(one.external_name or "")
        comes = invitee.person is not None and invitee.person.id == one.comes_id
        if comes or str(held) == invitee.whom:
            return one
    return None


def _write_invitation(actor: Principal, meeting: Meeting, invitee: Invitee) -> Invitation:
    team = None if invitee.person else invitee.team
    whose = invitee.person or team
    invitation = Invitation(
        id=new_id(),
        reference=new_reference(Prefix.INVITATION),
        meeting_id=meeting.id,
        agency_id=whose.agency_id if whose else None,
        team_id=team.id if team else None,
        user_id=invitee.person.id if invitee.person else None,
        external_name=invitee.name.strip() or None,
        role=invitee.role,
        required=invitee.required,
        invited_by=actor.user_id,
        invited_at=clock.now(),
        reply=InvitationReply.WAITING,
    )
    db.session.add(invitation)
    return invitation


def _record(action: str, invitation: Invitation) -> None:
    audit.record(
        action,
        invitation,
        meeting=str(invitation.meeting_id),
        team=str(invitation.team_id) if invitation.team_id else None,
        person=str(invitation.user_id) if invitation.user_id else None,
    )


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
    """Answer an invitation, or change one's mind. The chair is told of apologies and deputies; that somebody
    comes is news on the cases of the meeting.

    Raises:
        Forbidden: the invitation is not the actor's.
        Conflict: it was answered otherwise since the page was opened, also by the actor in another tab; or
            the meeting was moved, and this is no answer to its new time.
        DomainError: the meeting is over, no reason was given, or the deputy is of another agency.
    """
    require(actor, "invitation:reply", Facts(receiver=is_invited(actor, invitation)))
    chairing.require_ahead(meeting)
    lock_row(invitation)
    _check_answer(actor, invitation, answer)
    comes = _who_comes(actor, invitation, answer)
    if comes is not None and comes != invitation.comes_id:
        _check_comes_once(actor, meeting, invitation, comes)
    if _says(invitation) == (answer.reply, answer.reason.strip() or None, comes):
        return  # a form that was sent twice
    _check_as_it_was(meeting, invitation, answer, comes)
    _write_answer(actor, invitation, answer)
    _pass_on(actor, meeting, invitation, comes)
    if answer.reply is InvitationReply.COMING:
        tell_on_cases(actor=actor, meeting=meeting, event=COMING)
    else:
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
        Conflict: somebody else wrote down another answer since `version`, or the meeting was moved.
        DomainError: the meeting is over, or they have an account and answer for themselves.
    """
    chairing.require_running(actor, meeting)
    chairing.require_ahead(meeting)
    if invitation.external_name is None:
        raise DomainError("Whoever has an account answers for themselves")
    answer = Answer(reply=reply, reason=reason, version=version)
    lock_row(invitation)
    if _says(invitation) == (answer.reply, answer.reason.strip() or None, None):
        return  # a form that was sent twice
    _check_as_it_was(meeting, invitation, answer, None)
    _write_answer(actor, invitation, answer)
    db.session.flush()


def _check_as_it_was(meeting: Meeting, invitation: Invitation, answer: Answer, comes: UUID | None) -> None:
    if invitation.version == answer.version:
        return
    moved = invitation.reply == InvitationReply.WAITING
    raise Conflict(
        "The meeting or your part in it changed while you were choosing. Look when it is and answer again"
        if moved
        else "This was answered while you were choosing. Look at both and answer again",
        Versions(
            theirs={
                **({"The meeting begins": meeting.starts_at} if moved else {}),
                "Answer": InvitationReply(invitation.reply).label,
                "Reason": invitation.reply_reason or "",
                "Who comes": _name(invitation.comes_id),
                "By": _name(invitation.replied_by),
            },
            mine={
                **({"The meeting begins": "When it was before"} if moved else {}),
                "Answer": answer.reply.label,
                "Reason": answer.reason.strip(),
                "Who comes": _name(comes),
            },
            number=invitation.version,
        ),
    )


def _check_answer(actor: Principal, invitation: Invitation, answer: Answer) -> None:
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
            chairing.check_can_come(answer.deputy, field="deputy")
        case InvitationReply.WAITING:
            raise DomainError("Choose whether you come", field="reply")


def _check_comes_once(actor: Principal, meeting: Meeting, invitation: Invitation, person_id: UUID) -> None:
    """Nobody comes by two invitations: they would be told twice, and stand there twice."""
    if not db.session.scalar(select(func.ctx.comes_already(meeting.id, person_id, invitation.id))):
        return
    if person_id == actor.user_id:
        raise DomainError("You come by another invitation. A colleague answers this one", field="reply")
    raise DomainError("They come already by another invitation. Choose another colleague", field="deputy")


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


def _write_answer(actor: Principal, invitation: Invitation, answer: Answer) -> None:
    invitation.reply = answer.reply
    invitation.reply_reason = answer.reason.strip() or None
    invitation.replied_by = actor.user_id
    invitation.replied_at = clock.now()
    invitation.version += 1
    audit.record("invitation:reply", invitation, reply=answer.reply.value)


def _pass_on(actor: Principal, meeting: Meeting, invitation: Invitation, comes: UUID | None) -> None:
    """Whoever no longer comes for them is told, and whoever comes now; each gets the calendar's entry."""
    before, once, when = invitation.comes_id, str(invitation.version), in_time(meeting)
    if before is not None and before not in {comes, actor.user_id}:
        about = about_invitation(meeting, invitation, CANCEL)
        tell(
            actor=actor,
            event=UNINVITED,
            about=about,
            given=alone(before),
            once=once,
            called={Ground.INVITED: WAS_INVITED},
            **when,
        )
    invitation.comes_id = comes
    db.session.flush()
    if comes is not None and comes != before:
        tell_who_comes(actor=actor, meeting=meeting, invitation=invitation, person_id=comes, once=once)


def _tell_who_runs_it(actor: Principal, meeting: Meeting, invitation: Invitation) -> None:
    """The chair; and where the chair does not come, whoever called the meeting and takes its notes. Where
    nobody of a sector that the meeting needs is expected any more, those who lead its cases hear of it, too.
    """
    once = f"{invitation.id}:{invitation.version}"
    given = {
        Ground.CHAIR: to_people(meeting.chair_id),
        Ground.CALLER: NOBODY,
    }
    if invitation.role == CHAIR:
        given[Ground.CALLER] = to_people(meeting.called_by, meeting.note_taker_id)
    about = about_meeting(meeting)
    tell(actor=actor, event=ANSWERED, about=about, given=given, once=once, **in_time(meeting))
    tell_of_lost_sector(actor=actor, meeting=meeting, once=once)


def _name(user_id: UUID | None) -> str:
    return db.session.scalar(select(User.name).where(User.id == user_id)) or "" if user_id else ""
