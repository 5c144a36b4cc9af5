"""How moments read on a page."""

from datetime import UTC, datetime

import pytest

from portal.web import filters
from portal.web.due_presenter import overdue_by


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 12, 14, 23, 59, 59, tzinfo=UTC), "14 December 2026"),
        (datetime(2027, 6, 14, 22, 59, 59, tzinfo=UTC), "14 June 2027"),
        (datetime(2027, 6, 14, 23, 59, 59, tzinfo=UTC), "15 June 2027 at 12:59am"),
        (datetime(2026, 12, 14, 13, 30, tzinfo=UTC), "14 December 2026 at 1:30pm"),
        (None, ""),
    ],
)
def test_what_is_due_with_the_end_of_a_day_is_due_on_that_day(moment: datetime | None, shown: str) -> None:
    assert filters.due(moment) == shown


@pytest.mark.parametrize(
    ("now", "late"),
    [
        (datetime(2027, 6, 14, 22, 59, 59, tzinfo=UTC), ""),
        (datetime(2027, 6, 14, 23, 5, tzinfo=UTC), "1 day"),
        (datetime(2027, 6, 16, 8, 0, tzinfo=UTC), "2 days"),
    ],
)
def test_what_was_due_with_the_end_of_a_day_is_overdue_by_days_as_people_count_them(
    now: datetime, late: str
) -> None:
    assert overdue_by(datetime(2027, 6, 14, 22, 59, 59, tzinfo=UTC), now) == late


def test_what_was_due_at_an_hour_is_overdue_by_hours() -> None:
    due = datetime(2027, 6, 14, 12, 0, tzinfo=UTC)
    assert overdue_by(due, datetime(2027, 6, 14, 17, 30, tzinfo=UTC)) == "5 hours"


@pytest.mark.parametrize(
    ("text", "begins"), [("about 5 June", "About 5 June"), ("5 June", "5 June"), ("", "")]
)
def test_the_beginning_of_a_line_changes_no_name_within_it(text: str, begins: str) -> None:
    assert filters.upper_first(text) == begins
