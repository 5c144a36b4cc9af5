"""The search finds what it is there to find, and is content with what a message has to say."""

import logging
import smtplib
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.demo.mail import Kept, listening
from tests.factories.cases import make_child
from tests.personal_data import facts as gathering
from tests.personal_data.facts import Facts, Sort
from tests.personal_data.recording import Record, recording
from tests.personal_data.searching import search


@pytest.fixture
def known() -> Facts:
    found = Facts()
    found.add("Merrily Quillmark-Ångström", Sort.NAME, "child")
    found.add("Ada", Sort.NAME, "child")
    found.add(date(2012, 5, 4), Sort.DAY, "child")
    found.add("999 123 4567", Sort.NUMBER, "child")
    found.add("14 Lantern Steps, Riverside", Sort.PHRASE, "home")
    found.add({"children": [{"school": "Thistle Hill Academy"}]}, Sort.PARTS, "form")
    return found


@pytest.mark.parametrize(
    "given",
    [
        *(
            "About Merrily",
            "Ada’s",
            "ada",
            "MERRILY",
            "about quillmark.",
            "Ångström’s",
            "file-Quillmark-1-b.pdf",
            "Quillmark_2",
        ),
        *("2012-05-04", "20120504", "DTSTART:20120504T090000Z", "04/05/2012", "4.5.2012", "4/5/12"),
        *("4 May 2012", "04 MAY 2012", "4th May 2012", "May 4, 2012", "4-May-2012"),
        *("9991234567", "999 123 4567", "999-123-4567", "NHS number (999) 123 4567"),
        *("at 14 Lantern\nSteps, Riverside", "THISTLE HILL ACADEMY", "thistle  hill\tacademy"),
    ],
)
def test_whatever_is_given_away_is_found_however_it_is_written(known: Facts, given: str) -> None:
    assert search([("a mail", given)], known)


@pytest.mark.parametrize(
    "innocent",
    [
        "A form has not been sent (REF-QK1X-ADA2). https://portal.example/go/0199-9123-4567",
        "To: merrily.quillmark@health.example",
        "Date: Wed, 04 May 2026 10:00:00 +0000",
        "DTSTART:20260504T090000Z",
        "Quillmarks are another word",
        "GET /sign-in?state=aB3-quillmark-9xYzAbCdEf",
        "https://portal.example/go/0199acda-4567-4ada-8ada-12345ada0ada",
        "MTG-2ADA-3456 and REQ-9XWD-5ADA",
        "GET /mail/20261130T100000.215200Z-ada17565 HTTP/1.1",
    ],
)
def test_what_a_message_has_to_say_is_not_taken_for_a_fact(known: Facts, innocent: str) -> None:
    assert not search([("a mail", innocent)], known)


def test_an_exception_for_what_people_are_called_at_work_is_none_for_a_child() -> None:
    text = [("a mail", "Your manager was told.")]
    found = Facts()
    found.add("Hub Manager", Sort.NAME, "app_user.name")
    assert not search(text, found)
    found.add("Manager Featherstonehaugh", Sort.NAME, "child.given_name")
    assert search(text, found)


def test_every_part_of_a_mail_that_is_sent_is_searched(known: Facts, tmp_path: Path) -> None:
    hidden = {
        "subject": "Quillmark",
        "header": "Quillmark",
        "body": "Caf\u00e9 for Quillmark " + "x" * 80,  # long and foreign enough to be encoded
        "calendar": "BEGIN:VCALENDAR\r\nDESCRIPTION:What is known of Quill\r\n mark\r\nEND:VCALENDAR\r\n",
        "file": "Quillmark",
    }
    for part, words in hidden.items():
        record = Record()
        with recording(record), listening(Kept(tmp_path / part)) as port:
            _send(port, _mail(**{part: words}))
        assert search(record.texts(), known), f"nobody looked into the {part}"


def test_the_receivers_address_is_no_name_where_a_calendar_entry_breaks_it(known: Facts) -> None:
    entry = "BEGIN:VCALENDAR\r\nATTENDEE:mailto:merrily.\r\n quillmark@health.example\r\nEND:VCALENDAR\r\n"
    record = Record()
    record.mail(_mail(calendar=entry).as_bytes())
    assert not search(record.texts(), known)


def test_what_is_logged_is_searched_with_what_went_wrong(known: Facts) -> None:
    record = Record()
    with recording(record):
        try:
            raise ValueError("Quillmark is not in the list")
        except ValueError:
            logging.getLogger("portal.anything").exception("It failed")
    (found,) = search(record.texts(), known)
    assert "test_what_is_logged_is_searched" in found, "it says which test"


def test_what_a_factory_writes_is_gathered(rows: Session) -> None:
    found = Facts()
    with gathering.gathered(found):
        make_child(rows, "Tumbleweed", "Featherstonehaugh", dob=date(2011, 2, 3), nhs_number="9990000018")
    make_child(rows, "Perdita", "Tumbledown")
    assert {"tumbleweed", "featherstonehaugh"} == set(found.words)
    assert set(found.days) == {date(2011, 2, 3)}
    assert set(found.numbers) == {"9990000018"}


def test_the_demonstration_is_gathered() -> None:
    found = Facts()
    gathering.add_demonstration(found)
    assert {"jonah", "candleford", "brackenbury"} <= set(found.words)
    assert "thistle hill academy" in found.phrases
    assert "07700900202" in found.numbers
    assert "peakshire" not in found.words, "an agency is not a person"


def _mail(
    *,
    subject: str = "Something is due",
    header: str = "",
    body: str = "It waits.",
    calendar: str = "",
    file: str = "",
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "portal@demo.example", "nurse@health.example", subject
    if header:
        mail["X-About"] = header
    mail.set_content(body)
    if calendar:
        mail.add_alternative(
            calendar.encode(), "text", "calendar", params={"method": "REQUEST"}, cte="base64"
        )
    if file:
        mail.add_attachment(file.encode(), "application", "octet-stream", filename="a.bin")
    return mail


def _send(port: int, mail: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
        server.send_message(mail)
