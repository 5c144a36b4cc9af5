"""How moments read on a page."""

from datetime import UTC, datetime

import pytest

from portal.web import filters


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
