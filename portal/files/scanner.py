"""Asks a ClamAV daemon whether a file is harmful (clamd’s INSTREAM, by TCP or a socket of this machine).

Whatever is not a plain answer counts as none: a file is clean only if the scanner says so.
"""

import re
import socket
import struct
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit

_CHUNK = 64 * 1024  # bytes
_LONGEST_ANSWER = 4096  # bytes
_FOUND = re.compile(rb"stream: ([^\x00]{1,200}) FOUND\x00")
_CLEAN = b"stream: OK\x00"
_ALIVE = b"PONG\x00"


class ScannerAway(Exception):
    """The scanner gave no answer that can be understood, or none in time."""


@dataclass(frozen=True)
class Verdict:
    """What the scanner says of a file."""

    found: str | None  # what harmful thing it is; None for nothing

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return self.found is None


@dataclass(frozen=True)
class Scanner:
    """A daemon at an address.

    Args:
        address: ``tcp://host:port`` or ``unix:/path``.
        patience: seconds that one file may take, from the first word to the answer.
    """

    address: str
    patience: float

    def scan(self, content: bytes) -> Verdict:
        """Ask about one file.

        Raises:
            ScannerAway: no answer that can be understood, in time.
        """
        chunks = (content[at : at + _CHUNK] for at in range(0, len(content), _CHUNK))
        framed = b"".join(struct.pack("!L", len(chunk)) + chunk for chunk in chunks)
        answer = self._ask(b"zINSTREAM\x00" + framed + struct.pack("!L", 0), self.patience)
        if answer == _CLEAN:
            return Verdict(None)
        if found := _FOUND.fullmatch(answer):
            return Verdict(found[1].decode("utf-8", "replace"))
        raise ScannerAway("the scanner’s answer cannot be understood")

    def is_there(self, patience: float = 2) -> bool:
        """Whether it answers at all, within so many seconds."""
        try:
            return self._ask(b"zPING\x00", patience) == _ALIVE
        except ScannerAway:
            return False

    def _ask(self, question: bytes, patience: float) -> bytes:
        until = monotonic() + patience
        try:
            with self._connect(patience) as line:
                line.settimeout(_left(until))
                line.sendall(question)
                return _answer(line, until)
        except OSError as error:  # what took too long, too
            raise ScannerAway(f"the scanner does not answer: {type(error).__name__}") from error

    def _connect(self, patience: float) -> socket.socket:
        place = urlsplit(self.address)
        if place.scheme == "unix":
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(patience)
            try:
                line.connect(place.path)
            except OSError:
                line.close()
                raise
            return line
        return socket.create_connection((place.hostname or "", place.port or 0), timeout=patience)


def _answer(line: socket.socket, until: float) -> bytes:
    """Up to the end of the answer: a zero, or the end of the line."""
    heard = b""
    while not heard.endswith(b"\x00") and len(heard) < _LONGEST_ANSWER:
        line.settimeout(_left(until))
        more = line.recv(_LONGEST_ANSWER)
        if not more:
            break
        heard += more
    return heard


def _left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left
