"""Claims about references."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pathway.references import ALPHABET, Prefix, new_reference, read_reference

REFERENCES = st.builds(
    lambda prefix, code: f"{prefix}-{code[:4]}-{code[4:]}",
    st.sampled_from(Prefix),
    st.text(alphabet=ALPHABET, min_size=8, max_size=8),
)


def test_a_reference_is_a_prefix_and_eight_random_characters() -> None:
    made = {new_reference(Prefix.CASE) for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(rf"CRE-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", one) for one in made)


@given(REFERENCES)
def test_every_reference_is_read_back_in_any_dress(reference: str) -> None:
    assert read_reference(reference) == reference
    assert read_reference(reference.lower().replace("-", " ")) == reference
    assert read_reference(f" {reference.replace('-', '')} ") == reference


@pytest.mark.parametrize("typed", ["cre 7kq2 9xwd", "CRE–7KQ2–9XWD", "cre7kq29xwd"])
def test_what_is_heard_on_the_phone_is_enough(typed: str) -> None:
    assert read_reference(typed) == "CRE-7KQ2-9XWD"


def test_letters_that_look_like_digits_count_as_them() -> None:
    assert read_reference("CRE-OIL2-9XWD") == "CRE-0112-9XWD"


def test_the_prefix_can_be_left_out_where_only_one_is_meant_and_must_fit() -> None:
    assert read_reference("7KQ2 9XWD", Prefix.CASE) == "CRE-7KQ2-9XWD"
    assert read_reference("7KQ2 9XWD") is None
    assert read_reference("REF-7KQ2-9XWD", Prefix.CASE) is None


@pytest.mark.parametrize("typed", ["", "CRE", "CRE-7KQ2-9XW", "CRE-7KQ2-9XWU", "XXX-7KQ2-9XWD", "Smith"])
def test_what_cannot_be_a_reference_is_not_one(typed: str) -> None:
    assert read_reference(typed) is None
