"""What is kept of a file, by its kind. Pictures are decoded and drawn anew, so that place, camera and
whatever hangs behind them is gone. PDFs and Word documents are kept as they came, and refused where they
do something by themselves, carry other files or fetch one.

A Word document is a packed folder of parts, none of which may be a program.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from pi_heif import register_heif_opener
from PIL import Image, ImageOps, JpegImagePlugin
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from portal.files import ACCEPTED, Unacceptable
from portal.records.attachments.vocabulary import FileKind

#: More dots than any telephone or scanner makes; more would need too much memory to draw.
MOST_DOTS = 60_000_000

_QUALITY = 90
_UNREADABLE = "This picture cannot be read. Save it again, or choose another"

#: A telephone may put a second picture for its own use into a JPEG (MPO); the first is what it shows.
_FORMATS = {FileKind.JPEG: ("JPEG", "MPO"), FileKind.PNG: ("PNG",), FileKind.WEBP: ("WEBP",)}

#: Of a HEIC file only the picture that it shows is looked at, by one thread.
register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


def kind_of(sent: bytes) -> FileKind | None:
    """Which kind of picture a file begins as, if one that is taken."""
    if sent.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if sent.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if sent[:4] == b"RIFF" and sent[8:12] == b"WEBP":
        return FileKind.WEBP
    return None


#: How a HEIC picture says what it is; those of films and of the newer AVIF are others.
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})


def is_heic(sent: bytes) -> bool:
    """Whether a file begins as a still picture of the kind that newer telephones make."""
    return sent[4:8] == b"ftyp" and sent[8:12] in _HEIC


def from_heic(sent: bytes) -> bytes:
    """The picture that a HEIC file shows, as a JPEG, upright, and nothing else of the file.

    Raises:
        Unacceptable: it cannot be read, is too large to draw, or holds several pictures.
    """
    try:
        with Image.open(BytesIO(sent), formats=("HEIF",)) as picture:
            _check_size(picture)
            if getattr(picture, "is_animated", False):
                raise Unacceptable("This file holds several pictures. Save the one that you mean")
            picture.load()
            _check_size(picture)  # the head of the file may have said less than what came of it
            out = BytesIO()
            picture.convert("RGB").save(out, "JPEG", quality=_QUALITY)
            return out.getvalue()
    except Unacceptable:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, RuntimeError) as error:
        raise Unacceptable(_UNREADABLE) from error


def _check_size(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_DOTS:
        raise Unacceptable("This picture is too large to draw. Save it with fewer dots (pixels)")


def reencode(sent: bytes, kind: FileKind) -> bytes:
    """The same picture, upright, and nothing else of the file.

    Raises:
        Unacceptable: it cannot be read, is too large to draw, or moves.
    """
    try:
        with Image.open(BytesIO(sent), formats=_FORMATS[kind]) as picture:
            _check_size(picture)
            if kind is not FileKind.JPEG and getattr(picture, "is_animated", False):
                raise Unacceptable("Pictures that move are not taken. Save one picture of it")
            return _drawn(picture, kind)
    except Unacceptable:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise Unacceptable(_UNREADABLE) from error


def _drawn(picture: Image.Image, kind: FileKind) -> bytes:
    picture.load()
    # of the same quality as it came, which only a JPEG says
    tables = getattr(picture, "quantization", None)
    sampling = JpegImagePlugin.get_sampling(picture) if kind is FileKind.JPEG else -1
    upright = ImageOps.exif_transpose(picture)
    upright.info = {key: value for key, value in upright.info.items() if key == "transparency"}
    out = BytesIO()
    if kind is FileKind.JPEG:
        flat = upright if upright.mode in {"L", "RGB"} else upright.convert("RGB")
        same = bool(tables) and flat.mode == picture.mode
        if same:
            flat.save(out, "JPEG", qtables=tables, subsampling=sampling if flat.mode == "RGB" else -1)
        else:
            flat.save(out, "JPEG", quality=_QUALITY)
    elif kind is FileKind.PNG:
        upright.save(out, "PNG", pnginfo=PngInfo(), icc_profile=None, exif=b"")
    else:
        upright.save(out, "WEBP", quality=_QUALITY, icc_profile=None, exif=b"", xmp=b"")
    return out.getvalue()


MOST_OBJECTS = 200_000
_DEEPEST = 50  # how far one thing may lie within another

_BROKEN_PDF = "This PDF cannot be read. Print or save it to PDF again, and add that"
_LOCKED = "This PDF has a password or is protected. Save it without, and add that"
_ACTIVE_PDF = (
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


def is_pdf(sent: bytes) -> bool:
    """Whether a file begins as a PDF; one that begins as something else is none."""
    return sent.startswith(b"%PDF-")


def check_pdf(sent: bytes) -> bytes:
    """The PDF as it came, if every part of it can be read and none does anything by itself.

    Raises:
        Unacceptable: it is broken, locked, acts by itself or carries another file.
    """
    end = sent.rfind(b"%%EOF")
    if end < 0 or not _AFTER_END.fullmatch(sent, end + len(b"%%EOF")):
        raise Unacceptable(_BROKEN_PDF)
    if _ANYWHERE.search(sent):
        raise Unacceptable(_ACTIVE_PDF)
    try:
        reader = PdfReader(BytesIO(sent))
        if reader.is_encrypted:
            raise Unacceptable(_LOCKED)
        if not reader.pages:
            raise Unacceptable(_BROKEN_PDF)
        for found in _everything(reader):
            _check_one(found)
    except Unacceptable:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError) as error:
        raise Unacceptable(_BROKEN_PDF) from error
    except (RecursionError, MemoryError, OverflowError, AssertionError, NotImplementedError) as error:
        raise Unacceptable(_BROKEN_PDF) from error
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
        raise Unacceptable(_BROKEN_PDF)
    yield from _within(reader.trailer)
    for number, generation in sorted(numbers):
        yield from _within(reader.get_object(IndirectObject(number, generation, reader)))


def _within(found: Any, depth: int = 0) -> Iterator[DictionaryObject]:
    """A thing and what lies in it; what it only refers to comes by itself."""
    if depth > _DEEPEST:
        raise Unacceptable(_BROKEN_PDF)
    if isinstance(found, DictionaryObject):
        yield found
        for value in found.values():
            yield from _within(value, depth + 1)
    elif isinstance(found, ArrayObject):
        for value in found:
            yield from _within(value, depth + 1)


def _check_one(found: DictionaryObject) -> None:
    if _KEYS & found.keys():
        raise Unacceptable(_ACTIVE_PDF)
    for key, forbidden in (("/S", _ACTIONS), ("/Type", _KINDS), ("/Subtype", _KINDS)):
        said = found.raw_get(key).get_object() if key in found else None
        if isinstance(said, str) and said in forbidden:
            raise Unacceptable(_ACTIVE_PDF)


MOST_PARTS = 2_000
MOST_UNPACKED = 150 * 1024 * 1024  # bytes, all parts together
_LARGEST_INDEX = 4 * 1024 * 1024  # bytes of a part that says what the others are

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_DOES_SOMETHING = ("macroenabled", "vbaproject", "vbadata", "activex", "oleobject")
#: How files begin that have no place in a document: older Office, packed folders, programs, other documents.
_HIDDEN = (b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"MZ", b"\x7fELF", b"%PDF-", b"{\\rtf")
_END = b"PK\x05\x06"
_END_LENGTH = 22

_BROKEN_WORD = "This Word document cannot be read. Save it again as .docx, or as PDF"
_ACTIVE_WORD = (
    "This Word document holds a macro, another file or something that it fetches from elsewhere. "
    "Save it as PDF and add that"
)
_HUGE = "This Word document is far too large once it is unpacked. Save it as PDF and add that"


def is_word(sent: bytes) -> bool:
    """Whether a file begins as a packed folder."""
    return sent.startswith(b"PK\x03\x04")


def check_word(sent: bytes) -> bytes:
    """The document as it came, if nothing in it does anything by itself.

    Raises:
        Unacceptable: it is no Word document, holds a macro or another file, or is a trap.
    """
    try:
        with ZipFile(BytesIO(sent)) as packed:
            _check_outside(sent, packed)
            _check_parts(packed)
    except (BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        if isinstance(error, Unacceptable):
            raise
        raise Unacceptable(_BROKEN_WORD) from error
    return sent


def _check_outside(sent: bytes, packed: ZipFile) -> None:
    """Nothing stands before, behind or between the parts for another program to find."""
    parts = packed.infolist()
    if "[Content_Types].xml" not in packed.namelist():
        raise Unacceptable(f"Packed folders (ZIP) and other Office files are not taken. Choose {ACCEPTED}")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unacceptable(_HUGE)
    if sent.rfind(_END) != len(sent) - _END_LENGTH or min(part.header_offset for part in parts) != 0:
        raise Unacceptable(_BROKEN_WORD)
    names = [part.filename.lower() for part in parts]
    if len(set(names)) != len(names):
        raise Unacceptable(_BROKEN_WORD)
    for part in parts:
        if part.flag_bits & 1 or part.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise Unacceptable(_BROKEN_WORD)
        if ".." in part.filename.split("/") or part.filename.startswith("/") or "\\" in part.filename:
            raise Unacceptable(_BROKEN_WORD)


def _check_parts(packed: ZipFile) -> None:
    for part in packed.infolist():
        content = packed.read(part)  # no more than it said, and a wrong sum is an error
        if content.startswith(_HIDDEN):
            raise Unacceptable(_ACTIVE_WORD)
        if part.filename == "[Content_Types].xml":
            _check_types(_attributes(part, content, "ContentType"))
        elif part.filename.endswith(".rels"):
            _check_links(part, content)


def _check_types(types: list[str]) -> None:
    if any(word in kind.lower() for kind in types for word in _DOES_SOMETHING):
        raise Unacceptable(_ACTIVE_WORD)
    if _MAIN not in types:
        raise Unacceptable(f"Of Office files only Word documents (.docx) are taken. Choose {ACCEPTED}")


def _check_links(part: ZipInfo, content: bytes) -> None:
    """What a part belongs with. Only an address that somebody has to click may lie outside."""
    for element in _elements(part, content):
        kind = element.get("Type", "").lower()
        outside = element.get("TargetMode", "").lower() == "external"
        if (outside and not kind.endswith("/hyperlink")) or kind.endswith(("/afchunk", "/vbaproject")):
            raise Unacceptable(_ACTIVE_WORD)


def _attributes(part: ZipInfo, content: bytes, name: str) -> list[str]:
    return [element.get(name, "") for element in _elements(part, content)]


def _elements(part: ZipInfo, content: bytes) -> Iterator[dict[str, str]]:
    if part.file_size > _LARGEST_INDEX:
        raise Unacceptable(_HUGE)
    try:
        tree = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException) as error:
        raise Unacceptable(_BROKEN_WORD) from error
    return (dict(element.attrib) for element in tree.iter())
