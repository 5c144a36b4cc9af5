"""Pictures: where each mark of them lies, and that they say what they show."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.vocabulary import RiskLevel
from portal.web.pictures import network, over_time, scale, year
from portal.web.pictures.scale import along, along_time, apart, months
from portal.web.pictures.year import GROUPS, EventKind, YearEvent

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def decided(*found: tuple[float, str]) -> list[over_time.Decided]:
    return [(at(days), RiskLevel(level)) for days, level in found]


# Scales

#: A busy machine draws examples slowly, of which nothing follows for what is drawn of them.
on_a_busy_machine_too = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@on_a_busy_machine_too
@given(st.lists(st.floats(0, 1000), max_size=60), st.floats(1, 40))
def test_marks_keep_their_order_and_lie_apart_within_the_line(places: list[float], gap: float) -> None:
    found = apart(sorted(places), gap, 0, 1000)
    assert len(found) == len(places)
    assert all(-0.1 <= one <= 1000.1 for one in found)
    fits = min(gap, 1000 / max(len(places) - 1, 1))
    assert all(later - earlier >= fits - 0.2 for earlier, later in pairwise(found))


def test_marks_that_are_apart_stay_where_they_are() -> None:
    assert apart([10, 50, 90], 20, 0, 100) == [10, 50, 90]


def test_what_lies_outside_is_drawn_at_the_end() -> None:
    assert along(0, 10, 100, 200)(25) == 200
    assert along_time(at(0), at(10), 0, 100)(at(-3)) == 0
    assert along(5, 5, 0, 10)(5) == 5


def test_months_begin_at_midnight_here_on_both_sides_of_the_clock_change() -> None:
    found = months(datetime(2026, 9, 15, tzinfo=UTC), datetime(2026, 12, 1, 12, tzinfo=UTC))
    assert [one.isoformat() for one in found] == [
        "2026-10-01T00:00:00+01:00",
        "2026-11-01T00:00:00+00:00",
        "2026-12-01T00:00:00+00:00",
    ]


# Levels


def test_a_case_without_a_level_has_no_picture() -> None:
    assert over_time.level_steps([], at(0), at(10)) is None
    assert over_time.spark([], at(0), at(10)) is None
    assert over_time.level_steps(decided((20, "high")), at(0), at(10)) is None, "it was decided later"


def test_the_line_goes_through_each_level_in_order_and_on_until_now() -> None:
    picture = over_time.level_steps(decided((0, "high"), (50, "low")), at(0), at(100))
    assert picture is not None
    high, low = picture.dots
    assert (high.x, low.x) == (picture.left, round((picture.left + picture.right) / 2, 1))
    assert high.y < low.y, "high is above low"
    assert picture.path == f"M{high.x} {high.y}H{low.x}V{low.y}H{picture.right}"
    assert [one.level for one in picture.dots] == ["high", "low"]


def test_what_stood_before_the_picture_begins_is_drawn_from_its_beginning() -> None:
    picture = over_time.level_steps(decided((-300, "low"), (-200, "medium"), (40, "high")), at(0), at(100))
    assert picture is not None
    assert (picture.dots[0].x, picture.dots[0].level) == (picture.left, "medium")
    assert picture.said.startswith("low from"), "the words hold all of them"


def test_levels_of_one_day_stand_beside_one_another_and_within_the_picture() -> None:
    picture = over_time.level_steps(
        decided(*((0, level) for level in ("low", "high", "medium", "low"))), at(0), at(1)
    )
    assert picture is not None
    across = [one.x for one in picture.dots]
    assert across == sorted(set(across))
    many = over_time.level_steps(decided(*((n, "low") for n in range(60))), at(0), at(60))
    assert many is not None
    assert all(picture.left <= one.x <= picture.right for one in many.dots)


def test_the_words_say_what_the_picture_shows() -> None:
    picture = over_time.level_steps(decided((0, "medium"), (30, "none")), at(0), at(60))
    assert picture is not None
    assert picture.said == "medium from 2 March 2026, no exploitation found from 1 April 2026"


def test_a_spark_ends_with_the_level_of_now() -> None:
    line = over_time.spark(decided((0, "low"), (30, "high")), at(-300), at(60))
    assert line is not None
    (dot,) = line.dots
    assert dot.level == "high"
    assert dot.x == 58


# Bars


@pytest.mark.parametrize(
    ("hours", "filled", "late"),
    [(0, 62, False), (2, 31, False), (4, 0, False), (5, 0, True), (-1, 62, False)],
)
def test_the_bar_of_time_shows_how_much_is_left(hours: int, filled: float, late: bool) -> None:
    bar = scale.time_left(START, START + timedelta(hours=4), START + timedelta(hours=hours))
    assert (bar.filled, bar.late) == (filled, late)


def test_parts_of_a_bar_add_up_and_their_numbers_stand_where_they_fit() -> None:
    found = scale.stack([("in_time", 60), ("late", 1), ("to_come", 0), ("overdue", 39)], width=270)
    assert [(one.kind, one.number) for one in found] == [("in_time", 60), ("late", 1), ("overdue", 39)]
    assert [one.written for one in found] == [True, False, True]
    assert all(one.x + one.width <= later.x + 0.1 for one, later in pairwise(found))
    assert found[-1].x + found[-1].width <= 270
    assert scale.stack([("high", 0)], width=270) == []


def test_bars_of_one_list_share_their_scale() -> None:
    (half,) = scale.stack([("high", 5)], width=200, most=10)
    assert half.width == 98.5


# Trends


def test_fewer_than_eight_points_have_no_limits() -> None:
    assert over_time.limits([3, 4, 3, 4, 3, 4, 3]) is None
    assert [one.kind for one in over_time.trend([3, 4, 3], []).rules if one.kind != "grid"] == []


def test_one_that_is_overdue_after_a_quiet_half_year_is_no_signal() -> None:
    assert over_time.limits([0] * 25 + [1]) is None
    assert over_time.limits([0, 1] * 4) is not None


def test_limits_follow_the_moving_ranges() -> None:
    found = over_time.limits([10, 12, 10, 12, 10, 12, 10, 12])
    assert found is not None
    assert found.mean == 11
    assert round(found.upper, 2) == 16.32
    assert round(found.lower, 2) == 5.68
    assert not found.signals


def test_what_chance_alone_hardly_makes_is_ringed() -> None:
    outlier = over_time.limits([10, 11, 10, 11, 10, 11, 10, 40, 10, 11])
    assert outlier is not None
    assert outlier.signals == {7}
    shift = over_time.limits([12, 13, 12, 13, 12, 13, 12, 13, 8, 9, 8, 9, 8, 9, 8, 9])
    assert shift is not None
    assert shift.signals == set(range(16)), "eight on either side of the mean"
    short = over_time.limits([12, 13, 12, 13, 12, 13, 12, 8, 9, 8, 9, 8, 9, 8])
    assert short is not None
    assert not short.signals, "seven in a row"


@on_a_busy_machine_too
@given(st.lists(st.integers(0, 500), min_size=1, max_size=60))
def test_every_point_of_a_trend_lies_in_its_picture(values: list[int]) -> None:
    picture = over_time.trend(values, [(0, "first")])
    for point in picture.lines[0].points:
        assert picture.left <= point.x <= picture.right
        assert 0 <= point.y <= picture.height


def test_several_stocks_are_named_at_their_ends() -> None:
    picture = over_time.lines(
        [("High", "high", [1, 2, 3]), ("Low", "low", [5, 5, 5])], [(0, "Jun"), (2, "Aug")]
    )
    assert [(line.name, line.points[-1].value) for line in picture.lines] == [("High", 3), ("Low", 5)]


# The year


def a_year() -> list[YearEvent]:
    return [
        YearEvent(1, at(0), EventKind.LEVEL, "low"),
        YearEvent(2, at(20), EventKind.MISSING, until=at(21)),
        YearEvent(3, at(20.1), EventKind.MISSING, until=at(23)),
        YearEvent(4, at(100), EventKind.MOMENT),
        YearEvent(5, at(200), EventKind.MEETING),
        YearEvent(6, at(364), EventKind.LEVEL, "high"),
        YearEvent(7, at(364.5), EventKind.MISSING),
    ]


WEEKS: dict[str, Sequence[int]] = {"social_care": [0, 3, 5] * 17, "police": [1] * 52}


@pytest.mark.parametrize("draw", [year.wide, year.tall])
def test_every_event_of_the_year_has_its_number_in_the_picture(draw: object) -> None:
    picture = (year.wide if draw is year.wide else year.tall)(a_year(), WEEKS, at(0), at(365))
    assert sorted(one.number for one in picture.marks) == [1, 2, 3, 4, 5, 6, 7]
    for mark in picture.marks:
        assert 0 <= mark.x <= picture.width
        assert 0 <= mark.y <= picture.height
    for box in picture.boxes:
        assert box.x + box.width <= picture.width
        assert box.y + box.height <= picture.height


def test_marks_of_a_lane_do_not_cover_each_other() -> None:
    picture = year.wide(a_year(), WEEKS, at(0), at(365))
    missing = sorted(one.x for one in picture.marks if one.kind == "missing")
    assert all(later - earlier >= 24 for earlier, later in pairwise(missing))


def test_an_episode_that_goes_on_reaches_to_the_end() -> None:
    picture = year.wide([YearEvent(1, at(180), EventKind.MISSING)], {}, at(0), at(365))
    (span,) = [one for one in picture.boxes if one.kind == "missing"]
    assert abs(span.x + span.width - picture.now[0]) < 0.2


def test_a_kind_without_numbers_is_drawn_small_and_an_episode_by_its_length_alone() -> None:
    crowd = [YearEvent(0, at(day), EventKind.MISSING, until=at(day + 1)) for day in range(0, 300, 10)]
    picture = year.wide([*crowd, YearEvent(0, at(50), EventKind.MEETING)], {}, at(0), at(365))
    assert [(one.kind, one.number) for one in picture.marks] == [("meeting", 0)]
    assert picture.outlines["missing"].count("m") == len(crowd)


def test_a_child_without_events_has_a_picture_all_the_same() -> None:
    picture = year.tall([], {}, at(0), at(365))
    assert picture.path == ""
    assert {one.text for one in picture.labels} >= {"Level", "Missing", *GROUPS.values()}


# The network

SECTORS = ("child", "person", "place", "phone")


def test_nodes_of_a_network_lie_apart() -> None:
    first = [(f"{kind}{n}", kind) for kind in SECTORS for n in range(5)]
    second = [(f"far {kind}{n}", kind) for kind in SECTORS for n in range(4)]
    placed = network.place("start", [first, second], SECTORS)
    spots = list(placed.at.values())
    assert len(set(spots)) == len(spots)
    for x, y in spots:
        assert 0 < x < placed.width
        assert 0 < y < placed.height


def test_a_new_link_does_not_move_the_rest() -> None:
    nodes = [("a", "child"), ("b", "person"), ("c", "place")]
    before = network.place("start", [nodes], SECTORS)
    after = network.place("start", [[*nodes, ("d", "place")]], SECTORS)

    def beside_the_start(placed: network.Placed[str], node: str) -> tuple[int, int]:
        (x, y), (middle, high) = placed.at[node], placed.at["start"]
        return x - middle, y - high

    assert [beside_the_start(before, one) for one in "abc"] == [beside_the_start(after, one) for one in "abc"]


def test_a_start_alone_is_a_picture() -> None:
    assert network.place("start", [[], []], SECTORS).at == {"start": (92, 42)}


# What is drawn


def test_pictures_are_labelled_and_hold_no_style_of_their_own(app: Flask) -> None:
    ui: Any = app.jinja_env.globals["ui"]
    drawn = {
        "levels": ui.level_steps(over_time.level_steps(decided((0, "low"), (9, "high")), at(0), at(30))),
        "spark": ui.level_spark(over_time.spark(decided((0, "low")), at(0), at(30))),
        "year": ui.year(year.wide(a_year(), WEEKS, at(0), at(365)), "y", "A year", "Missing three times"),
        "tall": ui.year(year.tall(a_year(), WEEKS, at(0), at(365)), "y", "A year", "Missing three times"),
        "trend": ui.trend(over_time.trend([1] * 9, [(0, "Jun")]), "t", "Overdue", "One in each week"),
    }
    for name, markup in drawn.items():
        picture = BeautifulSoup(str(markup), "html.parser").svg
        assert picture is not None
        assert picture["role"] == "img", name
        assert picture.get("aria-labelledby") or picture.get("aria-label"), name
        for part in [picture, *picture.find_all(True)]:
            assert not {"style", "onclick", "href"} & set(part.attrs), name
            assert part.name not in {"script", "style", "a"}, name
