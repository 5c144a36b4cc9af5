"""How long something takes, in words: one of a thing is one, several are several."""

import pytest

from portal.policy import Figure
from portal.policy.validators import Unit
from portal.web.due_presenter import figure_words, period_words


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
