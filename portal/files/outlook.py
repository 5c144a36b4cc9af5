"""Saved e-mails of Outlook (.msg): a folder of streams, each a property of the message under its number."""

import struct
from datetime import UTC, datetime, timedelta
from io import BytesIO

from olefile import DEFECT_INCORRECT, OleFileIO

from portal.files import Unacceptable
from portal.files.emails import (
    BROKEN,
    CROWDED,
    ENCRYPTED,
    LONG,
    MOST_FILES,
    Email,
    Opened,
    head_line,
    words_of,
)

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROPERTIES = "__properties_version1.0"
_NAME = "__properties_version1.0".encode("utf-16-le")
_FILE = "__attach_version1.0_#"
_MOST_STREAMS = 4_000
_LARGEST = 64 * 1024 * 1024  # bytes that may be read of it, all streams together
_RTF_ALONE = "The words of this e-mail are in a form that is not read here. Print it to PDF, and add that"
_NO_EMAIL = "This is no e-mail but something else of Outlook’s. Print it to PDF, and add that"

_CLASS, _SUBJECT, _SENT, _RECEIVED = 0x001A, 0x0037, 0x0039, 0x0E06
_SENDER, _SENDER_ADDRESS, _SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
_TO, _COPIED, _BODY, _HTML, _RTF = 0x0E04, 0x0E03, 0x1000, 0x1013, 0x1009
_LONG_NAME, _SHORT_NAME, _DATA, _MIME = 0x3707, 0x3704, 0x3701, 0x370E
_HEAD_OF_MESSAGE, _ENTRY = 32, 16  # bytes
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)  # from which Windows counts, by tenths of a microsecond


def looks_like_one(sent: bytes) -> bool:
    """Whether a file is a folder of streams with the properties of a message."""
    return sent.startswith(_MAGIC) and _NAME in sent


def opened(sent: bytes) -> Opened:
    """What a message of Outlook says and carries.

    Raises:
        Unacceptable: it is broken, encrypted, no e-mail, too long, or carries too much.
    """
    try:
        with OleFileIO(BytesIO(sent), raise_defects=DEFECT_INCORRECT) as folder:
            return _opened(_Streams(folder))
    except Unacceptable:
        raise
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, struct.error) as error:
        raise Unacceptable(BROKEN) from error
    except (RecursionError, MemoryError, OverflowError, AssertionError) as error:
        raise Unacceptable(BROKEN) from error


class _Streams:
    """The streams of a message, read only as far as all of them together may be."""

    def __init__(self, folder: "OleFileIO[str]") -> None:
        self._folder, self._left = folder, _LARGEST
        listed = folder.listdir(streams=True, storages=True)
        if len(listed) > _MOST_STREAMS:
            raise Unacceptable(CROWDED)
        self._there = {"/".join(path) for path in listed}
        self.files = sorted(path[0] for path in listed if len(path) == 1 and path[0].startswith(_FILE))

    def has(self, name: str) -> bool:
        """Whether there is such a stream or folder."""
        return name in self._there

    def read(self, name: str) -> bytes:
        """A stream; nothing where it is not there."""
        if name not in self._there:
            return b""
        self._left -= self._folder.get_size(name)
        if self._left < 0:  # streams may share what they are made of, so that little holds much
            raise Unacceptable(LONG)
        return self._folder.openstream(name).read()

    def text(self, number: int, within: str = "") -> str:
        """A property that is words, in the two ways in which they are kept."""
        if wide := self.read(f"{within}__substg1.0_{number:04X}001F"):
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        return self.read(f"{within}__substg1.0_{number:04X}001E").decode("cp1252", "replace").rstrip("\0")

    def data(self, number: int, within: str = "") -> bytes:
        """A property that is bytes."""
        return self.read(f"{within}__substg1.0_{number:04X}0102")


def _opened(streams: _Streams) -> Opened:
    kind = streams.text(_CLASS).upper()
    if ".SMIME" in kind:
        raise Unacceptable(ENCRYPTED)
    if not kind.startswith(("IPM.NOTE", "IPM.SCHEDULE", "REPORT.IPM.NOTE")):
        raise Unacceptable(_NO_EMAIL if kind else BROKEN)
    if len(streams.files) > MOST_FILES:
        raise Unacceptable(CROWDED)
    files = tuple(_file(streams, f"{folder}/") for folder in streams.files)
    plain, marked = streams.text(_BODY), _marked(streams)
    if not plain and not marked and streams.data(_RTF):
        raise Unacceptable(_RTF_ALONE)
    email = Email(
        sender=_sender(streams),
        to=head_line(streams.text(_TO)),
        copied=head_line(streams.text(_COPIED)),
        sent=_sent(streams),
        subject=head_line(streams.text(_SUBJECT)),
        text=words_of(plain, marked),
    )
    return Opened(email, files)


def _marked(streams: _Streams) -> str:
    return streams.text(_HTML) or streams.data(_HTML).decode("utf-8", "replace")


def _file(streams: _Streams, within: str) -> tuple[str, bytes | None]:
    """One thing that it carries. What is an e-mail itself lies there as a folder."""
    if "rpmsg" in streams.text(_MIME, within).lower():
        raise Unacceptable(ENCRYPTED)
    name = head_line(streams.text(_LONG_NAME, within) or streams.text(_SHORT_NAME, within))
    if name.lower() == "message.rpmsg":
        raise Unacceptable(ENCRYPTED)
    if streams.has(f"{within}__substg1.0_{_DATA:04X}000D"):
        return name or "E-mail", None
    return name or "File", streams.data(_DATA, within)


def _sender(streams: _Streams) -> str:
    name = streams.text(_SENDER)
    address = streams.text(_SENDER_SMTP) or streams.text(_SENDER_ADDRESS)
    whole = f"{name} <{address}>" if "@" in address and address != name else name or address
    return head_line(whole)


def _sent(streams: _Streams) -> str:
    """When it was sent, else when it arrived."""
    fixed = streams.read(_PROPERTIES)[_HEAD_OF_MESSAGE:]
    whole = fixed[: len(fixed) - len(fixed) % _ENTRY]
    times = {tag >> 16: ticks for tag, _flags, ticks in struct.iter_unpack("<IIQ", whole)}
    ticks = times.get(_SENT) or times.get(_RECEIVED) or 0
    return (_EPOCH + timedelta(microseconds=ticks // 10)).isoformat() if ticks else ""
