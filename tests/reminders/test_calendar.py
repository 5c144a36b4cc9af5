"""Calendar entries, read by a library that is not the one that wrote them."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

import pytest
import vobject
from sqlalchemy import update
from sqlalchemy.orm import Session
from vobject.base import Component

from portal.records.meetings.model import Meeting
from portal.reminders.calendar import Appointment, entry
from tests.cast import Cast
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.messages import make_message
from tests.reminders.conftest import MORNING, Send
from tests.reminders.mail_server import Behaviour

LINK = "https://portal.example/go/0b9e5a0e-4a54-4d0c-9f0e-3b0f4c1f2d3e"
MEETING = UUID("7d8f0d1c-51a9-4d5c-8d0e-0f6c6f6f0001")


def written(
    *, method: str = "REQUEST", sequence: int = 0, starts: datetime = MORNING, to: str = "a@b.example"
) -> str:
    return entry(
        Appointment(MEETING, "MTG-7K4M-2PXA", starts, starts + timedelta(hours=2), sequence),
        method=method,
        to=to,
        organiser="meetings@portal.example",
        domain="portal.example",
        link=LINK,
        at=MORNING,
    )


def read(text: str) -> Component:
    calendar: Component = vobject.readOne(text)
    return calendar


def test_an_invitation_says_when_and_nothing_else() -> None:
    calendar = read(written())
    event = calendar.vevent
    assert calendar.method.value == "REQUEST"
    assert event.uid.value == f"meeting-{MEETING}@portal.example"
    assert event.sequence.value == "0"
    assert (event.dtstart.value, event.dtend.value) == (MORNING, MORNING + timedelta(hours=2))
    assert event.dtstamp.value == MORNING
    assert event.summary.value == "CRE portal: meeting MTG-7K4M-2PXA"
    assert event.location.value == "See the portal"
    assert event.status.value == "CONFIRMED"
    assert event.contents["class"][0].value == "PRIVATE"
    assert event.organizer.value == "mailto:meetings@portal.example"
    assert LINK in event.description.value
    assert "answers from a calendar program are not read" in event.description.value


def test_an_entry_asks_for_no_answer_and_names_only_its_receiver() -> None:
    (attendee,) = read(written(to="nurse@trust.example")).vevent.contents["attendee"]
    assert attendee.value == "mailto:nurse@trust.example"
    assert attendee.params["RSVP"] == ["FALSE"]
    assert "CN" not in attendee.params


def test_lines_are_folded_and_text_is_escaped_as_the_standard_says() -> None:
    text = written(to=f"{'very.' * 20}long@agency.example")
    lines = text.split("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in lines) <= 75
    assert "\\n" in text
    assert "\\," in text
    assert read(text).vevent.attendee.value == f"mailto:{'very.' * 20}long@agency.example"


@pytest.mark.parametrize("month", [3, 6, 10, 12])
def test_a_time_is_the_same_moment_across_both_clock_changes(month: int) -> None:
    starts = datetime(2026, month, 25, 9, 30, tzinfo=UTC)
    assert read(written(starts=starts)).vevent.dtstart.value == starts


def arranged(messages: list[str]) -> dict[str, Component]:
    """What a calendar holds after these messages, in whatever order they came (RFC 5546, 2.1.5)."""
    held: dict[str, Component] = {}
    for text in messages:
        event = read(text).vevent
        known = held.get(event.uid.value)
        if known is None or int(event.sequence.value) > int(known.sequence.value):
            held[event.uid.value] = event
    return held


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 0, 4, 1, 3)])
def test_a_meeting_that_was_moved_three_times_and_cancelled_is_one_cancelled_event(
    order: tuple[int, ...],
) -> None:
    messages = [written()]
    messages += [written(sequence=n, starts=MORNING + timedelta(days=n)) for n in (1, 2, 3)]
    messages.append(written(method="CANCEL", sequence=4, starts=MORNING + timedelta(days=3)))
    (event,) = arranged([messages[number] for number in order]).values()
    assert event.status.value == "CANCELLED"
    assert event.dtstart.value == MORNING + timedelta(days=3)


def calendar_part(mail: EmailMessage) -> EmailMessage:
    (part,) = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert isinstance(part, EmailMessage)
    return part


def test_the_mail_of_a_meeting_brings_its_entry_as_it_stands_when_it_is_sent(
    send: Send, behaviour: Behaviour, rows: Session, cast: Cast
) -> None:
    meeting = make_meeting(
        rows,
        chair=cast.chair,
        note_taker=cast.officer,
        place="Room 4, Nightingale House",
        link="https://meet.example/secret",
    )
    invitation = make_invitation(rows, meeting, by=cast.chair, person=cast.nurse)
    about = {
        "subject_kind": "invitation",
        "subject_id": invitation.id,
        "reference": meeting.reference,
        "sequence": 1,
        "method": "REQUEST",
    }
    rows.execute(update(Meeting).values(sequence=2))
    make_message(rows, cast.nurse, kind="invited", about=about)
    assert send() == 1
    (arrived,) = behaviour.arrived
    part = calendar_part(arrived.message)
    assert part.get_param("method") == "REQUEST"
    assert part.get_content_charset() == "utf-8"
    payload = part.get_payload(decode=True)
    (attachment,) = arrived.message.iter_attachments()
    assert attachment.get_filename() == "invite.ics"
    assert attachment.get_payload(decode=True) == payload
    assert isinstance(payload, bytes)
    event = read(payload.decode()).vevent
    assert event.uid.value == f"meeting-{meeting.id}@portal.example"
    assert event.sequence.value == "2"
    assert event.dtstart.value == meeting.starts_at.replace(microsecond=0)
    for secret in (cast.nurse.name, meeting.place, meeting.link):
        assert not secret or secret not in payload.decode()
