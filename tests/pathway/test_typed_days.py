"""Days as people type them while they talk, on Tuesday 1 December 2026."""

from datetime import date

import pytest

from portal.pathway.calendar import day_typed

TODAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("18 Dec", date(2026, 12, 18)),
        ("18th of December", date(2026, 12, 18)),
        ("Dec 18", date(2026, 12, 18)),
        ("18/12", date(2026, 12, 18)),
        ("18.12.26", date(2026, 12, 18)),
        ("18 December 2027", date(2027, 12, 18)),
        ("2026-12-18", date(2026, 12, 18)),
        ("by 4 January", date(2027, 1, 4)),
        ("today", TODAY),
        ("Tomorrow", date(2026, 12, 2)),
        ("Friday", date(2026, 12, 4)),
        ("fri", date(2026, 12, 4)),
        ("Tuesday", date(2026, 12, 8)),
        ("next Friday", date(2026, 12, 11)),
        ("in two weeks", date(2026, 12, 15)),
        ("2 weeks", date(2026, 12, 15)),
        ("in two weeks’ time", date(2026, 12, 15)),
        ("a fortnight", date(2026, 12, 15)),
        ("a couple of weeks", date(2026, 12, 15)),
        ("3 months", date(2027, 3, 1)),
        ("20 working days", date(2026, 12, 31)),
        ("end of the week", date(2026, 12, 4)),
        ("end of the month", date(2026, 12, 31)),
        ("next meeting", date(2027, 1, 6)),
    ],
)
def test_a_day_is_understood_as_people_say_it(typed: str, day: date) -> None:
    assert day_typed(typed, today=TODAY, next_meeting=date(2027, 1, 6)) == day


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "soon",
        "31 Feb",
        "30/13",
        "may",
        "t",
        "tu",
        "in 1000 weeks",
        "0 days",
        "³ days",
        "next",
        "asap 5",
    ],
)
def test_what_is_no_day_is_none_and_never_a_guess(typed: str) -> None:
    assert day_typed(typed, today=TODAY) is None


@pytest.mark.parametrize("typed", ["30 Nov", "1/11", "29 Feb"])
def test_a_day_that_was_lately_wants_its_year_instead_of_being_next_year_s(typed: str) -> None:
    assert day_typed(typed, today=TODAY) is None
    assert day_typed("29 Feb 2028", today=TODAY) == date(2028, 2, 29)


def test_the_next_meeting_is_no_day_while_none_is_set() -> None:
    assert day_typed("next meeting", today=TODAY) is None


@pytest.mark.parametrize(
    ("typed", "day"), [("Monday", date(2026, 12, 7)), ("end of the week", date(2026, 12, 11))]
)
def test_at_the_week_end_the_week_that_comes_is_meant(typed: str, day: date) -> None:
    assert day_typed(typed, today=date(2026, 12, 5)) == day
