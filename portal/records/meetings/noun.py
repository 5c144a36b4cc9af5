"""What meetings plug into the rest."""

from uuid import UUID

from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.children.model import Child
from portal.records.meetings.chronology import LINES
from portal.records.meetings.model import Invitation, Meeting, MeetingCase
from portal.registry import Duty, Noun, Record


def _meetings(ids: list[UUID]) -> Columns:
    return (
        columns("meeting", Meeting.id, Meeting.reference)
        .outerjoin(MeetingCase, MeetingCase.meeting_id == Meeting.id)
        .outerjoin(Child, Child.id == MeetingCase.child_id)
        .where(Meeting.id.in_(ids))
    )


def _invitations(ids: list[UUID]) -> Columns:
    return (
        columns("invitation", Invitation.id, Invitation.reference)
        .outerjoin(MeetingCase, MeetingCase.meeting_id == Invitation.meeting_id)
        .outerjoin(Child, Child.id == MeetingCase.child_id)
        .where(Invitation.id.in_(ids))
    )


NOUN = Noun(
    lines=LINES,
    records=(
        Record(
            table=Meeting,
            prefix=Prefix.MEETING,
            page="meetings.show",
            permission="meeting:view",
            named=_meetings,
            duty=Duty(own="meeting_id", reference=Meeting.reference, key=Meeting.id),
        ),
        Record(
            table=Invitation,
            prefix=Prefix.INVITATION,
            page="meetings.invitation",
            permission="meeting:view",
            named=_invitations,
        ),
    ),
)
