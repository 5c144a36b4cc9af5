"""Numbers that prove that they were typed right, and how people read them.

NHS number: 10 digits, the last a check digit by weights 10 to 2, modulus 11 (NHS Data Dictionary).
Unique pupil number: a check letter by weights 2 to 13, modulus 23, then 12 characters, of which the last is a
letter in a temporary number (Department for Education).
"""

import re

from portal.policy import IdentifierCheck

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
