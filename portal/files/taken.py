"""A file as it is kept: what the process that read it hands back, and what it is called on a page: as its
owner called it, without what could make it look like another.
"""

import re
import unicodedata
from dataclasses import dataclass

from portal.records.attachments.vocabulary import FileKind

LONGEST = 100  # characters
NAMELESS = "File without a name"

_ENDINGS = {
    FileKind.PDF: ("pdf",),
    FileKind.DOCX: ("docx",),
    FileKind.JPEG: ("jpg", "jpeg", "jpe", "jfif", "heic", "heif"),  # the last become a JPEG
    FileKind.PNG: ("png",),
    FileKind.WEBP: ("webp",),
    FileKind.EMAIL: ("eml", "msg"),
    FileKind.UNKNOWN: (),
}


def shown_name(given: str, kind: FileKind) -> str:
    """A name for people: no folders, no marks that turn the direction of writing, and no ending of its kind.

    The kind is shown beside it, so a name that ends as another kind of file keeps that ending to be seen.
    """
    last = re.split(r"[/\\]", given)[-1]
    plain = "".join(
        " " if unicodedata.category(letter).startswith(("C", "Z")) else letter
        for letter in unicodedata.normalize("NFC", last)
    )
    plain = " ".join(plain.split())
    stem, dot, ending = plain.rpartition(".")
    if dot and stem and ending.lower() in _ENDINGS[kind]:
        plain = stem
    plain = plain.strip(". ")
    return f"{plain[: LONGEST - 1]}…" if len(plain) > LONGEST else plain or NAMELESS


@dataclass(frozen=True)
class TakenFile:
    """A file as it is kept.

    Args:
        parts: what a saved e-mail carried, each a file by itself.
        left_out: how many of those were not taken.
    """

    kind: FileKind
    content: bytes
    parts: "tuple[CarriedFile, ...]" = ()
    left_out: int = 0


@dataclass(frozen=True)
class CarriedFile:
    """A file that came with an e-mail, and what is kept of it.

    Args:
        name: as the e-mail calls it.
        sent: the file as it came.
    """

    name: str
    sent: bytes
    taken: TakenFile
