"""An e-mail: its envelope, and that something waits in the portal, its opaque reference, and the link."""

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import Connection

from portal.policy import current_policy
from portal.reminders import calendar, digests
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
    connection: Connection, message: Waiting, *, to: str, envelope: Envelope, at: datetime
) -> EmailMessage:
    """The e-mail of a message, with what is to be read for it: a meeting's time, or what is due.

    Args:
        to: the receiver's address.
        at: the present moment.
    """
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
        found += [line.words for line in digests.news_lines(connection, message.recipient_id)]
    return found


def compose(
    message: Waiting,
    *,
    to: str,
    envelope: Envelope,
    at: datetime,
    lines: Sequence[str] = (),
    appointment: Appointment | None = None,
) -> EmailMessage:
    """The e-mail of a message, the same at every attempt but for its date.

    Args:
        to: the receiver's address, which is the only personal thing in it.
        at: the present moment.
        lines: of a digest: what is due, by reference.
        appointment: of a calendar message: the meeting.
    """
    kind = current_policy().reminders.kinds[message.kind]
    link = f"{envelope.portal}/go/{message.id}"
    mail = EmailMessage()
    mail["From"] = envelope.sender
    mail["To"] = to
    about = f" ({message.reference})" if message.reference else ""
    mail["Subject"] = f"{MARKING}: {kind.subject}{about}"
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
            handed=message.handed_reason is not None,
            lines=lines,
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
