"""What a step on a meeting that was called asks first: does it lie ahead, and can somebody be asked to it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from portal import clock
from portal.extensions import db
from portal.pathway.states import COMING_MEETING_STATES
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model.people import User
from portal.services.errors import DomainError
from portal.vocabulary import ROLES_THAT_SEE_CASES


def require_ahead(meeting: Meeting) -> None:
    """Go on only while people are still asked to come.

    Raises:
        DomainError: it was held or cancelled.
    """
    if meeting.state not in COMING_MEETING_STATES:
        raise DomainError(f"This meeting is over: {MeetingState(meeting.state).label.lower()}")


def require_reach_on_all(meeting: Meeting) -> None:
    """Go on only for somebody who reads every case of the meeting: the chair's reach is on all of them.

    Raises:
        DomainError: they do not.
    """
    if not db.session.scalar(select(func.ctx.reaches_all_of_meeting(meeting.id))):
        raise DomainError("This meeting is also on a case that you do not reach. Ask its chair to do this")


def check_can_come(person: User, *, field: str) -> None:
    """Only somebody who works here and whose role lets them see cases can chair, take notes or be invited.

    Raises:
        DomainError: they cannot.
    """
    if not person.active or not ROLES_THAT_SEE_CASES.intersection(person.roles):
        raise DomainError(
            f"{person.name} cannot be invited: their role does not let them see cases", field=field
        )


def live_invitations(meeting_id: UUID) -> Sequence[Invitation]:
    """The invitations to a meeting that were not withdrawn, in the order in which they were given."""
    return db.session.scalars(
        select(Invitation)
        .where(Invitation.meeting_id == meeting_id, Invitation.withdrawn_at.is_(None))
        .order_by(Invitation.invited_at, Invitation.id)
    ).all()


def check_times(starts_at: datetime, ends_at: datetime) -> None:
    """A meeting lies ahead and ends after it starts.

    Raises:
        DomainError: it does not.
    """
    if starts_at <= clock.now():
        raise DomainError("Choose a date and time that are still to come", field="day")
    if ends_at <= starts_at:
        raise DomainError("The meeting must end after it starts", field="ends")
