"""The demonstration's mail: what was sent can be read, followed and answered, and nothing is sent on."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from portal.demo.mail import Kept, create_mail_page, listening
from portal.demo.mail.pages import PAGE_SIZE

NURSE = "nell-foxglove@demo.example"
ENTRY = "\r\n".join(
    [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "UID:mtg-1@demo.example",
        "SEQUENCE:2",
        "DTSTAMP:20261125T100000Z",
        "DTSTART:20270614T130000Z",
        "DTEND:20270614T143000Z",
        "SUMMARY:CRE portal: MTG-ABC234",
        "ORGANIZER:mailto:meetings@demo.example",
        f"ATTENDEE;RSVP=FALSE:mailto:{NURSE}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "mail")


@pytest.fixture
def port(kept: Kept) -> Iterator[int]:
    with listening(kept) as number:
        yield number


@pytest.fixture
def page(kept: Kept) -> FlaskClient:
    return create_mail_page(kept, environment="test").test_client()


def write(
    *, subject: str = "You are asked for information", to: str = NURSE, entry: str = ""
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "portal@demo.example", to, subject
    mail["Message-ID"] = "<one@demo.example>"
    mail.set_content("REQ-ABC234 is waiting.\n\nOpen it: http://127.0.0.1:5000/go/0f0f.\n")
    if entry:
        mail.add_alternative(entry.encode(), "text", "calendar", params={"method": "REQUEST"})
    return mail


def send(port: int, mail: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
        server.send_message(mail, from_addr="returns@demo.example")


def only(kept: Kept) -> str:
    (name,) = kept.names()
    return name


def test_the_page_says_what_to_do_while_nothing_has_arrived(page: FlaskClient) -> None:
    shown = page.get("/").text
    assert "Nothing has arrived yet" in shown
    assert "no mail leaves this machine" in shown


def test_what_was_sent_is_listed_newest_first_and_can_be_read(
    port: int, kept: Kept, page: FlaskClient
) -> None:
    send(port, write(subject="The first"))
    send(port, write(subject="The second", to="duty@demo.example"))
    found = BeautifulSoup(page.get("/").text, "html.parser").select(".mails .subject")
    assert [one.text for one in found] == ["The second", "The first"]
    shown = BeautifulSoup(page.get(str(found[1]["href"])).text, "html.parser")
    assert "REQ-ABC234 is waiting." in shown.text
    link = shown.select_one('.text a[href="http://127.0.0.1:5000/go/0f0f"]')
    assert link, "the address in the text can be followed, without the full stop behind it"
    assert "returns@demo.example" in shown.text
    assert "The second" not in page.get("/", query_string={"to": NURSE}).text


def test_a_calendar_entry_is_shown_in_words(port: int, kept: Kept, page: FlaskClient) -> None:
    send(port, write(entry=ENTRY))
    shown = page.get(f"/mail/{only(kept)}").text
    assert "Invitation, or a change of one" in shown
    assert "Monday 14 June 2027, 14:00" in shown, "London's time"
    assert NURSE in shown
    assert "mailto:" not in shown


def test_a_calendar_entry_that_is_broken_does_not_break_the_page(
    port: int, kept: Kept, page: FlaskClient
) -> None:
    send(port, write(entry="BEGIN:VCALENDAR\r\nthis is none"))
    assert "cannot be read" in page.get(f"/mail/{only(kept)}").text


def test_an_address_that_does_not_exist_is_refused_until_it_is_taken_again(
    port: int, kept: Kept, page: FlaskClient
) -> None:
    send(port, write())
    said = {"address": NURSE, "mail": only(kept)}
    assert page.post("/addresses", data={**said, "gone": "yes"}).status_code == 303
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(port, write())
    assert refused.value.recipients[NURSE][0] == 550
    assert NURSE in page.get("/").text
    page.post("/addresses", data={**said, "gone": "no"})
    send(port, write())
    assert len(kept.names()) == 2


def test_a_delivery_report_names_the_mail_and_the_address(port: int, kept: Kept, page: FlaskClient) -> None:
    send(port, write())
    name = only(kept)
    assert page.post(f"/mail/{name}/report", data={"address": "other@demo.example"}).status_code == 400
    answered = page.post(f"/mail/{name}/report", data={"address": NURSE}, follow_redirects=True)
    assert "delivery report is in the mailbox" in answered.text
    (report,) = Maildir(kept.returned)
    assert report.get_content_type() == "multipart/report"
    assert report["To"] == "returns@demo.example"
    kinds = [part.get_content_type() for part in report.walk()]
    assert "message/delivery-status" in kinds
    assert f"Final-Recipient: rfc822; {NURSE}" in report.as_string()
    assert "<one@demo.example>" in report.as_string(), "it says which mail it is about"


def test_another_site_cannot_answer_for_the_tester(port: int, kept: Kept, page: FlaskClient) -> None:
    said = {"address": NURSE, "gone": "yes"}
    answer = page.post("/addresses", data=said, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert page.get("/", headers={"Host": "elsewhere.example"}).status_code == 400
    assert not kept.gone()


def test_what_is_in_a_mail_is_text_and_a_strange_name_finds_nothing(
    port: int, kept: Kept, page: FlaskClient
) -> None:
    send(port, write(subject="<script>alert(2)</script>"))
    assert "<script>" not in page.get("/").text
    assert page.get(f"/mail/{only(kept)}/source").content_type == "text/plain; charset=utf-8"
    for strange in ("..%2f..%2fsecret-key", "none", "20260101T000000.000000Z-00000000"):
        assert page.get(f"/mail/{strange}").status_code == 404


def test_a_long_list_is_cut_into_pages(kept: Kept, page: FlaskClient) -> None:
    for number in range(PAGE_SIZE + 1):
        kept.keep(bytes(write(subject=f"Number {number}")), to=(NURSE,), returns_to="")
    first, second = page.get("/").text, page.get("/?page=2").text
    assert f"{PAGE_SIZE + 1} mails" in first
    assert "Older mail" in first
    assert second.count('class="subject"') == 1


def test_the_page_refuses_to_show_mail_outside_a_demonstration(kept: Kept) -> None:
    with pytest.raises(RuntimeError, match="everybody's mail"):
        create_mail_page(kept, environment="production")
