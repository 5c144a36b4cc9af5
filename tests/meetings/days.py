"""A meeting on its day: one case of three agencies, and invitations to teams, people and somebody outside."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.meetings.attendance import Mark, Marking
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import Attendance
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.meetings import make_invitation, make_meeting

CAME = "Pat Quillpresent came"
PRESENT, ABSENT = Attendance.PRESENT, Attendance.ABSENT


@dataclass
class Day:
    """The meeting and who is invited, beside its chair and its note-taker."""

    case: Case
    meeting: Meeting
    police: Invitation
    health: Invitation
    council: Invitation
    carer: Invitation
    chair: Invitation
    note_taker: Invitation

    @property
    def everyone(self) -> tuple[Invitation, ...]:
        """Every invitation."""
        return (self.chair, self.note_taker, self.police, self.health, self.council, self.carer)

    def marks(self, **others: Mark | Attendance | None) -> dict[UUID, Marking]:
        """Everyone present, but for those named."""
        named = {getattr(self, name).id: mark for name, mark in others.items()}
        return {
            one.id: Marking(seen=Mark(), now=_mark(one, named.get(one.id, PRESENT))) for one in self.everyone
        }


def _mark(invitation: Invitation, given: Mark | Attendance | None) -> Mark:
    """A mark; of a team that was there with who came for it."""
    if isinstance(given, Mark):
        return given
    asks = invitation.team_id is not None and given in {PRESENT, Attendance.DEPUTY}
    return Mark(given, CAME if asks else "")


def make_day(rows: Session, cast: Cast, **facts: Any) -> Day:
    """The chair is of social care, the note-taker of the hub; the council is invited and on no case."""
    case = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    for team in (cast.social_care_team, cast.police_team, cast.health_team):
        involve(rows, case, team, by=cast.coordinator)
    values: dict[str, Any] = {
        "starts_at": clock.now() - timedelta(minutes=30),
        "required_sectors": ["social_care", "police", "health"],
    } | facts
    meeting = make_meeting(
        rows, cases=values.pop("cases", [case]), chair=cast.chair, note_taker=cast.coordinator, **values
    )
    by = cast.chair
    chair, note_taker = rows.query(Invitation).filter_by(meeting_id=meeting.id).order_by(Invitation.role)
    return Day(
        case=case,
        meeting=meeting,
        police=make_invitation(rows, meeting, team=cast.police_team, by=by, role="police"),
        health=make_invitation(rows, meeting, person=cast.nurse, by=by, role="health"),
        council=make_invitation(rows, meeting, team=cast.council_team, by=by, role="community_safety"),
        carer=make_invitation(rows, meeting, outside="Carla Quillcarrow", by=by, role="carer"),
        chair=chair,
        note_taker=note_taker,
    )


def acted(meeting: Meeting) -> Meeting:
    """The same meeting in the session of whoever acts."""
    return db.session.get_one(Meeting, meeting.id)
