"""Claims about how alike names and dates of birth are."""

from datetime import date

import pytest

from portal.pathway.likeness import best_likeness, compare_ages, compare_births
from portal.policy import Policy
from portal.records.children.rules import Facts, Standing, lookup_keys, rank

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Katie Marsh", "Katherine Marsh", "“Katie” and “Katherine” are forms of one name"),
        ("Marsh Katie", "Katie Marsh", "The names are in another order"),
        ("Jan Nowak", "Jan Novak", "“Nowak” and “Novak” are spellings of one name"),
        ("Tia Wildgose", "Tia Wildgoose", "“Wildgose” and “Wildgoose” are spellings of one name"),
        ("Tia Marhs", "Tia Marsh", "“Marhs” and “Marsh” differ by one letter"),
        ("Tia Marsh", "Tia Marsh", "Same name"),
        ("Annemarie Marsh", "Anne Marie Marsh", "The same name, written together or apart"),
        ("J Cartledge", "Jamie Cartledge", "The initial of “J” and “Jamie”"),
    ],
)
def test_names_that_are_alike_say_why(policy: Policy, one: str, other: str, reason: str) -> None:
    found = best_likeness([one], [other], policy.names)
    assert reason in found.reasons
    assert found.complete
    assert not found.at_odds


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hassan Khan", "Hussain Khan"), ("Ella Marsh", "Emma Marsh"), ("Daniel Shaw", "Danielle Shaw")],
)
def test_names_that_sound_alike_and_are_not_the_same_are_at_odds(
    policy: Policy, one: str, other: str
) -> None:
    assert best_likeness([one], [other], policy.names).at_odds


def test_a_nickname_alone_counts_with_the_surname(policy: Policy) -> None:
    found = best_likeness(["Smiler Plackett"], ["Jordan Plackett", "Smiler"], policy.names)
    assert found.complete


def test_a_child_without_a_name_is_like_nobody(policy: Policy) -> None:
    assert best_likeness(["?"], ["Tia Marsh"], policy.names).agreed == 0


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (date(2010, 3, 4), "Same date of birth"),
        (date(2010, 4, 3), "Same date of birth with day and month swapped"),
        (date(2010, 3, 5), "Dates of birth that differ in one digit"),
        (date(2009, 3, 4), "Dates of birth one year apart"),
        (date(2010, 3, 29), "Born in the same month"),
        (date(2014, 8, 19), "The dates of birth differ"),
    ],
)
def test_dates_of_birth_say_how_they_compare(other: date, reason: str) -> None:
    assert compare_births(date(2010, 3, 4), other).reason == reason


def test_a_guessed_age_may_be_a_year_wrong() -> None:
    assert compare_ages(14, 15).worth > 0
    assert compare_ages(12, 16).worth < 0


def test_the_same_nhs_number_outweighs_another_name(policy: Policy) -> None:
    sought = Facts(names=("Unknown",), nhs_number="9434765919")
    known = {
        "a": Facts(names=("Paige Woolley",), nhs_number="9434765919"),
        "b": Facts(names=("Unknown Person",)),
    }
    first = rank(sought, known, policy.names, TODAY)[0]
    assert (first.child, first.standing) == ("a", Standing.POSSIBLE)
    assert first.reasons == ("Same NHS number",)
    assert first.cautions == ("The names differ",)


def test_different_nhs_numbers_are_never_the_same_child_for_certain(policy: Policy) -> None:
    born = date(2010, 3, 4)
    sought = Facts(names=("Tia Marsh",), born=born, nhs_number="9434765919")
    known = {"a": Facts(names=("Tia Marsh",), born=born, nhs_number="4010232137")}
    match = rank(sought, known, policy.names, TODAY)[0]
    assert match.standing is Standing.POSSIBLE
    assert match.cautions == ("The NHS numbers differ",)


def test_of_two_of_one_home_and_birth_only_the_better_counts_as_the_same(policy: Policy) -> None:
    def child(name: str, postcode: str) -> Facts:
        return Facts(names=(name,), born=date(2010, 3, 4), postcodes=frozenset({postcode}))

    sought = child("Brynlee Marsh", "ZZ1 1AA")
    known = {"other": child("Brynley Marsh", "ZZ1 1AA"), "right": child("Brynlee Marsh", "ZZ11AA")}
    found = rank(sought, known, policy.names, TODAY)
    assert [(match.child, match.standing) for match in found] == [
        ("right", Standing.SAME),
        ("other", Standing.POSSIBLE),
    ]


def test_a_child_with_one_name_and_an_age_is_looked_up_by_year_of_birth(policy: Policy) -> None:
    keys = lookup_keys(Facts(names=("Kasia",), age=14), policy.names, TODAY)
    assert "t:kasia" in keys
    assert {key[-4:] for key in keys if key.startswith("year:")} == {"2010", "2011", "2012", "2013"}


def test_a_full_name_is_not_looked_up_by_single_words(policy: Policy) -> None:
    keys = lookup_keys(Facts(names=("Kasia Nowak",)), policy.names, TODAY)
    assert keys
    assert not any(key.startswith(("t:", "p:")) for key in keys)
