"""What an e-mail says: that something waits in the portal, its opaque reference, and the link. Never a name.

Its words are the policy's (`reminders.kinds`) and the template's; a message brings none of its own.
"""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import Connection

from portal.policy import current_policy
from portal.reminders import calendar, digests
from portal.reminders.calendar import Appointment
from portal.reminders.envelope import Envelope
from portal.reminders.waiting import Waiting

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
    return (
        found if len(found) < digests.AT_MOST else [*found, "There may be more: all of it is in the portal."]
    )


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
