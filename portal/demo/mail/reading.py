"""A mail and its calendar entry, put into words for the page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime

from icalendar import Calendar
from icalendar.cal import Component

from portal import clock

_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")
_METHODS = {"REQUEST": "Invitation, or a change of one", "CANCEL": "Cancellation", "REPLY": "Reply"}
_UNREADABLE = (("", "This calendar entry cannot be read."),)


@dataclass(frozen=True)
class Piece:
    """A stretch of text, or an address to follow."""

    text: str
    is_address: bool


def text_of(message: EmailMessage) -> list[Piece]:
    """The words of a mail, cut at the addresses in it."""
    body = message.get_body(("plain",))
    return list(_pieces(_words(body))) if body else []


def calendar_of(message: EmailMessage) -> list[list[tuple[str, str]]]:
    """What each calendar entry says, as pairs of a name and a value; the same entry is shown once."""
    found: dict[str, list[tuple[str, str]]] = {}
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            words = _words(part)
            found.setdefault(words, list(_entry(words)))
    return list(found.values())


def moment(at: datetime) -> str:
    """A moment as people read it, in London's time."""
    return f"{clock.local(at):%-d %B %Y, %H:%M:%S}"


def written_at(message: EmailMessage) -> str:
    """When the mail says that it was written."""
    try:
        return moment(parsedate_to_datetime(str(message["Date"])))
    except ValueError:
        return str(message["Date"] or "It does not say")


def _words(part: MIMEPart) -> str:
    content = part.get_content()
    return content if isinstance(content, str) else bytes(content).decode("utf-8", "replace")


def _pieces(words: str) -> Iterator[Piece]:
    end = 0
    for found in _ADDRESS.finditer(words):
        yield Piece(words[end : found.start()], is_address=False)
        yield Piece(found[0], is_address=True)
        end = found.end()
    yield Piece(words[end:], is_address=False)


def _entry(words: str) -> Iterator[tuple[str, str]]:
    try:
        calendar = Calendar.from_ical(words)
        events = calendar.walk("VEVENT")
    except ValueError:
        yield from _UNREADABLE
        return
    method = str(calendar.get("METHOD", ""))
    yield "What it is", _METHODS.get(method, method or "It does not say")
    for event in events:
        yield from _event(event)


def _event(event: Component) -> Iterator[tuple[str, str]]:
    yield "Summary", str(event.get("SUMMARY", ""))
    yield "From", _time(event, "DTSTART")
    yield "Until", _time(event, "DTEND")
    for name, label in (("LOCATION", "Where"), ("DESCRIPTION", "Description"), ("STATUS", "Status")):
        if event.get(name):
            yield label, str(event.get(name))
    yield "Organiser", _person(event, "ORGANIZER")
    yield "For", _person(event, "ATTENDEE")
    yield "Identifier", str(event.get("UID", ""))
    yield "Version", str(event.get("SEQUENCE", 0))


def _time(event: Component, name: str) -> str:
    found = event.get(name)
    at = found.dt if found is not None else None
    if isinstance(at, datetime):
        return f"{clock.local(at):%A %-d %B %Y, %H:%M}" if at.tzinfo else f"{at:%A %-d %B %Y, %H:%M}"
    return f"{at:%A %-d %B %Y}" if isinstance(at, date) else "It does not say"


def _person(event: Component, name: str) -> str:
    found = event.get(name, [])
    people = found if isinstance(found, list) else [found]
    return ", ".join(re.sub(r"(?i)^mailto:", "", str(one)) for one in people) or "Nobody"
