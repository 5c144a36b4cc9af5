"""What minutes plug into the rest."""

from uuid import UUID

from portal.access.principal import Principal
from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.minutes.chronology import LINES
from portal.records.minutes.meeting_outcomes import follow_next_date
from portal.records.minutes.model import LevelProposal, MinutesIssue
from portal.records.minutes.writing import owe_minutes
from portal.registry import Duty, Noun, Record


def _follow_next_date(*, actor: Principal, meeting: Meeting, case: Case) -> None:  # noqa: ARG001  # whoever held it
    follow_next_date(meeting=meeting, case=case)


def _owe_minutes(*, meeting: Meeting) -> None:
    if meeting.held_at is not None:
        owe_minutes(meeting=meeting, held_at=meeting.held_at)


def _minutes(ids: list[UUID]) -> Columns:
    return (
        columns("minutes_issue", MinutesIssue.id, MinutesIssue.reference)
        .outerjoin(
            MeetingCase,
            (MeetingCase.meeting_id == MinutesIssue.meeting_id)
            & (MeetingCase.case_id == MinutesIssue.case_id),
        )
        .outerjoin(Child, Child.id == MeetingCase.child_id)
        .where(MinutesIssue.id.in_(ids))
    )


NOUN = Noun(
    lines=LINES,
    records=(
        Record(
            table=MinutesIssue,
            prefix=Prefix.MINUTES,
            page="minutes.show",
            permission="minutes:read_copy",
            named=_minutes,
        ),
        Record(
            table=LevelProposal,
            page="meetings.lower_level",
            permission="level:settle",
            duty=Duty(shared=("case_id",)),
        ),
    ),
    meeting_held=_follow_next_date,
    meeting_over=_owe_minutes,
)
