"""What minutes plug into the rest."""

from portal.access.principal import Principal
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting
from portal.records.minutes.next_dates import follow_next_date
from portal.records.minutes.writing import owe_minutes
from portal.registry import Noun


def _follow_next_date(*, actor: Principal, meeting: Meeting, case: Case) -> None:  # noqa: ARG001  # whoever held it
    follow_next_date(meeting=meeting, case=case)


def _owe_minutes(*, meeting: Meeting) -> None:
    if meeting.held_at is not None:
        owe_minutes(meeting=meeting, held_at=meeting.held_at)


NOUN = Noun(meeting_held=_follow_next_date, meeting_over=_owe_minutes)
