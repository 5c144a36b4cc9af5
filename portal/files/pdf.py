"""PDFs: kept as they came, and refused where they do something by themselves or carry other files."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from portal.files import Unacceptable

MOST_OBJECTS = 200_000
_DEEPEST = 50  # how far one thing may lie within another

_BROKEN = "This PDF cannot be read. Print or save it to PDF again, and add that"
_LOCKED = "This PDF has a password or is protected. Save it without, and add that"
_ACTIVE = (
    "This PDF holds a script, another file or something else that acts by itself. "
    "Print it to a new PDF, and add that"
)

#: Entries that no page that is only read needs.
_KEYS = frozenset(
    {
        *("/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA"),
        *("/RichMediaContent", "/RichMediaSettings"),
    }
)
_ACTIONS = frozenset(
    {
        *("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/GoToR"),
        *("/Rendition", "/RichMediaExecute"),
    }
)
_KINDS = frozenset({"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/3D", "/Screen", "/Movie", "/Sound"})
#: The same where a reader that mends a broken file might find it and we do not.
_ANYWHERE = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia)\b")
_AFTER_END = re.compile(rb"[\s\x00]*")


def looks_like_one(sent: bytes) -> bool:
    """Whether a file begins as a PDF; one that begins as something else is none."""
    return sent.startswith(b"%PDF-")


def check(sent: bytes) -> bytes:
    """The PDF as it came, if every part of it can be read and none does anything by itself.

    Raises:
        Unacceptable: it is broken, locked, acts by itself or carries another file.
    """
    end = sent.rfind(b"%%EOF")
    if end < 0 or not _AFTER_END.fullmatch(sent, end + len(b"%%EOF")):
        raise Unacceptable(_BROKEN)
    if _ANYWHERE.search(sent):
        raise Unacceptable(_ACTIVE)
    try:
        reader = PdfReader(BytesIO(sent))
        if reader.is_encrypted:
            raise Unacceptable(_LOCKED)
        if not reader.pages:
            raise Unacceptable(_BROKEN)
        for found in _everything(reader):
            _check_one(found)
    except Unacceptable:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError) as error:
        raise Unacceptable(_BROKEN) from error
    except (RecursionError, MemoryError, OverflowError, AssertionError, NotImplementedError) as error:
        raise Unacceptable(_BROKEN) from error
    return sent


def _everything(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary of the file, also what no page leads to."""
    numbers = {
        (number, generation)
        for generation, numbered in reader.xref.items()
        for number in numbered
        if isinstance(number, int)
    } | {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise Unacceptable(_BROKEN)
    yield from _within(reader.trailer)
    for number, generation in sorted(numbers):
        yield from _within(reader.get_object(IndirectObject(number, generation, reader)))


def _within(found: Any, depth: int = 0) -> Iterator[DictionaryObject]:
    """A thing and what lies in it; what it only refers to comes by itself."""
    if depth > _DEEPEST:
        raise Unacceptable(_BROKEN)
    if isinstance(found, DictionaryObject):
        yield found
        for value in found.values():
            yield from _within(value, depth + 1)
    elif isinstance(found, ArrayObject):
        for value in found:
            yield from _within(value, depth + 1)


def _check_one(found: DictionaryObject) -> None:
    if _KEYS & found.keys():
        raise Unacceptable(_ACTIVE)
    for key, forbidden in (("/S", _ACTIONS), ("/Type", _KINDS), ("/Subtype", _KINDS)):
        said = found.raw_get(key).get_object() if key in found else None
        if isinstance(said, str) and said in forbidden:
            raise Unacceptable(_ACTIVE)
