"""Claims about where a return interview stands, and about 72 hours by the clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from portal import clock
from portal.deadlines.rules import due, is_overdue
from portal.deadlines.vocabulary import DeadlineKind
from portal.policy.intake import Clock
from portal.policy.validators import ClockStart, Unit
from portal.records.return_interviews.rules import state_of
from portal.records.return_interviews.vocabulary import InterviewOffer, InterviewState

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Recorded:
    offered: str | None = None
    accepted: bool | None = None
    done_at: datetime | None = None
    completed_at: datetime | None = None


S, YES = InterviewState, InterviewOffer.YES


@pytest.mark.parametrize(
    ("recorded", "state"),
    [
        (None, S.TO_OFFER),
        (Recorded(), S.TO_OFFER),
        (Recorded(YES), S.OFFERED),
        (Recorded(YES, accepted=True), S.ACCEPTED),
        (Recorded(YES, accepted=False), S.DECLINED),
        (Recorded(InterviewOffer.NO), S.NOT_OFFERED),
        (Recorded(InterviewOffer.NOT_APPLICABLE), S.NOT_OFFERED),
        (Recorded(YES, accepted=True, done_at=NOW), S.TO_WRITE_UP),
        (Recorded(YES, accepted=True, done_at=NOW, completed_at=NOW), S.HELD),
        (Recorded(YES, accepted=False, completed_at=NOW), S.NOT_HELD),
        (Recorded(InterviewOffer.NO, completed_at=NOW), S.NOT_HELD),
    ],
)
def test_where_an_interview_stands_follows_from_what_was_recorded(
    recorded: Recorded | None, state: InterviewState
) -> None:
    assert state_of(recorded) is state


#: An hour in the night is there twice in October and not at all in March.
RETURNED = {
    "in winter": (datetime(2026, 11, 20, 15, 30, tzinfo=UTC), "2026-11-23 15:30"),
    "over the change to winter time": (datetime(2026, 10, 23, 14, 30, tzinfo=UTC), "2026-10-26 14:30"),
    "over the change to summer time": (datetime(2027, 3, 26, 15, 30, tzinfo=UTC), "2027-03-29 16:30"),
    "in the hour that is there twice": (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-28 00:30"),
}


@pytest.mark.parametrize(("returned", "reads"), RETURNED.values(), ids=RETURNED)
def test_72_hours_run_by_the_clock_also_over_weekends_and_clock_changes(
    returned: datetime, reads: str
) -> None:
    rule = Clock(
        code="return_interview",
        label="Hold the return interview",
        kind=DeadlineKind.RETURN_INTERVIEW,
        starts=ClockStart.RETURNED,
        value=72,
        unit=Unit.ELAPSED_HOURS,
        source="A test",
        confirmed=False,
    )
    until = due(rule, returned)
    assert until - returned == timedelta(hours=72)
    assert f"{clock.local(until):%Y-%m-%d %H:%M}" == reads
    assert not is_overdue(until, until), "the last moment is in time"
    assert is_overdue(until, until + timedelta(microseconds=1))
