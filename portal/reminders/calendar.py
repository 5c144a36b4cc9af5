"""Calendar entries of meetings (RFC 5545, RFC 5546): one event for a meeting, moved and cancelled by number.

An entry asks for no answer in the calendar program and says that answers are given in the portal.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Connection, select

from portal.records.meetings.model import Invitation, Meeting

if TYPE_CHECKING:
    from icalendar import vCalAddress

REQUEST, CANCEL = "REQUEST", "CANCEL"
DESCRIPTION = (
    "Please answer in the portal whether you come: answers from a calendar program are not read.\n"
    "Who it is about, where it is and the papers are in the portal, behind sign-in:\n{link}"
)


@dataclass(frozen=True)
class Appointment:
    """What a calendar may know of a meeting. Moments are aware."""

    meeting_id: UUID
    reference: str
    starts_at: datetime
    ends_at: datetime
    sequence: int


def appointment(connection: Connection, invitation_id: UUID, *, at_least: int) -> Appointment | None:
    """The meeting of an invitation as it stands now, if there is one.

    Args:
        at_least: the number that the message was written with. A meeting that has moved on since has a
            higher one, and a calendar takes no entry with a lower one.
    """
    found = connection.execute(
        select(Meeting.id, Meeting.reference, Meeting.starts_at, Meeting.ends_at, Meeting.sequence)
        .join(Invitation, Invitation.meeting_id == Meeting.id)
        .where(Invitation.id == invitation_id)
    ).one_or_none()
    if found is None:
        return None
    return Appointment(
        found.id, found.reference, found.starts_at, found.ends_at, max(found.sequence, at_least)
    )


def entry(
    meeting: Appointment,
    *,
    method: str,
    to: str,
    organiser: str,
    domain: str,
    link: str,
    at: datetime,
) -> str:
    """The calendar message for one receiver.

    Args:
        method: `REQUEST`, which makes the event or moves it, or `CANCEL`.
        to: the receiver's address.
        organiser: the address of the portal's own mailbox.
        domain: in which the event has its name.
        link: the page behind sign-in.
        at: the present moment.
    """
    from icalendar import Calendar, Event  # noqa: PLC0415 - the worker alone writes them

    calendar = Calendar()
    calendar.add("prodid", "-//CRE portal//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    event = Event()
    event.add("uid", f"meeting-{meeting.meeting_id}@{domain}")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", meeting.starts_at.astimezone(UTC))
    event.add("dtend", meeting.ends_at.astimezone(UTC))
    event.add("summary", f"CRE portal: meeting {meeting.reference}")
    event.add("description", DESCRIPTION.format(link=link))
    event.add("location", "See the portal")
    event.add("url", link)
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if method == CANCEL else "OPAQUE")
    event.add("organizer", _person(organiser))
    event.add("attendee", _person(to, ROLE="REQ-PARTICIPANT", PARTSTAT="NEEDS-ACTION", RSVP="FALSE"))
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written.decode("utf-8")


def _person(address: str, **parameters: str) -> "vCalAddress":
    from icalendar import vCalAddress  # noqa: PLC0415 - likewise

    person = vCalAddress(f"mailto:{address}")
    for name, value in parameters.items():
        person.params[name] = value
    return person
