"""What a file is called on a page: as its owner called it, without what could make it look like another."""

import re
import unicodedata

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
