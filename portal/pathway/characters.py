"""What is typed: which characters a text may hold, that the database keeps and that make no name look like
another; and numbers that prove that they were typed right, and how people read them.

NHS number: 10 figures, the last a check figure by weights 10 to 2, modulus 11 (NHS Data Dictionary). Unique
pupil number: a check letter by weights 2 to 13, modulus 23, then 12 characters, of which the last is a
letter in a temporary number (Department for Education).
"""

import re
import unicodedata
from uuid import UUID

from anyascii import anyascii

from portal.policy import IdentifierCheck

#: PostgreSQL keeps no NUL, and half a pair of surrogates is no character.
_NEVER_KEPT = re.compile(r"[\x00\ud800-\udfff]")
#: Controls without a meaning on a page, line ends and tabs apart.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
#: Overrides, embeddings and isolates: they turn round what stands after them, also outside their own text.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
#: Further signs that nobody sees: marks of direction, spaces without width, joiners of words, fillers, tags.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
#: Joiner and non-joiner change how Arabic and Indic letters are written, as in many Persian names.
_JOINING_SCRIPTS = (
    "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefc"
)
_LONE_JOINER = re.compile(f"(?<![{_JOINING_SCRIPTS}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINING_SCRIPTS}])")
_LONGEST_NUMBER = 9  # digits: every number of a record fits a database integer
_SPACES = re.compile(r"[\t\n\r\x0b\x0c\x85\u2028\u2029]+")


def can_be_kept(text: str) -> bool:
    """Whether the database takes a text."""
    return _NEVER_KEPT.search(text) is None


def kept_only(text: str) -> str:
    """A text without what the database does not take."""
    return _NEVER_KEPT.sub("", text)


def one_line(text: str) -> str:
    """A name, an address or a heading: nothing in it that is not seen, and no end of a line."""
    shown = _UNSEEN.sub("", _TURNING.sub("", _CONTROLS.sub("", _SPACES.sub(" ", text))))
    return _LONE_JOINER.sub("", shown)


def several_lines(text: str) -> str:
    """A longer text: ends of lines of one kind, no other controls, and nothing that turns the rest round."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _TURNING.sub("", _CONTROLS.sub("", lines))


def whole_number(typed: str | None) -> int:
    """The number that a page put into its own form; 0 for anything else that came back."""
    found = (typed or "").strip()
    return int(found) if found.isascii() and found.isdigit() and len(found) <= _LONGEST_NUMBER else 0


def identifier(typed: str | None) -> UUID | None:
    """The identifier that a page put into its own form; none for anything else that came back."""
    try:
        return UUID(typed or "")
    except ValueError:
        return None


# Text in plain Latin letters, so that it is compared whatever its accents and its script.

#: Signs that are a syllable or a word each, written without spaces: Chinese characters, Korean syllables.
_SYLLABLES = re.compile("([\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff])")


def latin(text: str) -> str:
    """The text in lower-case ASCII: letters without accents, other scripts transliterated sign by sign.

    What has no letters of its own, as a mark above or below, is left out. Syllables of scripts that are
    written without spaces become words of their own.
    """
    composed = unicodedata.normalize("NFKC", text)
    return anyascii(_SYLLABLES.sub(r" \1 ", composed)).lower()


_SEPARATORS = re.compile(r"[\s\-–./]+")
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_NHS_LENGTH = 10
_LONGEST = 40


class BadIdentifier(ValueError):
    """Something typed that cannot be the identifier. ``message`` is for the person who typed it."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def read_nhs_number(typed: str) -> str:
    """The ten digits of an NHS number, however it was spaced.

    :raises BadIdentifier: there are not ten digits, or the check digit does not fit.
    """
    digits = _SEPARATORS.sub("", typed)
    if not (digits.isascii() and digits.isdigit() and len(digits) == _NHS_LENGTH):
        raise BadIdentifier("Enter an NHS number of 10 digits, like 943 476 5919")
    check = (
        11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    )
    if check % 11 != int(digits[-1]) or len(set(digits)) == 1:
        raise BadIdentifier("Check the NHS number: it has a wrong or swapped digit")
    return digits


def format_nhs_number(digits: str) -> str:
    """An NHS number in groups of three, three and four, as people read it."""
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"


def read_upn(typed: str) -> str:
    """The thirteen characters of a unique pupil number, permanent or temporary.

    :raises BadIdentifier: the shape or the check letter does not fit.
    """
    upn = _SEPARATORS.sub("", typed).upper()
    if not re.fullmatch(rf"[{_UPN_LETTERS}]\d{{11}}[\d{_UPN_LETTERS}]", upn, re.ASCII):
        raise BadIdentifier("Enter a unique pupil number: a letter and 12 digits, like H801200001001")
    values = [_UPN_LETTERS.index(one) if one in _UPN_LETTERS else int(one) for one in upn[1:]]
    if (
        _UPN_LETTERS[sum(value * weight for value, weight in zip(values, range(2, 14), strict=True)) % 23]
        != upn[0]
    ):
        raise BadIdentifier("Check the unique pupil number: it has a wrong or swapped character")
    return upn


def read_identifier(check: IdentifierCheck, typed: str) -> str:
    """An identifier as it is stored, by the check that policy ``people.identifiers`` names for it.

    Numbers without a check of their own are kept as typed, in capitals, with single spaces.

    :raises BadIdentifier: it is empty, too long or does not pass its check.
    """
    if check is IdentifierCheck.NHS_NUMBER:
        return read_nhs_number(typed)
    if check is IdentifierCheck.UPN:
        return read_upn(typed)
    kept = " ".join(typed.split()).upper()
    if not kept or len(kept) > _LONGEST:
        raise BadIdentifier(f"Enter the number, in at most {_LONGEST} characters")
    return kept


def read_postcode(typed: str) -> str | None:
    """A postcode in capitals with one space before its last three characters; None if it cannot be one."""
    bare = re.sub(r"[^A-Za-z0-9]", "", typed).upper()
    if not re.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}", bare):
        return None
    return f"{bare[:-3]} {bare[-3:]}"
