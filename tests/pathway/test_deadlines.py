"""Claims about working days, elapsed hours and the hub's hours, whatever the season."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import LOCAL_ZONE, local
from portal.deadlines.rules import due, is_overdue, last_day
from portal.deadlines.vocabulary import DeadlineKind
from portal.pathway.calendar import (
    add_months,
    add_working_days,
    hub_is_open,
    hub_next_looks,
    is_bank_holiday,
    is_working_day,
)
from portal.policy import Figure, Policy, Unit
from portal.vocabulary import TriageColour


def limit(value: int, unit: Unit) -> Figure:
    return Figure(value=value, unit=unit, source="Test", confirmed=False)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2034, 12, 31, tzinfo=UTC)
MOMENTS = st.integers(min_value=0, max_value=int((LAST - FIRST).total_seconds())).map(
    lambda seconds: FIRST + timedelta(seconds=seconds)
)
DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2034, 12, 31))


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 12, 25),
        date(2026, 12, 28),
        date(2027, 1, 1),
        date(2027, 3, 26),
        date(2027, 5, 3),
        date(2027, 8, 30),
    ],
)
def test_bank_holidays_of_england_and_their_substitutes_are_not_working_days(day: date) -> None:
    assert is_bank_holiday(day)
    assert not is_working_day(day)


def test_holidays_of_scotland_alone_are_working_days() -> None:
    assert is_working_day(date(2026, 11, 30))
    assert is_working_day(date(2027, 1, 4))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-24T09:00", 1, "2026-11-25"),
        ("2026-11-27T23:59", 1, "2026-11-30"),
        ("2026-11-28T00:00", 1, "2026-11-30"),
        ("2026-12-24T16:00", 1, "2026-12-29"),
        ("2026-12-23T16:00", 10, "2027-01-11"),
        ("2027-03-25T12:00", 3, "2027-04-01"),
    ],
)
def test_working_days_are_counted_from_the_day_after_the_local_date_of_the_start(
    start: str, days: int, end: str
) -> None:
    up = local(due(limit(days, Unit.WORKING_DAYS), london(start)))
    assert up.isoformat()[:19] == f"{end}T23:59:59"


def test_late_in_the_evening_of_summer_the_local_date_is_already_the_next() -> None:
    start = datetime(2026, 7, 13, 23, 30, tzinfo=UTC)  # Tuesday 00:30 in London
    assert local(due(limit(1, Unit.WORKING_DAYS), start)).date() == date(2026, 7, 15)


@pytest.mark.parametrize(
    ("start", "shown"),
    [("2027-03-27T23:00", "2027-03-28T04:00"), ("2026-10-24T23:00", "2026-10-25T02:00")],
)
def test_elapsed_hours_are_real_hours_across_both_clock_changes(start: str, shown: str) -> None:
    up = due(limit(4, Unit.ELAPSED_HOURS), london(start))
    assert up - london(start).astimezone(UTC) == timedelta(hours=4)
    assert local(up).isoformat()[:16] == shown


def test_red_runs_through_the_night_and_green_waits_for_working_days(policy: Policy) -> None:
    friday_night = london("2026-11-27T22:00")
    assert due(policy.clock(DeadlineKind.TRIAGE, TriageColour.RED), friday_night) == london(
        "2026-11-28T02:00"
    )
    green = due(policy.clock(DeadlineKind.TRIAGE, TriageColour.GREEN), friday_night)
    assert local(green).date() == date(2026, 12, 2)


def test_the_due_moment_itself_is_in_time() -> None:
    up = due(limit(4, Unit.ELAPSED_HOURS), london("2026-11-24T09:00"))
    assert not is_overdue(up, up)
    assert is_overdue(up, up + timedelta(seconds=1))


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        due(limit(1, Unit.WORKING_DAYS), datetime(2026, 11, 24, 9))  # noqa: DTZ001 - the fault that is refused


def test_years_cannot_be_counted_from_a_day() -> None:
    with pytest.raises(ValueError, match="cannot be counted"):
        last_day(limit(1, Unit.YEARS), date(2026, 11, 24))


def test_less_than_one_working_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        add_working_days(date(2026, 11, 24), 0)


@given(DAYS, st.integers(min_value=1, max_value=60))
def test_the_last_working_day_is_one_and_exactly_so_many_lie_between(day: date, count: int) -> None:
    end = add_working_days(day, count)
    between = [day + timedelta(days=ahead) for ahead in range(1, (end - day).days + 1)]
    assert is_working_day(end)
    assert sum(map(is_working_day, between)) == count


@given(
    MOMENTS,
    st.integers(min_value=1, max_value=30),
    st.sampled_from([Unit.WORKING_DAYS, Unit.DAYS, Unit.MONTHS]),
)
def test_a_time_in_days_is_up_at_the_last_local_second_whatever_the_season(
    start: datetime, count: int, unit: Unit
) -> None:
    up = due(limit(count, unit), start)
    assert up.tzinfo is UTC
    assert local(up).time().isoformat() == "23:59:59"
    assert up > start


@given(MOMENTS, st.integers(min_value=1, max_value=500))
def test_elapsed_hours_never_depend_on_the_calendar(start: datetime, hours: int) -> None:
    assert due(limit(hours, Unit.ELAPSED_HOURS), start) - start == timedelta(hours=hours)


@given(MOMENTS, MOMENTS, st.integers(min_value=1, max_value=20))
def test_what_starts_later_is_never_due_earlier(one: datetime, other: datetime, days: int) -> None:
    first, second = sorted([one, other])
    assert due(limit(days, Unit.WORKING_DAYS), first) <= due(limit(days, Unit.WORKING_DAYS), second)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [(date(2026, 11, 30), 3, date(2027, 2, 28)), (date(2026, 12, 31), 12, date(2027, 12, 31))],
)
def test_a_month_ends_on_its_last_day_where_it_is_short(day: date, months: int, end: date) -> None:
    assert add_months(day, months) == end


@pytest.mark.parametrize(
    ("moment", "looks"),
    [
        ("2026-11-24T10:00", "2026-11-24T10:00"),
        ("2026-11-24T07:59", "2026-11-24T08:00"),
        ("2026-11-24T18:00", "2026-11-25T08:00"),
        ("2026-11-27T17:30", "2026-11-30T08:00"),
        ("2026-12-24T20:00", "2026-12-29T08:00"),
        ("2027-03-27T12:00", "2027-03-30T08:00"),
        ("2026-10-24T12:00", "2026-10-26T08:00"),
    ],
)
def test_the_hub_looks_at_its_next_opening(policy: Policy, moment: str, looks: str) -> None:
    assert local(hub_next_looks(policy.hub, london(moment))).isoformat()[:16] == looks


@given(moment=MOMENTS)
def test_the_hub_is_open_whenever_it_looks(policy: Policy, moment: datetime) -> None:
    looks = hub_next_looks(policy.hub, moment)
    assert looks >= moment
    assert hub_is_open(policy.hub, looks)
    assert hub_is_open(policy.hub, moment) == (looks == moment)
