"""What a file is, by its content alone: its name, and what the browser says of it, count for nothing.

Pictures are drawn anew, so that nothing but what can be seen is left of them. Of e-mails the words are kept,
and each file in them is read as if it came by itself. PDFs and Word documents are kept as they are, because
an agency may have to show that they were not changed, and are refused where they hold anything that does
something by itself.
"""

from dataclasses import replace

from portal.files import ACCEPTED, Unacceptable, emails, kinds, outlook
from portal.files.taken import CarriedFile, TakenFile
from portal.records.attachments.vocabulary import FileKind

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

#: What people choose most often of what is not taken, by how it begins, and what to do instead.
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (
        _OLD_OFFICE,
        "This is an older Office file, or one with a password. Save it as .docx or PDF, without a password",
    ),
    (b"GIF8", "GIF pictures are not taken. Save it as PNG or JPEG"),
    (b"BM", "BMP pictures are not taken. Save it as PNG or JPEG"),
    (b"II*\x00", "TIFF pictures are not taken. Save it as PNG, JPEG or PDF"),
    (b"MM\x00*", "TIFF pictures are not taken. Save it as PNG, JPEG or PDF"),
    (b"{\\rtf", "RTF documents are not taken. Save it as .docx or PDF"),
    (b"MZ", "Programs are not taken"),
    (b"\x7fELF", "Programs are not taken"),
)
_MOVING = (b"hevc", b"hevx", b"msf1", b"heiv")


def read(sent: bytes) -> TakenFile:
    """Say what a file is, and make of it what is kept.

    Args:
        sent: the file as it came, no larger than the portal takes.

    Raises:
        Unacceptable: it is not taken; says why, and what to do.
    """
    if not sent:
        raise Unacceptable("This file is empty. Choose another")
    if kinds.is_pdf(sent):
        return TakenFile(FileKind.PDF, kinds.check_pdf(sent))
    if kinds.is_word(sent):
        return TakenFile(FileKind.DOCX, kinds.check_word(sent))
    kind = kinds.kind_of(sent)
    if kind is not None:
        return TakenFile(kind, kinds.reencode(sent, kind))
    if kinds.is_heic(sent):
        return TakenFile(FileKind.JPEG, kinds.from_heic(sent))
    if outlook.looks_like_one(sent):
        return _email(outlook.opened(sent))
    if emails.looks_like_one(sent):
        return _email(emails.opened(sent))
    raise Unacceptable(_why_not(sent))


def _email(opened: emails.Opened) -> TakenFile:
    """An e-mail with what it carries. A file in it that is not taken is named, and keeps nothing else out."""
    kept, left_out = [], []
    for name, sent in opened.files:
        try:
            if sent is None or outlook.looks_like_one(sent) or emails.looks_like_one(sent):
                raise Unacceptable(emails.NESTED)
            kept.append(CarriedFile(name, sent, read(sent)))
        except Unacceptable as refused:
            left_out.append((name, refused.reason))
    email = replace(opened.email, left_out=tuple(left_out))
    return TakenFile(FileKind.EMAIL, email.packed(), tuple(kept), len(left_out))


def _why_not(sent: bytes) -> str:
    if sent[4:8] == b"ftyp" and sent[8:12] in _MOVING:
        return "Pictures that move are not taken. Save one picture of it"
    if sent[4:12] == b"ftypavif":
        return "AVIF pictures are not taken. Save it as PNG or JPEG"
    start = sent[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script")):
        return f"Web pages and SVG drawings are not taken. Choose {ACCEPTED}"
    why = next((words for begins, words in _OTHERS if sent.startswith(begins)), None)
    return why or f"Files of this kind are not taken. Choose {ACCEPTED}"
