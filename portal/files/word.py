"""Word documents: a packed folder of parts, none of which may be a program or fetch one."""

from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from portal.files import ACCEPTED, Unacceptable

MOST_PARTS = 2_000
MOST_UNPACKED = 150 * 1024 * 1024  # bytes, all parts together
_LARGEST_INDEX = 4 * 1024 * 1024  # bytes of a part that says what the others are

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_DOES_SOMETHING = ("macroenabled", "vbaproject", "vbadata", "activex", "oleobject")
#: How files begin that have no place in a document: older Office, packed folders, programs, other documents.
_HIDDEN = (b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"MZ", b"\x7fELF", b"%PDF-", b"{\\rtf")
_END = b"PK\x05\x06"
_END_LENGTH = 22

_BROKEN = "This Word document cannot be read. Save it again as .docx, or as PDF"
_ACTIVE = (
    "This Word document holds a macro, another file or something that it fetches from elsewhere. "
    "Save it as PDF and add that"
)
_HUGE = "This Word document is far too large once it is unpacked. Save it as PDF and add that"


def looks_like_one(sent: bytes) -> bool:
    """Whether a file begins as a packed folder."""
    return sent.startswith(b"PK\x03\x04")


def check(sent: bytes) -> bytes:
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
        raise Unacceptable(_BROKEN) from error
    return sent


def _check_outside(sent: bytes, packed: ZipFile) -> None:
    """Nothing stands before, behind or between the parts for another program to find."""
    parts = packed.infolist()
    if "[Content_Types].xml" not in packed.namelist():
        raise Unacceptable(f"Packed folders (ZIP) and other Office files are not taken. Choose {ACCEPTED}")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unacceptable(_HUGE)
    if sent.rfind(_END) != len(sent) - _END_LENGTH or min(part.header_offset for part in parts) != 0:
        raise Unacceptable(_BROKEN)
    names = [part.filename.lower() for part in parts]
    if len(set(names)) != len(names):
        raise Unacceptable(_BROKEN)
    for part in parts:
        if part.flag_bits & 1 or part.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise Unacceptable(_BROKEN)
        if ".." in part.filename.split("/") or part.filename.startswith("/") or "\\" in part.filename:
            raise Unacceptable(_BROKEN)


def _check_parts(packed: ZipFile) -> None:
    for part in packed.infolist():
        content = packed.read(part)  # no more than it said, and a wrong sum is an error
        if content.startswith(_HIDDEN):
            raise Unacceptable(_ACTIVE)
        if part.filename == "[Content_Types].xml":
            _check_types(_attributes(part, content, "ContentType"))
        elif part.filename.endswith(".rels"):
            _check_links(part, content)


def _check_types(types: list[str]) -> None:
    if any(word in kind.lower() for kind in types for word in _DOES_SOMETHING):
        raise Unacceptable(_ACTIVE)
    if _MAIN not in types:
        raise Unacceptable(f"Of Office files only Word documents (.docx) are taken. Choose {ACCEPTED}")


def _check_links(part: ZipInfo, content: bytes) -> None:
    """What a part belongs with. Only an address that somebody has to click may lie outside."""
    for element in _elements(part, content):
        kind = element.get("Type", "").lower()
        outside = element.get("TargetMode", "").lower() == "external"
        if (outside and not kind.endswith("/hyperlink")) or kind.endswith(("/afchunk", "/vbaproject")):
            raise Unacceptable(_ACTIVE)


def _attributes(part: ZipInfo, content: bytes, name: str) -> list[str]:
    return [element.get(name, "") for element in _elements(part, content)]


def _elements(part: ZipInfo, content: bytes) -> Iterator[dict[str, str]]:
    if part.file_size > _LARGEST_INDEX:
        raise Unacceptable(_HUGE)
    try:
        tree = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException) as error:
        raise Unacceptable(_BROKEN) from error
    return (dict(element.attrib) for element in tree.iter())
