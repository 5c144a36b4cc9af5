"""A small IMAP server on loopback: one mailbox, read and flagged, as much of RFC 3501 as that takes."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

USER, PASSWORD = "returns", "opensesame"


@dataclass
class Inbox:
    """Mails by their number, and those that have been read."""

    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    def deliver(self, source: bytes) -> int:
        """Put a mail in, as one that has not been read."""
        number = len(self.mails) + 1
        self.mails[number] = source
        return number


class _Session(socketserver.StreamRequestHandler):
    """One client."""

    inbox: Inbox

    def handle(self) -> None:
        self._say("* OK ready")
        for line in self.rfile:
            tag, _, command = line.decode().strip().partition(" ")
            if not self._answer(tag, command):
                return

    def _answer(self, tag: str, command: str) -> bool:
        if found := re.fullmatch(r'LOGIN "?([^" ]+)"? "?([^" ]+)"?', command):
            right = found.groups() == (USER, PASSWORD)
            self._say(f"{tag} {'OK done' if right else 'NO [AUTHENTICATIONFAILED] not so'}")
        elif command.startswith("SELECT"):
            self._say(f"* {len(self.inbox.mails)} EXISTS")
            self._say(f"{tag} {'OK' if 'INBOX' in command else 'NO'} done")
        elif command == "UID SEARCH UNSEEN":
            unread = sorted(set(self.inbox.mails) - self.inbox.seen)
            self._say(f"* SEARCH {' '.join(map(str, unread))}".rstrip())
            self._say(f"{tag} OK done")
        elif found := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
            content = self.inbox.mails[int(found[1])][: int(found[2])]
            self._say(f"* {found[1]} FETCH (UID {found[1]} BODY[]<0> {{{len(content)}}}")
            self.wfile.write(content)
            self._say(")")
            self._say(f"{tag} OK done")
        elif found := re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)", command):
            self.inbox.seen.add(int(found[1]))
            self._say(f"{tag} OK done")
        elif command == "CAPABILITY":
            self._say("* CAPABILITY IMAP4rev1")
            self._say(f"{tag} OK done")
        else:
            self._say(f"{tag} {'OK' if command in {'LOGOUT', 'NOOP'} else 'BAD'} done")
        return command != "LOGOUT"

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def serving(inbox: Inbox, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve a mailbox in a thread of its own, over TLS with a context. Gives the port."""
    session = type("Session", (_Session,), {"inbox": inbox})
    with _Server(("127.0.0.1", 0), session) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that does not trust us hangs up
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(5)
