"""How long something takes, in words: one of a thing is one, several are several."""

from datetime import timedelta

import pytest

from portal.policy import Figure
from portal.policy.validators import Unit
from portal.web.due_presenter import figure_words, period_words, span


@pytest.mark.parametrize(
    ("value", "unit", "words", "plain"),
    [
        (1, Unit.WORKING_DAYS, "1 working day", "1 working day"),
        (15, Unit.WORKING_DAYS, "15 working days", "15 working days"),
        (1, Unit.ELAPSED_HOURS, "1 hour by the clock", "1 hour"),
        (72, Unit.ELAPSED_HOURS, "72 hours by the clock", "72 hours"),
        (1, Unit.MONTHS, "1 month", "1 month"),
        (3, Unit.DAYS, "3 days", "3 days"),
    ],
)
def test_one_is_one_and_several_are_several(value: int, unit: Unit, words: str, plain: str) -> None:
    figure = Figure(value=value, unit=unit, source="Agreed", confirmed=True)
    assert figure_words(figure) == words
    assert period_words(figure) == plain


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (72 * 60 - 1, "2 days 23 hours"),
        (48 * 60, "2 days"),
        (48 * 60 - 1, "47 hours"),
        (72 * 60, "3 days"),
        (119 * 60, "4 days"),
        (65, "1 hour 5 minutes"),
        (0, "less than a minute"),
    ],
)
def test_of_what_is_near_a_length_of_time_says_the_hours_too(minutes: int, words: str) -> None:
    """A minute after a return 72 hours are left for the interview, and not two days."""
    assert span(timedelta(minutes=minutes)) == words
