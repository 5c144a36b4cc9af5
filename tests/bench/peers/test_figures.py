"""Comparing: the rows of pages, medians, ratios, and what is asked of them."""

import random
from collections import Counter
from time import sleep

import pytest

from tests.bench.measuring import Processes, Taken, measure
from tests.bench.peers.figures import beyond, different_rows, ratios, references

ORDER = random.Random(7)  # noqa: S311 - an order, the same each run


class _Nothing(Processes):
    """The processes of a side that takes five milliseconds whenever somebody looks."""

    def __init__(self) -> None:
        self._spent = 0.0

    def milliseconds(self) -> float:
        """Five more than before."""
        self._spent += 5
        return self._spent


def _of(name: str, peer: Taken, *, page: str = "list") -> list[str]:
    return beyond(list(ratios(page, 8, {"portal": Taken([9, 10, 500], 30), name: peer})))


def test_references_are_those_of_rows_each_once_and_in_order() -> None:
    page = (
        "<p>For example CRE-7KQ2-9XWD</p><table>"
        "<tr class=a><td>CRE-0000-000B</td>\n<td>CRE-0000-000B</td></tr>"
        "<tr><td>CHD-0000-000C</td><td><a href='/cases/CRE-0000-000A'>CRE-0000-000A</a></td></tr></table>"
    )
    assert references(page) == ["CRE-0000-000B", "CRE-0000-000A"]
    assert references(page, rows=False)[0] == "CRE-7KQ2-9XWD"


def test_a_side_with_a_row_less_a_row_more_or_another_order_is_named() -> None:
    shown = {"same": ["a", "b"], "less": ["a"], "more": ["a", "b", "c"], "turned": ["b", "a"], "none": []}
    assert [one.split()[0] for one in different_rows(["a", "b"], shown, ordered=True)] == [
        *("less", "more", "turned", "none")
    ]
    assert [one.split()[0] for one in different_rows(["a", "b"], shown, ordered=False)] == [
        *("less", "more", "none")
    ]


def test_no_rows_at_all_are_not_the_same_rows() -> None:
    assert different_rows([], {"portal": [], "django_plain": []}, ordered=False)


def test_a_ratio_is_of_medians_and_of_processor_time_for_one_answer() -> None:
    (ratio,) = ratios("list", 8, {"portal": Taken([9, 10, 500], 30), "django_plain": Taken([50, 60], 50)})
    assert (ratio.name, ratio.wall, ratio.processor) == ("peers_list_8_django_plain", 5.5, 2.5)


@pytest.mark.parametrize(
    ("peer", "milliseconds", "enough"),
    [
        ("django_plain", 50, True),
        ("django_plain", 49, False),
        ("flask_admin_tuned", 9, True),
        ("flask_admin_tuned", 8.9, False),
    ],
)
def test_defaults_are_left_behind_and_what_is_tuned_is_matched(
    peer: str, milliseconds: float, enough: bool
) -> None:
    assert bool(_of(peer, Taken([milliseconds]))) != enough


def test_the_page_of_one_case_is_only_reported() -> None:
    assert not _of("django_plain", Taken([1]), page="detail")


def test_each_side_is_asked_as_often_and_none_always_first() -> None:
    asked: list[str] = []

    def ask(name: str) -> int:
        asked.append(name)
        return 200

    sides = {"portal": lambda: ask("portal"), "peer": lambda: ask("peer")}
    taken = measure(sides, {name: _Nothing() for name in sides}, clients=3, rounds=7, shuffled=ORDER)
    assert Counter(asked) == {"portal": 24, "peer": 24}  # with the round that warms up
    assert {name: (len(one.wall), one.processor) for name, one in taken.items()} == {
        **{"portal": (21, 35), "peer": (21, 35)}
    }
    turns = asked[::3]
    assert {turns[at] for at in range(0, len(turns), 2)} == {"portal", "peer"}
    assert all(len(set(asked[at : at + 3])) == 1 for at in range(0, len(asked), 3))  # never at once


def test_a_side_that_is_slow_is_asked_no_more_than_says_so() -> None:
    asked: list[str] = []

    def ask(name: str, seconds: float) -> int:
        asked.append(name)
        sleep(seconds)
        return 200

    sides = {"quick": lambda: ask("quick", 0), "slow": lambda: ask("slow", 0.03)}
    processes = {name: _Nothing() for name in sides}
    taken = measure(sides, processes, clients=1, rounds=9, shuffled=ORDER, warm=True, enough=0.05)
    assert Counter(asked) == {"quick": 9, "slow": 2}
    assert (len(taken["quick"].wall), len(taken["slow"].wall)) == (9, 2)
