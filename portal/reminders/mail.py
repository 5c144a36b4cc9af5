"""An e-mail: its envelope, and that something waits in the portal, its opaque reference, and the link."""

import hmac
import imaplib
import mailbox as folders
import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import Connection

from portal.messages.vocabulary import HandReason
from portal.policy import current_policy
from portal.reminders import bundles, calendar, digests, mornings
from portal.reminders.calendar import Appointment
from portal.reminders.claims import Waiting

_SIGNATURE = 16  # hexadecimal digits; with the message's own 32 the address stays below 64 characters
_TOKEN = re.compile(rf"([0-9a-f]{{32}})-([0-9a-f]{{{_SIGNATURE}}})", re.IGNORECASE)


@dataclass(frozen=True)
class Envelope:
    """The portal as a sender: the settings PORTAL_ADDRESS, MAIL_FROM, MAIL_RETURN and MAIL_ORGANISER.

    Args:
        before: secrets that signed messages whose reports may still come back.
    """

    portal: str
    service: str
    sender: str
    returns: str
    organiser: str
    secret: str
    before: tuple[str, ...] = ()

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """The one of the settings."""
        return cls(
            portal=config["PORTAL_ADDRESS"],
            service=config["SERVICE_NAME"],
            sender=config["MAIL_FROM"],
            returns=config["MAIL_RETURN"],
            organiser=config["MAIL_ORGANISER"],
            secret=config["SECRET_KEY"],
            before=tuple(config.get("SECRET_KEY_FALLBACKS") or ()),
        )

    @property
    def domain(self) -> str:
        """The domain in which messages and calendar entries have their names."""
        return self.sender.partition("@")[2]

    def message_id(self, message: UUID) -> str:
        """The Message-ID, the same at every attempt."""
        return f"<{message}@{self.domain}>"

    def returns_for(self, message: UUID) -> str:
        """The envelope's sender of one message: `returns+token@…`."""
        mailbox, _, domain = self.returns.partition("@")
        return f"{mailbox}+{message.hex}-{_signature(self.secret, message)}@{domain}"

    def returned(self, addresses: Iterable[str]) -> UUID | None:
        """The message whose return address is among `addresses`, if we made it."""
        mailbox, _, domain = self.returns.lower().partition("@")
        for address in addresses:
            local, _, where = address.strip().lower().partition("@")
            found = _TOKEN.fullmatch(local.removeprefix(f"{mailbox}+"))
            if found and where == domain and local.startswith(f"{mailbox}+"):
                message = UUID(hex=found.group(1))
                if any(_signs(secret, message, found.group(2)) for secret in (self.secret, *self.before)):
                    return message
        return None


def _signature(secret: str, message: UUID) -> str:
    return hmac.new(secret.encode(), b"return" + message.bytes, "sha256").hexdigest()[:_SIGNATURE]


def _signs(secret: str, message: UUID, signature: str) -> bool:
    return hmac.compare_digest(signature, _signature(secret, message))


DIGESTS = frozenset({digests.MORNING, digests.WEEKLY})  # kinds that list what is due
MARKING = "OFFICIAL"  # an e-mail holds nothing that would need a higher one
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates" / "mail"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def write(
    connection: Connection,
    message: Waiting,
    *,
    to: str,
    envelope: Envelope,
    at: datetime,
    others: Sequence[Waiting] = (),
) -> EmailMessage:
    """The e-mail of a message, with what is to be read for it: a meeting's time, or what is due.

    Args:
        to: the receiver's address.
        at: the present moment.
        others: messages that go out in the same e-mail, which lists them all.
    """
    if others:
        those = [message, *others]
        return compose(
            replace(message, kind=bundles.kind_of(those), reference=None),
            to=to,
            envelope=envelope,
            at=at,
            lines=bundles.lines(connection, those, envelope.portal),
            several=len(those),
        )
    appointment = None
    if message.method and message.subject_kind == "invitation":
        appointment = calendar.appointment(connection, message.subject_id, at_least=message.sequence or 0)
    return compose(
        message,
        to=to,
        envelope=envelope,
        at=at,
        lines=_due(connection, message),
        appointment=appointment,
    )


def _due(connection: Connection, message: Waiting) -> list[str]:
    if message.kind not in DIGESTS or message.recipient_id is None:
        return []
    found = [line.words for line in digests.lines(connection, message.recipient_id, message.kind)]
    if len(found) >= digests.AT_MOST:
        found.append("There may be more: all of it is in the portal.")
    if message.kind == digests.MORNING:
        found += [line.words for line in mornings.news_lines(connection, message.recipient_id)]
    else:
        found += mornings.weekly_lines(connection, message.recipient_id, message.created_at)
    return found


def compose(
    message: Waiting,
    *,
    to: str,
    envelope: Envelope,
    at: datetime,
    lines: Sequence[str] = (),
    several: int = 0,
    appointment: Appointment | None = None,
) -> EmailMessage:
    """The e-mail of a message, the same at every attempt but for its date.

    Args:
        to: the receiver's address, which is the only personal thing in it.
        at: the present moment.
        lines: of a digest: what is due, by reference; of an e-mail of several messages, each and its link.
        several: how many messages are told by it, where it is not one.
        appointment: of a calendar message: the meeting.
    """
    kind = current_policy().reminders.kinds[message.kind]
    link = f"{envelope.portal}/messages" if several else f"{envelope.portal}/go/{message.id}"
    mail = EmailMessage()
    mail["From"] = envelope.sender
    mail["To"] = to
    about = message.reference or (f"{several} things" if several else "")
    mail["Subject"] = f"{MARKING}: {kind.titled(urgent=message.urgent)}" + (f" ({about})" if about else "")
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = envelope.message_id(message.id)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if message.urgent:
        mail["Importance"] = "high"
    mail.set_content(
        _TEMPLATES.get_template("message.txt").render(
            line=kind.line,
            reference=message.reference,
            link=link,
            preferences=f"{envelope.portal}/preferences",
            handed=message.handed_reason not in {None, HandReason.NOT_OPENED},
            lines=lines,
            several=several,
            service=envelope.service,
        ),
        cte="quoted-printable",
    )
    if appointment is not None and message.method:
        _add_entry(
            mail,
            message.method,
            calendar.entry(
                appointment,
                method=message.method,
                to=to,
                organiser=envelope.organiser,
                domain=envelope.domain,
                link=link,
                at=at,
            ),
        )
    return mail


def _add_entry(mail: EmailMessage, method: str, entry: str) -> None:
    """As another form of the message, which calendar programs act on, and as a file for those that do not."""
    mail.add_alternative(  # as bytes, because its line ends are its own
        entry.encode(), maintype="text", subtype="calendar", params={"method": method, "charset": "utf-8"}
    )
    mail.add_attachment(entry.encode(), maintype="application", subtype="ics", filename="invite.ics")


# The return mailbox: on a mail server by IMAP, or a folder in which one delivers (Maildir).

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
