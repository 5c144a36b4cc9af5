"""What a text may hold, in the scripts of the people who live here."""

import pytest

from portal.pathway.characters import can_be_kept, kept_only, one_line, several_lines

OVERRIDE, ISOLATE, POP = "\u202e", "\u2067", "\u2069"
NON_JOINER, JOINER = "\u200c", "\u200d"


@pytest.mark.parametrize(
    "name",
    [
        "Zoë O’Neill-Smith",
        "Jürgen Žižek",
        "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",  # Persian: the non-joiner parts Ali from Reza
        "क्\u200dष",  # Devanagari: the joiner keeps a half letter
        "শ্র\u09cdয\u09beবণী",
        "Nguyễn Thị Hồng",
        "李小龙",
        "דָּוִד",
        "ශ්\u200dරී",  # Sinhala: Sri
    ],
)
def test_names_of_real_people_stay_as_they_are(name: str) -> None:
    assert one_line(name) == name
    assert several_lines(name) == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (f"Derby {OVERRIDE}lortnoc", "Derby lortnoc"),
        (f"{ISOLATE}Hub{POP}", "Hub"),
        ("Hub\u200b\ufeff\u2060", "Hub"),
        (f"Po{NON_JOINER}lice", "Police"),
        (f"Po{JOINER}lice", "Police"),
        ("Po\u00adlice", "Police"),
        ("A\r\nB\tC\u2028D", "A B C D"),
        ("\x1b[31mRed\x07\x85", "[31mRed "),
        ("Tag\U000e0041\U000e007f", "Tag"),
        ("\u3164Blank\u115f", "Blank"),
    ],
)
def test_nothing_unseen_is_left_in_one_line(typed: str, kept: str) -> None:
    assert one_line(typed) == kept


def test_several_lines_keep_their_lines_and_marks_of_direction() -> None:
    assert several_lines("One\r\ntwo\rthree\t\x0b.") == "One\ntwo\nthree\t."
    assert several_lines("(\u200fشعر\u200f)") == "(\u200fشعر\u200f)"
    assert several_lines(f"Said {OVERRIDE}no{POP}") == "Said no"


def test_what_the_database_refuses_is_found_and_taken_out() -> None:
    assert can_be_kept("Any words \N{GRINNING FACE}\x1b")
    assert not can_be_kept("a\0")
    assert not can_be_kept("\ud83d")
    assert kept_only("a\0b\udc00c") == "abc"
