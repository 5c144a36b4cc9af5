"""What binds the use of words, and when a text repeats words that are held back."""

import pytest

from portal.records.entries.rules import FREE, Graded, bounds, forbidden_by, held_back, repeated
from portal.vocabulary import Use

RULES = {"Not into minutes": (Use.CITE, Use.PRINT), "Not to the family": (Use.FAMILY,), "Tread softly": ()}
ALL = frozenset(Use)


def test_words_without_conditions_are_free() -> None:
    assert bounds(conditions=None, rules=RULES) == FREE == bounds(conditions=" \n", rules=RULES)
    assert not any(FREE.forbids(use) for use in Use)


def test_each_condition_forbids_what_the_policy_says_and_all_of_them_go_along() -> None:
    found = bounds(conditions="Tread softly\n Not into minutes \nIn our own words", rules=RULES)
    assert found.forbidden == {Use.CITE, Use.PRINT}
    assert found.conditions == ("Tread softly", "Not into minutes", "In our own words")
    assert found.why(Use.PRINT) == "Not into minutes"
    assert not found.unreleased


def test_reading_on_the_page_is_never_forbidden() -> None:
    assert not bounds(conditions="Not into minutes", rules=RULES).forbids(None)


def test_a_grading_binds_until_it_is_released_and_what_was_told_binds_on() -> None:
    held = Graded("Tread softly", ALL, released=False)
    before = bounds(conditions="Not to the family", rules=RULES, graded=held)
    assert (before.forbidden, before.unreleased) == (ALL, ALL)
    assert before.conditions == ("Not to the family", "Tread softly")
    over = Graded("Tread softly", ALL, released=True)
    after = bounds(conditions="Not to the family", rules=RULES, graded=over)
    assert after.forbidden == {Use.FAMILY}
    assert not after.unreleased
    assert after.conditions == ("Not to the family",)


def test_what_a_grading_forbids_is_what_was_frozen_with_it_not_what_the_policy_says_now() -> None:
    graded = Graded("Tread softly", frozenset({Use.PASS_ON}), released=False)
    assert bounds(conditions=None, rules=RULES, graded=graded).forbidden == {Use.PASS_ON}


def test_conditions_in_own_words_alone_forbid_what_the_handling_code_does() -> None:
    assert forbidden_by([], unless_named=ALL) == ALL
    assert forbidden_by([(Use.CITE,), ()], unless_named=ALL) == {Use.CITE}
    assert forbidden_by([()], unless_named=ALL) == frozenset()


def test_the_sentence_says_who_holds_the_words_and_whom_to_ask() -> None:
    assert held_back(agency="Police", ask="Ask Police: 101.") == "Held back by Police. Ask Police: 101."


HELD = "He is said to wait for her behind the bowling alley on Fridays in a silver van."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "We heard that he IS said to wait, for her behind the bowling alley.",
            "he IS said to wait, for her behind",
        ),
        ("She likes bowling on Fridays.", ""),
        ("", ""),
        (HELD, "He is said to wait for her behind"),
    ],
)
def test_eight_words_in_a_row_are_a_repetition(text: str, found: str) -> None:
    assert repeated(text, HELD) == found


def test_a_short_text_is_repeated_as_a_whole_or_not_at_all() -> None:
    assert repeated("They say: silver van outside. Take care.", "Silver van outside") == "silver van outside"
    assert repeated("A silver van", "Silver van outside") == ""
    assert repeated("no", "no") == ""
