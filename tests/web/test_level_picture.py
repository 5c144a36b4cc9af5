"""The levels of a case as a picture, and the same in words."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from portal.records.assessments.presenter import LEFT, RIGHT, level_picture

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def decided(*levels: tuple[int, str]) -> list[SimpleNamespace]:
    return [SimpleNamespace(level=level, decided_at=START + timedelta(days=days)) for days, level in levels]


def test_a_case_without_a_level_has_no_picture() -> None:
    assert level_picture([], START) is None


def test_the_line_goes_through_each_level_in_order_and_on_until_now() -> None:
    picture = level_picture(decided((0, "high"), (50, "low")), START + timedelta(days=100))
    assert picture is not None
    (left, high), (middle, low) = picture.dots
    assert (left, middle) == (LEFT, (LEFT + RIGHT) // 2)
    assert high < low, "high is above low"
    assert picture.path == f"M{left} {high}H{middle}V{low}H{RIGHT}"


def test_the_words_say_what_the_picture_shows() -> None:
    picture = level_picture(decided((0, "medium"), (30, "none")), START + timedelta(days=60))
    assert picture is not None
    assert picture.said == "Medium from 2 March 2026. No exploitation found from 1 April 2026."


def test_levels_of_one_day_stand_beside_one_another_and_within_the_picture() -> None:
    rows = decided(*((0, level) for level in ("low", "high", "medium", "low")))
    picture = level_picture(rows, START + timedelta(minutes=1))
    assert picture is not None
    across = [x for x, _ in picture.dots]
    assert across == sorted(set(across))
    assert across[-1] < RIGHT
    many = level_picture(decided(*((n, "low") for n in range(60))), START + timedelta(days=60))
    assert many is not None
    assert all(LEFT <= x <= RIGHT for x, _ in many.dots)
