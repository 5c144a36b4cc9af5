"""The blocks that documents are made of, in signs that their fonts can show.

`portal/templates/documents/layout.typ` lays each of them out. The fonts that Typst brings hold the
alphabets of Europe, Hebrew, Arabic and Devanagari. An accessible document must not hold a sign that its
font does not have, so that others are written another way: letters of other scripts in Latin ones, pictures
by their names.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
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


Block = dict[str, Any]


def heading(text: str, level: int = 1) -> Block:
    """A heading. Levels go down one by one, or the document would not be accessible."""
    return {"kind": "heading", "text": text, "level": level}


def words(text: str) -> list[Block]:
    """What somebody wrote, with its paragraphs; nothing for nothing."""
    return [{"kind": "words", "text": text}] if text.strip() else []


def note(text: str) -> list[Block]:
    """A line in small type: by whom, when, for whom to read."""
    return [{"kind": "note", "text": text}] if text else []


def labelled(label: str, text: str | None) -> list[Block]:
    """A label in bold before a text; nothing for nothing."""
    return [{"kind": "labelled", "label": label, "text": text}] if text else []


def facts(rows: Iterable[Mapping[str, Any]]) -> list[Block]:
    """Rows of `key` and `value`, a text or a list of them; rows without a value are left out."""
    given = [{"key": str(row["key"]), "value": _plain(row["value"])} for row in rows]
    kept = [row for row in given if row["value"].strip()]
    return [{"kind": "facts", "rows": kept}] if kept else []


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[int] = ()) -> list[Block]:
    """A table with a heading row; nothing for no rows.

    Args:
        widths: the share of each column, 0 for one that is as wide as its words; by default all alike.
    """
    cells = [[_plain(cell) for cell in row] for row in rows]
    shares = list(widths or [1] * len(columns))
    return [{"kind": "table", "columns": list(columns), "widths": shares, "rows": cells}] if cells else []


def said(label: str, *, answer: str = "", words: str = "", by: str = "") -> Block:
    """Something that somebody said."""
    return {"kind": "said", "label": label, "answer": answer, "words": words, "by": by}


def bullets(items: Iterable[str]) -> list[Block]:
    """A list; nothing for no items."""
    found = list(items)
    return [{"kind": "bullets", "items": found}] if found else []


def numbered(items: Iterable[str]) -> list[Block]:
    """A list whose order counts; nothing for no items."""
    found = list(items)
    return [{"kind": "numbered", "items": found}] if found else []


def warning(text: str) -> Block:
    """What has to be heeded before all else."""
    return {"kind": "warning", "text": text}


def new_page() -> Block:
    """What follows begins on a page of its own."""
    return {"kind": "page"}


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return "\n".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
