"""Whether somebody chairs a meeting on a case that is not over, which lets them ask and bring teams in."""

from uuid import UUID

from sqlalchemy import select

from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.states import OPEN_MEETING_STATES
from portal.records.meetings.model import Meeting, MeetingCase


def chairs_open_meeting(*, actor: Principal, case_id: UUID) -> bool:
    """Whether the actor chairs a meeting on the case that is neither cancelled nor distributed."""
    open_meeting = (
        select(Meeting.id)
        .join(MeetingCase, MeetingCase.meeting_id == Meeting.id)
        .where(
            MeetingCase.case_id == case_id,
            Meeting.chair_id == actor.user_id,
            Meeting.state.in_(OPEN_MEETING_STATES),
        )
    )
    return db.session.scalar(open_meeting.limit(1)) is not None
