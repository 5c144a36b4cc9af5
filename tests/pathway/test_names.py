"""Claims about the keys of names: what is alike shares one, whatever the spelling, order or language."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pathway.names import birth_keys, home_keys, name_keys, search_terms, sound, words, year_keys
from portal.policy import Policy


def fits(typed: str, name: str, policy: Policy) -> bool:
    """Whether somebody who types something finds a child of a name, as the database would look."""
    keys = name_keys(name, policy.names)
    return all(
        term.equal & keys or any(term.low <= key < term.high for key in keys)
        for term in search_terms(typed, policy.names)
    )


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("Dr. Łukasz Wiśniewski", ("lukasz", "wisniewski")),
        ("O’Brien, Seán", ("obrien", "sean")),
        ("Sean O Brien", ("sean", "obrien")),
        ("Mac Donald, Jo", ("macdonald", "jo")),
        ("Abd al-Rahman Khan", ("abdalrahman", "khan")),
        ("Al-Hassan bin Omar", ("hassan", "omar")),
        ("Le Van", ("le", "van")),
        ("Anne-Marie Smith-Jones", ("anne", "marie", "smith", "jones")),
        ("Nguyễn Thị Mai Anh", ("nguyen", "mai", "anh")),
        ("", ()),
        ("?", ()),
    ],
)
def test_a_name_is_read_as_plain_words(policy: Policy, name: str, read: tuple[str, ...]) -> None:
    assert words(name, policy.names) == read


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kowalski", "kovalsky"),
        ("wisniewska", "wisniewski"),
        ("mohammed", "muhamad"),
        ("yusuf", "iusuf"),
        ("osama", "usama"),
        ("abdulrahman", "abdurrahman"),
        ("macdonald", "mcdonald"),
        ("khadija", "kadija"),
        ("szymon", "shimon"),
        ("jakub", "yakub"),
        ("smith", "smyth"),
        ("ivanova", "ivanov"),
    ],
)
def test_spellings_of_one_name_sound_the_same(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("kate smith", "Catherine Smyth"),
        ("SMITH, Kate", "Katherine Smith"),
        ("kat", "Katarzyna Nowak"),
        ("kasia novak", "Katarzyna Nowak"),
        ("mo farah", "Mohamed Farah"),
        ("nguyen anh", "Anh Nguyễn"),
        ("obri", "Sean O’Brien"),
        ("rahman", "Abdul Rahman Safi"),
        ("j carter", "Jamie Carter"),
        ("wojcik", "Małgorzata Wójcik"),
    ],
)
def test_a_child_is_found_in_any_spelling_order_or_beginning(policy: Policy, typed: str, name: str) -> None:
    assert fits(typed, name, policy)


@pytest.mark.parametrize(("typed", "name"), [("kate smith", "Peter Smith"), ("hassan", "Bilal Khan")])
def test_a_child_of_another_name_is_not_found(policy: Policy, typed: str, name: str) -> None:
    assert not fits(typed, name, policy)


def test_nothing_typed_looks_for_nothing(policy: Policy) -> None:
    assert search_terms("  ", policy.names) == ()


@pytest.mark.parametrize(
    "near",
    [date(2010, 3, 4), date(2010, 4, 3), date(2011, 3, 4), date(2010, 5, 4), date(2010, 3, 14)],
)
def test_a_near_date_of_birth_shares_a_key_with_the_right_one(policy: Policy, near: date) -> None:
    right = birth_keys("Ella Marsh", date(2010, 3, 4), policy.names)
    assert right & {key for key in birth_keys("Ella Marsh", near, policy.names) if key.startswith("born:")}


def test_a_far_date_of_birth_shares_none(policy: Policy) -> None:
    right = birth_keys("Ella Marsh", date(2010, 3, 4), policy.names)
    assert not right & birth_keys("Ella Marsh", date(2012, 7, 19), policy.names)


def test_years_and_postcodes_are_keys_only_together_with_a_name(policy: Policy) -> None:
    assert "year:MRX|2010" in year_keys("Ella Marsh", (2010,), policy.names)
    assert home_keys("Ella Marsh", "ZZ1 1AA", policy.names) == home_keys("Marsh Ella", "ZZ11AA", policy.names)


@given(st.text(max_size=60))
def test_any_text_can_be_read_as_a_name(policy: Policy, text: str) -> None:
    keys = name_keys(text, policy.names)
    assert all(key.isascii() and ":" in key for key in keys)
    assert len(keys) < 1000
