"""Random references for addresses, e-mails and talk on the phone. They encode nothing."""

import re
import secrets
from enum import StrEnum

#: Crockford's base 32: no I, L, O or U, so that nothing is misread and little is misunderstood.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_GROUPS, _GROUP_LENGTH = 2, 4
_READ_AS = str.maketrans("OIL", "011")


class Prefix(StrEnum):
    """What sort of record a reference belongs to."""

    CASE = "CRE"
    REFERRAL = "REF"
    CHILD = "CHD"
    DISCLOSURE = "DIS"
    REQUEST = "REQ"
    INTELLIGENCE = "INT"
    MEETING = "MTG"
    INVITATION = "INV"
    ASSESSMENT = "ASM"
    COPY = "CPY"
    SAFETY_PLAN = "SPL"
    ATTACHMENT = "ATT"
    DECISION = "DEC"
    MINUTES = "MIN"
    CITATION = "CIT"
    PLAN = "PLN"
    ACTION = "ACT"
    HAND_OVER = "HND"
    MISSING = "MIS"
    INTERVIEW = "RHI"
    CONCERN = "CON"
    LINKED_PROCESS = "LNP"
    ORDER = "ORD"
    PANEL_ITEM = "PNI"
    BY_HAND = "TBH"


_TYPED = re.compile(
    rf"({'|'.join(Prefix)})?([{ALPHABET}OIL]{{{_GROUPS * _GROUP_LENGTH}}})",
)


def new_reference(prefix: Prefix) -> str:
    """A reference such as ``CRE-7KQ2-9XWD``: 40 random bits.

    Two of a million may meet: a unique constraint stands behind it and the caller tries again.
    """
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join((prefix, *groups))


def read_reference(typed: str, prefix: Prefix | None = None) -> str | None:
    """A reference as stored, from what somebody typed or heard; None if it cannot be one.

    Case, spaces and dashes do not matter, and O, I and L count as the digits that they look like.

    :param prefix: what to assume, and to insist on, when only one sort of record is meant.
    """
    bare = re.sub(r"[\s\-–—_.]", "", typed).upper()
    found = _TYPED.fullmatch(bare)
    if not found:
        return None
    named = found[1] or prefix
    if named is None or (prefix is not None and named != prefix):
        return None
    code = found[2].translate(_READ_AS)
    return "-".join((named, *(code[at : at + _GROUP_LENGTH] for at in range(0, len(code), _GROUP_LENGTH))))
