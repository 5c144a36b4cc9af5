"""Somebody who came to a meeting without an invitation."""

from sqlalchemy import func, or_, select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.versions import insert_with_reference, lock_row
from portal.extensions import db
from portal.messages.telling import About, tell, to_people
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.references import Prefix
from portal.policy import current_policy
from portal.records.cases.grants import check_can_be_named
from portal.records.meetings import chairing
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.telling import only_case
from portal.records.meetings.vocabulary import WALKED_IN, Attendance, InvitationReply
from portal.records.people.model import User


def add_walk_in(
    *, actor: Principal, meeting: Meeting, role: str, person: User | None = None, outside: str = ""
) -> Invitation:
    """Somebody who came without an invitation. With an account they see the meeting as the invited do, and
    the portal says so to them.

    Args:
        role: a code of policy `meetings.roles`; those `outside` are for people without an account.
        person: somebody with an account; they belong to its agency.
        outside: the name of somebody without one, who gets no e-mail from the portal.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: it is not its day yet, nobody is named, they are on the list already, the role is not one
            for them, or they would come to know a child whose case the actor does not read.
    """
    chairing.require_running(actor, meeting)
    chairing.refuse_before_its_day(meeting)
    if person is not None:
        chairing.require_reach_on_all(meeting)
    name = " ".join(outside.split())
    _check(role, person, name)
    lock_row(meeting)  # a form that is sent twice takes its turn
    _refuse_known(meeting, person, name)
    now = clock.now()
    invitation = insert_with_reference(
        Invitation(
            id=new_id(),
            meeting_id=meeting.id,
            agency_id=person.agency_id if person else None,
            user_id=person.id if person else None,
            external_name=None if person else name,
            role=role,
            invited_by=actor.user_id,
            invited_at=now,
            reply=InvitationReply.COMING,
            replied_by=actor.user_id,
            replied_at=now,
            walk_in=True,
            attendance=Attendance.PRESENT,
        ),
        Prefix.INVITATION,
        "The invitation could not be given a reference. Try again",
    )
    audit.record(
        "meeting:walk_in", meeting, invitation=str(invitation.id), person=str(person.id) if person else None
    )
    came = {Ground.PERSON: to_people(person.id if person else None)}
    about = About("invitation", invitation.id, meeting.reference, only_case(meeting))
    tell(actor=actor, event=WALKED_IN, about=about, given=came, called={Ground.PERSON: "came"})
    return invitation


def _check(role: str, person: User | None, name: str) -> None:
    if person is None and not name:
        raise DomainError("Say who came", field="email")
    if person is not None:
        check_can_be_named(person)
    rule = current_policy().meetings.roles.get(role)
    if rule is None or rule.code in {"chair", "note_taker"}:
        raise DomainError("Choose in which role they came", field="role")
    if rule.outside is (person is not None):
        who = "with an account" if person else "without an account"
        raise DomainError(f"Choose a role for somebody {who}", field="role")


def _refuse_known(meeting: Meeting, person: User | None, name: str) -> None:
    same = (
        or_(Invitation.user_id == person.id, Invitation.comes_id == person.id)
        if person
        else func.lower(Invitation.external_name) == name.lower()
    )
    known = select(Invitation.id).where(
        Invitation.meeting_id == meeting.id, Invitation.withdrawn_at.is_(None), same
    )
    if db.session.scalar(known.limit(1)) is not None:
        raise DomainError(
            "They are on the list already: mark them there", field="email" if person else "outside"
        )
