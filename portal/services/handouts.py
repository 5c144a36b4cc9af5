"""What is handed to people without an account, on record: they get nothing from the portal itself."""

from datetime import date, time
from uuid import UUID

from sqlalchemy import func, select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.extensions import db
from portal.models import Invitation, Meeting, MeetingHandout
from portal.models.base import new_id
from portal.pathway.calendar import at_local
from portal.policy import current_policy
from portal.services.errors import DomainError, NotFound
from portal.services.running_meetings import cases_of, require_running
from portal.vocabulary import MeetingState

#: The alert (policy `cases.alerts`) while which nothing is handed to the family.
NO_FAMILY_CONTACT = "no_family_contact"


def hand_out(
    *, actor: Principal, meeting: Meeting, invitation: Invitation, what: str, way: str, on: date
) -> MeetingHandout:
    """Put on record what somebody without an account was handed. It stays: put an error right by another.

    Receivers on the sharing ledger are agencies; what a person of the family or their advocate received is
    kept here and in the audit trail, child by child.

    Args:
        way: a code of policy `meetings.handout_ways`.
        on: the day on which it was handed over.

    Raises:
        Forbidden: the actor does not run the meeting.
        NotFound: the invitation is another meeting's, or is withdrawn.
        DomainError: an alert stands against it, they have an account, or something is missing.
    """
    require_running(actor, meeting)
    if invitation.meeting_id != meeting.id or invitation.withdrawn_at is not None:
        raise NotFound("There is no such invitation to this meeting")
    if invitation.external_name is None:
        raise DomainError("They have an account: they read it in the portal")
    if MeetingState(meeting.state) is MeetingState.CANCELLED:
        raise DomainError("This meeting was cancelled")
    if why := barred(meeting=meeting, invitation=invitation):
        raise DomainError(why, field="what")
    _check(what, way, on)
    handout = MeetingHandout(
        id=new_id(),
        meeting_id=meeting.id,
        invitation_id=invitation.id,
        what=what.strip(),
        way=way,
        handed_at=clock.now() if on == clock.today() else at_local(on, time(12)),
        handed_by=actor.user_id,
    )
    db.session.add(handout)
    db.session.flush()
    _record(meeting, invitation, handout)
    return handout


def barred(*, meeting: Meeting, invitation: Invitation) -> str:
    """Why nothing may be handed to somebody now; empty when nothing stands against it."""
    policy = current_policy()
    role = policy.meetings.roles.get(invitation.role)
    if role is None or not role.family:
        return ""
    if not db.session.scalar(select(func.ctx.alert_stands(meeting.id, NO_FAMILY_CONTACT))):
        return ""
    label = policy.cases.alerts.label(NO_FAMILY_CONTACT)
    return (
        f"The alert “{label}” stands on a case of this meeting: nothing is handed to the child, a parent or "
        "a carer. Speak to the owner of the alert, who can end it when it no longer holds"
    )


def _check(what: str, way: str, on: date) -> None:
    if not what.strip():
        raise DomainError("Say what was handed over", field="what")
    if current_policy().meetings.handout_ways.get(way) is None:
        raise DomainError("Choose how it was handed over", field="way")
    if on > clock.today():
        raise DomainError("The day cannot be in the future", field="on")


def _record(meeting: Meeting, invitation: Invitation, handout: MeetingHandout) -> None:
    about: list[tuple[UUID | None, UUID | None]] = [(case.id, case.child_id) for case in cases_of(meeting)]
    for case_id, child_id in about or [(None, None)]:
        audit.record(
            "meeting:hand_out",
            subject_kind="meeting_handout",
            subject_id=handout.id,
            case_id=case_id,
            child_id=child_id,
            invitation=str(invitation.id),
            role=invitation.role,
            way=handout.way,
        )
