"""Saved e-mails: who wrote to whom, when, and the words; what they carried is read as any file is.

Of an e-mail its words alone are kept. HTML is turned into words here and never reaches a browser. One that is
broken, encrypted or too deep is refused as a whole; a file in it that is not taken is named with the reason.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import errors
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser

from portal.files import Unacceptable

MOST_FILES = 20
MOST_PARTS = 200  # of every kind, what only holds others included
DEEPEST = 10  # how far one part may lie within another
LONGEST = 500_000  # characters of words
_LONGEST_HEAD = 1_000  # characters of one line of the head
_HEAD = 64 * 1024  # bytes in which the head of an e-mail is looked for

BROKEN = "This e-mail cannot be read. Save it again from your mail program, or print it to PDF and add that"
ENCRYPTED = "This e-mail is encrypted or sealed. Open it in your mail program, print it to PDF, and add that"
CROWDED = (
    f"This e-mail carries more than {MOST_FILES} files, or parts that lie too deep within each other. "
    "Save the files that matter and add them one by one"
)
LONG = "This e-mail says more than fits here. Print the part that matters to PDF, and add that"
NESTED = "Another e-mail within this one. Open it, save it by itself, and add that"

_SEALED = frozenset(
    {
        *("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"),
        *("application/pgp-encrypted", "application/x-microsoft-rpmsg-message"),
    }
)
_SIGNATURES = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)
_PGP = "-----BEGIN PGP MESSAGE-----"
_UNREADABLE = (
    errors.NoBoundaryInMultipartDefect,
    errors.StartBoundaryNotFoundDefect,
    errors.CloseBoundaryNotFoundDefect,
    errors.MultipartInvariantViolationDefect,
)
_LINE = re.compile(rb"([!-9;-~]{1,76}):[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*")
_BESIDE_FROM = frozenset({b"date", b"subject", b"received", b"message-id", b"mime-version", b"to"})


@dataclass(frozen=True)
class Email:
    """What is kept of an e-mail.

    Args:
        sent: when, as an instant of ISO 8601; empty where it does not say so plainly.
        left_out: files that were not taken, with the reason.
    """

    sender: str
    to: str
    copied: str
    sent: str
    subject: str
    text: str
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent, if it says so plainly."""
        return datetime.fromisoformat(self.sent) if self.sent else None

    def packed(self) -> bytes:
        """As it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def unpacked(cls, kept: bytes) -> "Email":
        """An e-mail that was kept."""
        said = json.loads(kept)
        left_out = tuple((name, why) for name, why in said.pop("left_out"))
        return cls(**said, left_out=left_out)

    def as_text(self, when: str) -> bytes:
        """A plain text of it, to be saved.

        Args:
            when: the time at which it was sent, in words.
        """
        head = (("From", self.sender), ("To", self.to), ("Copied to", self.copied), ("Sent", when))
        lines = [f"{name}: {value}" for name, value in (*head, ("Subject", self.subject)) if value]
        lines += ["", self.text]
        lines += [f"\n[File not kept: {name}. {why}]" for name, why in self.left_out]
        return ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True)
class Opened:
    """An e-mail before the files in it were looked at.

    Args:
        files: what it carries; None in the place of what is another e-mail.
    """

    email: Email
    files: tuple[tuple[str, bytes | None], ...]


def looks_like_one(sent: bytes) -> bool:
    """Whether a file begins with the head of an e-mail: who it is from, and one more line that they have."""
    head, names = sent[:_HEAD].lstrip(b"\r\n"), set()
    at = 0
    while (line := _LINE.match(head, at)) is not None:
        names.add(line[1].lower())
        at = line.end()
    return b"\0" not in head[:at] and b"from" in names and bool(names & _BESIDE_FROM)


def opened(sent: bytes) -> Opened:
    """What an e-mail of the Internet’s form (.eml) says and carries.

    Raises:
        Unacceptable: it is broken, encrypted, too long, or carries too much.
    """
    try:
        message = BytesParser(policy=compat32).parsebytes(sent.lstrip(b"\r\n"))
        return _opened(message)
    except Unacceptable:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, KeyError, IndexError, OSError) as error:
        raise Unacceptable(BROKEN) from error
    except (RecursionError, MemoryError, OverflowError, AssertionError) as error:
        raise Unacceptable(BROKEN) from error


def _opened(message: Message) -> Opened:
    plain, marked = "", ""
    files: list[tuple[str, bytes | None]] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            files.append((_name(part) or "E-mail", None))
        elif _carried(part):
            files.append((_name(part) or "File", _content(part)))
        elif kind == "text/plain":
            plain += _words(part)
        elif kind == "text/html":
            marked += _words(part)
        elif kind not in _SIGNATURES:
            files.append((_name(part) or "File", _content(part)))
        if len(files) > MOST_FILES:
            raise Unacceptable(CROWDED)
    email = Email(
        sender=head_line(_header(message, "From")),
        to=head_line(_header(message, "To")),
        copied=head_line(_header(message, "Cc")),
        sent=instant(_header(message, "Date")),
        subject=head_line(_header(message, "Subject")),
        text=words_of(plain, marked),
    )
    return Opened(email, tuple(files))


def _parts(message: Message) -> Iterator[Message]:
    """Each part that holds something, in order; an e-mail within is one, unopened."""
    waiting, seen = [(message, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if seen > MOST_PARTS or depth > DEEPEST:
            raise Unacceptable(CROWDED)
        if part.get_content_type() in _SEALED:
            raise Unacceptable(ENCRYPTED)
        if any(isinstance(defect, _UNREADABLE) for defect in part.defects):
            raise Unacceptable(BROKEN)
        if part.get_content_maintype() == "multipart":
            held: object = part.get_payload()
            if not isinstance(held, list):
                raise Unacceptable(BROKEN)
            waiting += [(one, depth + 1) for one in reversed(held)]
        else:
            yield part


def _carried(part: Message) -> bool:
    """Whether a part is a file, whatever is in it."""
    return part.get_content_disposition() == "attachment" or bool(_name(part))


def _name(part: Message) -> str:
    return head_line(_decoded(part.get_filename() or ""))


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise Unacceptable(BROKEN)
    return content


def _words(part: Message) -> str:
    content = _content(part)
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:  # letters of a kind that nobody knows
        return content.decode("utf-8", "replace")


def _header(message: Message, name: str) -> str:
    return _decoded(str(message.get(name, "")))


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError, UnicodeError, errors.HeaderParseError):
        return value


def head_line(value: str) -> str:
    """A line of the head, on one line and of bounded length."""
    plain = " ".join("".join(one if one.isprintable() else " " for one in value).split())
    return f"{plain[: _LONGEST_HEAD - 1]}…" if len(plain) > _LONGEST_HEAD else plain


def instant(value: str) -> str:
    """The instant of a date as e-mails write it; empty where it is none."""
    try:
        found = parsedate_to_datetime(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def words_of(plain: str, marked: str) -> str:
    """What an e-mail says, without marks: its own plain words where it has any.

    Raises:
        Unacceptable: it is more than fits, or encrypted.
    """
    said = plain if plain.strip() else _without_marks(marked)
    lines = (line.rstrip() for line in said.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    text = "".join(one for one in "\n".join(lines) if one.isprintable() or one in "\n\t").strip()
    if len(text) > LONGEST:
        raise Unacceptable(LONG)
    if _PGP in text:
        raise Unacceptable(ENCRYPTED)
    return text


class _Words(HTMLParser):
    """The words of a page, and nothing of what it is made of."""

    _SILENT = frozenset({"script", "style", "head", "title", "template", "noscript"})
    _BREAKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "blockquote", "hr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as the parser calls it
        """Leave out what is no words; a new line where a page would have one."""
        self._silent += tag in self._SILENT
        if tag in self._BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """The other end of the same."""
        if tag in self._SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in self._BREAKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._silent:
            self.words.append(re.sub(r"\s+", " ", data))


def _without_marks(marked: str) -> str:
    if len(marked) > 4 * LONGEST:
        raise Unacceptable(LONG)
    found = _Words()
    found.feed(marked)
    found.close()
    return re.sub(r"\n\s*\n+", "\n\n", "".join(found.words))
