"""Claims about finding a known child, over 200 labelled pairs."""

from collections import Counter

import pytest

from portal.policy import Policy
from portal.records.children.rules import Standing
from tests.matching.world import Pair, World, match_recall, read_pairs

PAIRS = read_pairs()
TOGETHER = [pair for pair in PAIRS if pair.known and pair.other]
ABSENT = [pair for pair in PAIRS if pair.known is None]


@pytest.fixture(scope="module")
def world(policy: Policy) -> World:
    return World(policy.names, PAIRS)


def name(pair: Pair) -> str:
    return f"{pair.sort}-{pair.number}"


def test_there_are_two_hundred_pairs_of_every_sort() -> None:
    sorts = Counter(pair.sort for pair in PAIRS)
    assert sum(sorts.values()) == 200
    assert set(sorts) == {
        *("nickname", "polish", "arabic", "vietnamese", "reversed", "twin", "absent", "sibling"),
        *("swapped", "typo", "nhs", "renamed"),
    }


def test_the_right_child_is_among_the_first_five_in_95_of_100(policy: Policy) -> None:
    assert match_recall(policy.names) >= 0.95


@pytest.mark.parametrize("sort", sorted({pair.sort for pair in PAIRS} - {"absent"}))
def test_no_sort_of_name_is_found_much_worse_than_the_others(world: World, sort: str) -> None:
    pairs = [pair for pair in PAIRS if pair.sort == sort]
    missed = [
        f"{pair.sought.names[0]} for {pair.known.names[0] if pair.known else ''}"
        for pair in pairs
        if pair.right not in [match.child for match in world.find(pair.sought)[:5]]
    ]
    assert len(missed) <= 0.15 * len(pairs), f"not among the first five: {missed}"


@pytest.mark.parametrize("pair", TOGETHER, ids=name)
def test_a_twin_or_sibling_comes_after_the_right_child_and_is_not_taken_for_it(
    world: World, pair: Pair
) -> None:
    found = world.find(pair.sought)
    order = [match.child for match in found]
    assert pair.right in order
    if pair.wrong in order:
        other = found[order.index(pair.wrong)]
        assert order.index(pair.right) < order.index(pair.wrong)
        assert other.standing is Standing.RELATIVE
        assert "Another name differs" in other.cautions


@pytest.mark.parametrize("pair", ABSENT, ids=name)
def test_a_twin_is_not_taken_for_a_child_that_is_not_known(world: World, pair: Pair) -> None:
    found = world.find(pair.sought)
    assert pair.wrong in [match.child for match in found], "show the twin: the family is known"
    assert all(match.standing is not Standing.SAME for match in found)


def test_every_match_says_why_and_never_in_numbers(world: World) -> None:
    for pair in PAIRS:
        for match in world.find(pair.sought):
            assert match.reasons, f"say why {match.child} is shown for {pair.sought.names[0]}"
            assert not any(char in "%0123456789" for text in match.reasons + match.cautions for char in text)
