"""A meeting that was held and recorded: the council and a teacher were invited and work on no case."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import Attendance, MeetingState
from portal.records.minutes.model import Decision, Minute
from tests.cast import Cast
from tests.factories.minutes import (
    make_closed_minute,
    make_decision,
    make_minute,
    owe_minutes,
    take_part,
)
from tests.factories.plans import make_action
from tests.meetings.days import Day, make_day

#: Words that stand in one record and nowhere else.
SAID, DECIDED, BECAUSE, CLOSED = "Quillsaid", "Quilldecided", "Quillbecause", "Quillclosed"
OBJECTION, TO_DO = "Quillobjection", "Quilltodo"


@dataclass
class Recorded:
    """The meeting, who was invited, and what was recorded."""

    day: Day
    minute: Minute
    decision: Decision

    @property
    def meeting(self) -> Meeting:
        return self.day.meeting

    @property
    def case(self) -> Case:
        return self.day.case

    @property
    def council(self) -> Invitation:
        """Of a team whose agency works on no case."""
        return self.day.council


def make_recorded(rows: Session, cast: Cast) -> Recorded:
    """Minutes in draft: the nurse sent apologies, nobody came for the police."""
    day = make_day(rows, cast, starts_at=clock.now() - timedelta(hours=3))
    for state in (MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT):
        day.meeting.state = state
        rows.flush()
    day.meeting.held_at = clock.now() - timedelta(hours=1)
    day.meeting.reach_until = clock.now() + timedelta(days=14)
    take_part(rows, day.chair, day.note_taker, day.council, day.carer)
    take_part(rows, day.health, attendance=Attendance.APOLOGIES)
    take_part(rows, day.police, attendance=Attendance.ABSENT)
    minute = make_minute(
        rows, day.meeting, f"She goes to school again. {SAID}\n\nShe wants to see her aunt.", case=day.case
    )
    decision = make_decision(
        rows,
        day.meeting,
        f"The plan goes on. {DECIDED}",
        f"It helps her. {BECAUSE}",
        case=day.case,
        outcome="continue",
        dissent=(cast.nurse, OBJECTION),
    )
    make_closed_minute(rows, day.meeting, CLOSED, case=day.case)
    make_action(
        rows,
        day.case,
        cast.social_worker,
        cast.chair,
        what=f"Ring the school {TO_DO}",
        meeting_id=day.meeting.id,
    )
    owe_minutes(rows, day.meeting)
    return Recorded(day, minute, decision)
