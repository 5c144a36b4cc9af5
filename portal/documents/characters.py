"""Text as the fonts of a document can show it.

The fonts that Typst brings hold the alphabets of Europe, Hebrew, Arabic and Devanagari. An accessible
document must not hold a sign that its font does not have, so that others are written another way: letters of
other scripts in Latin ones, pictures by their names.
"""

import re
import unicodedata
from typing import Any

from anyascii import anyascii

#: Code points that the bundled fonts show, from and to: a test makes a document of every one of them.
SHOWN = (
    (0x0020, 0x04FF),  # Latin, Greek, Cyrillic, combining accents
    (0x0531, 0x05F4),  # Armenian, Hebrew
    (0x0621, 0x063A),
    (0x0640, 0x0652),
    (0x0660, 0x066D),
    (0x0904, 0x0939),
    (0x0958, 0x0961),
    (0x0964, 0x096F),
    (0x1E00, 0x1EFF),  # more Latin
    (0x2000, 0x2027),  # spaces, dashes, quotation marks
    (0x2030, 0x203E),
    (0x20A0, 0x20BF),  # currencies
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematics
    (0x25A0, 0x25FF),  # boxes
    (0xFB00, 0xFB06),  # ligatures
)

_LATIN_1 = 0xFF
_LONGEST_WORD = 60  # longer ones may be broken, or they would run off the page
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_WORD}}}(?=\S)")
_LINES = re.compile(r"\r\n?|[\u2028\u2029\v\f]|\x85")
#: Signs that turn the direction of what follows: a text must not rearrange what stands around it.
_TURNING = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def showable(value: Any, *, plain: bool = False) -> Any:
    """The same data with every text as the fonts can show it.

    Args:
        value: what a template reads: texts, numbers, lists and mappings of them.
        plain: write all but ASCII and the accents of Western Europe in another way.
    """
    match value:
        case str():
            return _text(value, plain=plain)
        case dict():
            return {key: showable(one, plain=plain) for key, one in value.items()}
        case list() | tuple():
            return [showable(one, plain=plain) for one in value]
        case _:
            return value


def _text(text: str, *, plain: bool) -> str:
    if text.isascii() and text.isprintable() and len(text) <= _LONGEST_WORD:
        return text
    composed = unicodedata.normalize("NFC", _TURNING.sub("", _LINES.sub("\n", text)))
    written = "".join(one if _is_shown(one, plain=plain) else _otherwise(one) for one in composed)
    return _LONG_WORD.sub("\\g<0>\u200b", written)


def _is_shown(sign: str, *, plain: bool) -> bool:
    code = ord(sign)
    if sign in "\n\t":
        return True
    if unicodedata.category(sign) in {"Cc", "Cn", "Cs", "Co"}:
        return False
    return code <= _LATIN_1 if plain else any(first <= code <= last for first, last in SHOWN)


def _otherwise(sign: str) -> str:
    """A sign that no font of ours shows, in Latin letters or by its name."""
    kind = unicodedata.category(sign)
    if kind in {"Cc", "Cf", "Cs", "Mn", "Me"}:
        return ""
    if kind in {"Cn", "Co"}:
        return "[?]"
    latin = anyascii(sign).strip() if kind[0] in "LNPZM" else ""
    if latin and latin.isprintable():
        return f"{latin} " if kind == "Lo" else latin
    return f"[{unicodedata.name(sign, 'sign').lower()}]"
