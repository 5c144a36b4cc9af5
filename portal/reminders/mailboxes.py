"""The return mailbox: on a mail server by IMAP, or a folder in which one delivers (Maildir)."""

import imaplib
import mailbox as folders
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

MOST = 200  # mails read at once; the next run goes on
ENOUGH = 64 * 1024  # bytes of a mail: what it reports stands before what it quotes


@dataclass(frozen=True)
class Mail:
    """One mail, and how to say that it was read."""

    source: bytes
    mark_read: Callable[[], object]


class Mailbox(Protocol):
    """Somewhere to read mail."""

    def unread(self) -> AbstractContextManager[Iterator[Mail]]:
        """What has not been read, oldest first.

        Raises:
            OSError: it cannot be opened.
        """


def mailbox(config: Mapping[str, Any]) -> Mailbox | None:
    """The one that the settings RETURN_MAILBOX and RETURN_PASSWORD name, or None."""
    address = config["RETURN_MAILBOX"]
    if not address:
        return None
    if address.startswith("maildir:"):
        return Maildir(address.removeprefix("maildir:"))
    return Imap(
        urlsplit(address), config["RETURN_PASSWORD"], ca=config["SMTP_CA"], timeout=config["MAIL_TIMEOUT"]
    )


@dataclass(frozen=True)
class Maildir:
    """A folder."""

    path: str

    @contextmanager
    def unread(self) -> Iterator[Iterator[Mail]]:
        """What is in `new`; what was read moves to `cur`."""
        try:
            folder = folders.Maildir(self.path, create=False)
        except folders.NoSuchMailboxError as missing:
            raise FileNotFoundError("RETURN_MAILBOX names a folder that is not there.") from missing
        try:
            yield self._unread(folder)
        finally:
            folder.close()

    @staticmethod
    def _unread(folder: "folders.Maildir") -> Iterator[Mail]:
        unread = [key for key, mail in folder.iteritems() if mail.get_subdir() == "new"]
        for key in sorted(unread)[:MOST]:
            try:
                source = folder.get_bytes(key)[:ENOUGH]
            except (KeyError, FileNotFoundError):
                continue  # another worker has read it
            yield Mail(source, partial(_move, folder, key))


def _move(folder: "folders.Maildir", key: str) -> None:
    try:
        mail = folder[key]
        mail.set_subdir("cur")
        mail.add_flag("S")
        folder[key] = mail
    except (KeyError, FileNotFoundError):
        pass  # another worker was quicker


@dataclass(frozen=True)
class Imap:
    """A mailbox on a server: `imaps://user@host/INBOX`, its certificate checked."""

    address: SplitResult
    password: str
    ca: str | None
    timeout: int

    @contextmanager
    def unread(self) -> Iterator[Iterator[Mail]]:
        """What has no `Seen` flag; what was read gets it."""
        try:
            with self._connect() as server:
                server.login(unquote(self.address.username or ""), self.password)
                _done(server.select(f'"{unquote(self.address.path.lstrip("/")) or "INBOX"}"'))
                yield self._unread(server)
        except imaplib.IMAP4.error as problem:
            # Its sentence may quote what was sent.
            raise ConnectionError(
                f"The return mailbox did not answer as it should ({type(problem).__name__})."
            ) from None

    def _connect(self) -> imaplib.IMAP4:
        host = self.address.hostname or ""
        if self.address.scheme == "imap":
            return imaplib.IMAP4(host, self.address.port or 143, timeout=self.timeout)
        trusted = ssl.create_default_context(cafile=self.ca)
        return imaplib.IMAP4_SSL(host, self.address.port or 993, ssl_context=trusted, timeout=self.timeout)

    @staticmethod
    def _unread(server: imaplib.IMAP4) -> Iterator[Mail]:
        found = _done(server.uid("search", "UNSEEN"))
        for number in (found[0] or b"").split()[:MOST]:
            uid = number.decode()
            answer = _done(server.uid("fetch", uid, f"(BODY.PEEK[]<0.{ENOUGH}>)"))
            source = next((part[1] for part in answer if isinstance(part, tuple)), None)
            if source is not None:
                yield Mail(source, partial(server.uid, "store", uid, "+FLAGS.SILENT", r"(\Seen)"))


def _done(answer: tuple[str, list[Any]]) -> list[Any]:
    status, content = answer
    if status != "OK":
        raise imaplib.IMAP4.error
    return content
