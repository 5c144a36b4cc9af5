"""A small ClamAV daemon on this machine that speaks the real protocol, or fails in a chosen way."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.attachments.specimens import EICAR

Behaviour = Callable[[bytes], bytes | None]


def honest(content: bytes) -> bytes:
    """What ClamAV says."""
    return b"stream: Win.Test.EICAR_HDB-1 FOUND\x00" if EICAR in content else b"stream: OK\x00"


def says(answer: bytes) -> Behaviour:
    """Always the same."""
    return lambda _content: answer


def hangs(_content: bytes) -> bytes | None:
    """Takes the file and never answers."""
    return None


class Clamd:
    """What it was asked, and how it behaves; that may change while it runs."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.seen: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self._socket.getsockname()[1]}"

    def end(self) -> None:
        """No longer there."""
        if self._ended.is_set():
            return
        self._ended.set()
        with socket.socket() as knock:  # so that it stops waiting
            knock.connect_ex(self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            line, _ = self._socket.accept()
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as heard:
            command = b""
            while not command.endswith(b"\x00"):
                letter = heard.read(1)
                if not letter:
                    return
                command += letter
            if command == b"zPING\x00":
                line.sendall(b"PONG\x00")
                return
            assert command == b"zINSTREAM\x00"
            content = _stream(heard.read)
            self.seen.append(content)
            answer = self.behaviour(content)
            if answer is None:
                self._ended.wait(20)
            else:
                line.sendall(answer)


def _stream(read: Callable[[int], bytes]) -> bytes:
    content = b""
    while length := struct.unpack("!L", read(4))[0]:
        content += read(length)
    return content


@contextmanager
def clamd(behaviour: Behaviour = honest) -> Iterator[Clamd]:
    """A daemon for as long as the block."""
    daemon = Clamd(behaviour)
    try:
        yield daemon
    finally:
        daemon.end()
