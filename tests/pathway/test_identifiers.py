"""Claims about numbers that prove themselves, and about postcodes."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.pathway.characters import (
    BadIdentifier,
    format_nhs_number,
    read_identifier,
    read_nhs_number,
    read_postcode,
    read_upn,
)
from portal.policy import IdentifierCheck


@pytest.mark.parametrize("typed", ["9434765919", "943 476 5919", " 943-476-5919 ", "943 4765919"])
def test_an_nhs_number_is_read_however_it_is_spaced(typed: str) -> None:
    assert read_nhs_number(typed) == "9434765919"
    assert format_nhs_number("9434765919") == "943 476 5919"


@pytest.mark.parametrize(
    "typed", ["", "943476591", "94347659190", "943476591X", "9434765918", "0000000000", "٩434765919"]
)
def test_what_cannot_be_an_nhs_number_is_refused_with_a_way_out(typed: str) -> None:
    with pytest.raises(BadIdentifier) as refused:
        read_nhs_number(typed)
    assert refused.value.message.startswith(("Enter", "Check"))


@given(st.integers(min_value=0, max_value=8), st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_is_always_found(place: int, change: int) -> None:
    digits = list("9434765919")
    digits[place] = str((int(digits[place]) + change) % 10)
    with pytest.raises(BadIdentifier):
        read_nhs_number("".join(digits))


@given(st.integers(min_value=0, max_value=8))
def test_two_neighbours_swapped_are_always_found(place: int) -> None:
    digits = list("9434765919")
    assume(digits[place] != digits[place + 1])
    digits[place], digits[place + 1] = digits[place + 1], digits[place]
    with pytest.raises(BadIdentifier):
        read_nhs_number("".join(digits))


@pytest.mark.parametrize("typed", ["H801200001001", "h801 2000 0100 1", "U80120000100A"])
def test_a_pupil_number_is_read_permanent_or_temporary(typed: str) -> None:
    assert len(read_upn(typed)) == 13


@pytest.mark.parametrize(
    "typed", ["", "H80120000100", "A801200001001", "I801200001001", "H801200001002", "8H01200001001"]
)
def test_what_cannot_be_a_pupil_number_is_refused(typed: str) -> None:
    with pytest.raises(BadIdentifier):
        read_upn(typed)


def test_a_number_without_a_check_is_kept_as_typed_with_single_spaces() -> None:
    assert read_identifier(IdentifierCheck.NONE, "  ab  12/3 ") == "AB 12/3"
    with pytest.raises(BadIdentifier):
        read_identifier(IdentifierCheck.NONE, "   ")


def test_the_policy_says_how_an_identifier_is_checked_and_shown() -> None:
    stored = read_identifier(IdentifierCheck.NHS_NUMBER, "943 476 5919")
    assert format_nhs_number(stored) == "943 476 5919"
    with pytest.raises(BadIdentifier):
        read_identifier(IdentifierCheck.UPN, stored)


@pytest.mark.parametrize(
    ("typed", "read"),
    [("de1 1aa", "DE1 1AA"), ("S401AA", "S40 1AA"), (" sk13-0zz", "SK13 0ZZ"), ("Derby", None), ("", None)],
)
def test_a_postcode_is_read_in_any_spelling(typed: str, read: str | None) -> None:
    assert read_postcode(typed) == read
