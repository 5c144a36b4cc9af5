"""By which keys the same place, person, vehicle, phone or account is found in separate records."""

from collections.abc import Iterable

import pytest

from portal.policy import load
from portal.records.concerns.policy import Concerns
from portal.records.concerns.rules import (
    KeyRange,
    SoughtKeys,
    label,
    lookup_keys,
    match_keys,
    read_handle,
    read_phone,
    reasons,
    sought_keys,
)
from tests.policy.editing import SHIPPED

POLICY = load(SHIPPED).of(Concerns)


def keys(kind: str, name: str = "", **details: str) -> frozenset[str]:
    return match_keys(kind, name, details, POLICY.fields_of(kind))


def alike(one: frozenset[str], other: frozenset[str]) -> tuple[str, ...]:
    """Why the other is offered to whoever looks at the one."""
    return reasons(lookup_keys(one) & other)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (("vehicle", {"registration": "zz12 zzz"}), ("vehicle", {"registration": "ZZ12ZZZ"}), "Same reg"),
        (("vehicle", {"registration": "ZZ12"}), ("vehicle", {"registration": "ZZ12 ZZZ"}), "A part"),
        (("vehicle", {"registration": "ZZ12 ZZZ"}), ("vehicle", {"registration": "zzz"}), "A part"),
        (
            ("phone", {"number": "07700 900123"}),
            ("person", {"phones": "x\n+44 (0)7700 900123"}),
            "Same phone",
        ),
        (("phone", {"number": "0044 7700900123"}), ("phone", {"number": "07700-900-123"}), "Same phone"),
        (
            ("account", {"handle": "@Ride.With.Kez"}),
            ("person", {"accounts": "https://chattervale.example/ride.with.kez?x=1"}),
            "Same account",
        ),
        (
            ("place", {"address": "Flat 3, 18 Mangle Street", "postcode": "zz1 9ms"}),
            ("person", {"address": "3 18 Mangle St", "postcode": "ZZ19MS"}),
            "Same address",
        ),
        (
            ("place", {"postcode": "DE1 1AA"}),
            ("place", {"postcode": "de11aa", "address": "9 X"}),
            "Same post",
        ),
        (("vehicle", {"registration": "ZZ12 ZZZ"}), ("person", {"vehicles": "zz12zzz"}), "Same reg"),
    ],
)
def test_the_same_is_found_however_it_was_written(
    one: tuple[str, dict[str, str]], other: tuple[str, dict[str, str]], why: str
) -> None:
    first, second = keys(one[0], **one[1]), keys(other[0], **other[1])
    assert any(reason.startswith(why) for reason in alike(first, second))
    assert any(reason.startswith(why) for reason in alike(second, first))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("vehicle", {"registration": "ZZ12 ABC"}), ("vehicle", {"registration": "ZZ12 DEF"})),
        (("vehicle", {"registration": "ZZ"}), ("vehicle", {"registration": "ZZ12 DEF"})),
        (("phone", {"number": "123"}), ("phone", {"number": "123"})),
        (("place", {"postcode": "Derby"}), ("place", {"postcode": "Derby"})),
        (("vehicle", {"colour": "Silver"}), ("vehicle", {"colour": "Silver"})),
        (("account", {"platform": "game"}), ("account", {"platform": "game"})),
    ],
)
def test_what_tells_nothing_suggests_nothing(
    one: tuple[str, dict[str, str]], other: tuple[str, dict[str, str]]
) -> None:
    assert alike(keys(one[0], **one[1]), keys(other[0], **other[1])) == ()


def test_names_are_the_same_in_any_order_and_one_word_of_them_is_not_enough() -> None:
    assert alike(keys("person", "Zed Müller"), keys("person", "muller, ZED")) == ("Same name",)
    assert alike(keys("person", "Zed Grubb"), keys("person", "X", aliases="Big Al\nGrubb Zed")) == (
        "Same name",
    )
    assert alike(keys("person", "Zed Grubb"), keys("person", "Zed Other")) == ()
    assert alike(keys("place", "The Arcade"), keys("place", "arcade")) == ("Same name",)


def test_an_address_says_the_postcode_too() -> None:
    assert reasons({"at:ZZ19MS|3", "code:ZZ19MS"}) == ("Same address",)
    assert reasons({"reg:X", "tel:1", "half:Y", "part:Y"}) == (
        "Same registration",
        "Same phone number",
        "A part of the registration fits",
    )


def test_words_of_a_name_are_for_looking_up_and_suggest_nothing() -> None:
    assert len(sought_keys("the Zubrowka arcade").words) == 2
    shown = {
        one.partition(":")[0] for one in lookup_keys(keys("place", "Zubrowka Arcade", address="9 Mangle"))
    }
    assert shown == {"name"}
    assert sought_keys(" ") == SoughtKeys((), ())


def finds(typed: str, kept: frozenset[str]) -> bool:
    """Whether somebody who types something finds what has these keys, as the database would look."""

    def has(ranges: Iterable[KeyRange]) -> bool:
        return any(one.low <= key < one.high for one in ranges for key in kept)

    sought = sought_keys(typed)
    return has(sought.whole) or (bool(sought.words) and all(map(has, sought.words)))


@pytest.mark.parametrize(
    ("kind", "name", "details", "parts"),
    [
        ("vehicle", "", {"registration": "AB12 CDE"}, ("ab12 c", "B12 CDE", "2CD", "cde", "AB1")),
        ("person", "X", {"vehicles": "ZZ12 ZZZ\nYY34 YYY"}, ("y34", "2zz")),
        ("phone", "", {"number": "07700 900123"}, ("900 123", "+44 7700", "700 9", "0123", "07700900123")),
        ("account", "", {"handle": "@Ride.With.Kez"}, ("with.k", "kez", "@ride")),
        (
            "place",
            "Zubrowka Arcade",
            {"address": "18 Mangle Street"},
            ("brow", "arcade zub", "mangle", "18 man"),
        ),
        ("person", "Zéd Grübb", {"aliases": "Big Al"}, ("grub", "big", "al big", "rub zed", "ZED GRUBB")),
        ("place", "", {"postcode": "DE1 1AA"}, ("de11", "DE1 1AA")),
    ],
)
def test_three_characters_in_a_row_find_it(
    kind: str, name: str, details: dict[str, str], parts: tuple[str, ...]
) -> None:
    kept = keys(kind, name, **details)
    for part in parts:
        assert finds(part, kept), part
    assert not finds("qqq", kept)


def test_numbers_and_handles_are_read_as_people_write_them() -> None:
    assert read_phone("+44 (0)7700 900123") == read_phone("447700900123") == "07700900123"
    assert read_phone("ring me") == ""
    assert read_handle("@ab") == ""


def test_a_thing_is_called_by_what_tells_it_apart() -> None:
    assert label("vehicle", "", {"registration": "zz12", "make": "Marrowby"}) == "Marrowby, ZZ12"
    assert label("account", "", {"handle": "kez", "platform_name": "Chattervale"}) == "kez on Chattervale"
    assert label("person", " ", {"aliases": "Little Em"}) == "Little Em"
    assert label("phone", "", {}) == "A phone number that is not known"
