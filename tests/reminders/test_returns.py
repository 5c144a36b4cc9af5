"""An address that mail servers refuse for good is suspended, its agency told, the message sent elsewhere."""

import mailbox
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage, MIMEPart
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.messages.model import AddressSuspension, OutboxMessage, OutboxSubject
from portal.messages.vocabulary import HandReason, MessageState
from portal.reminders.mail import mailbox as opened
from portal.reminders.returns import ReturnMailbox
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.messages import make_message
from tests.reminders import imap_server
from tests.reminders.conftest import ENVELOPE, MORNING, Send
from tests.reminders.imap_server import Inbox, serving
from tests.reminders.mail_server import OK, Behaviour, make_certificate
from tests.reminders.travel import open_duty, tick

pytestmark = pytest.mark.usefixtures("app", "morning")
GONE = "550 5.1.1 Nobody of that name"


@pytest.fixture
def folder(tmp_path: Path) -> mailbox.Maildir:
    """The return mailbox."""
    return mailbox.Maildir(tmp_path / "returned", create=True)


Read = Callable[[], int]


@pytest.fixture
def read(folder: mailbox.Maildir, engine: Engine) -> Read:
    """One run of the worker's tick."""
    settings = {"RETURN_MAILBOX": f"maildir:{folder._path}", "RETURN_PASSWORD": ""}
    where = opened({**settings, "SMTP_CA": None, "MAIL_TIMEOUT": 1})
    assert where is not None
    return lambda: ReturnMailbox(where, ENVELOPE).read(engine)


def report(
    to: str, address: str, *, status: str = "5.1.1", action: str = "failed", kind: str = "multipart/report"
) -> EmailMessage:
    """What a mail server sends when it could not deliver a mail."""
    server, receiver, part, whole = MIMEPart(), MIMEPart(), EmailMessage(), EmailMessage()
    server["Reporting-MTA"] = "dns; mx.trust.example"
    receiver["Final-Recipient"] = f"RFC822; {address}"
    receiver["Action"] = action
    receiver["Status"] = status
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([server, receiver])
    whole["From"] = "MAILER-DAEMON@mx.trust.example"
    whole["To"] = to
    whole["Subject"] = "Undelivered mail"
    whole.set_content(f"Could not be delivered to {address}.")
    whole.make_mixed()
    whole.attach(part)
    whole.replace_header("Content-Type", f'{kind}; report-type="delivery-status"')
    return whole


def sent(rows: Session, to: Any, **changes: Any) -> OutboxMessage:
    """A message that the mail server took."""
    address = to.email if hasattr(to, "email") else to.duty_email
    return make_message(rows, to, state=MessageState.ACCEPTED, attempts=1, address=address, **changes)


def lead_of_health(rows: Session, cast: Cast) -> UUID:
    cast.health.lead_id = cast.police_manager.id
    rows.commit()
    return cast.police_manager.id


def told(rows: Session, kind: str = "address_failed") -> list[OutboxMessage]:
    rows.rollback()
    rows.expire_all()
    by_mail = OutboxMessage.channel == "mail"  # whose address it is finds it in the portal besides
    return list(rows.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind, by_mail)))


def suspended(rows: Session) -> list[AddressSuspension]:
    rows.rollback()
    return list(rows.scalars(select(AddressSuspension)))


def test_a_refusal_at_the_door_suspends_tells_the_lead_and_sends_the_message_again(
    send: Send, behaviour: Behaviour, rows: Session, cast: Cast
) -> None:
    lead = lead_of_health(rows, cast)
    message = make_message(rows, cast.nurse, about={"reference": "CRE-7K4M-2PXA", "sequence": 3})
    behaviour.at_rcpt = lambda _address: GONE
    send()
    (suspension,) = suspended(rows)
    assert (suspension.user_id, suspension.address, suspension.reason) == (
        cast.nurse.id,
        cast.nurse.email,
        "550 5.1.1",
    )
    rows.refresh(message)
    assert (message.state, message.outcome) == (MessageState.REFUSED, "550 5.1.1")
    (warning,) = told(rows)
    assert (warning.recipient_id, warning.agency_id, warning.urgent) == (lead, cast.health.id, True)
    subject = rows.get_one(OutboxSubject, warning.id)
    assert (subject.subject_kind, subject.subject_id, subject.reference) == ("app_user", cast.nurse.id, None)
    (again,) = (one for one in told(rows, "shared") if one.id != message.id)
    assert again.state != MessageState.ACCEPTED
    subject = rows.get_one(OutboxSubject, again.id)
    assert (subject.reference, subject.sequence) == ("CRE-7K4M-2PXA", 3)


def test_whose_address_it_is_finds_in_the_portal_that_it_failed(
    send: Send, behaviour: Behaviour, rows: Session, cast: Cast
) -> None:
    lead_of_health(rows, cast)
    make_message(rows, cast.nurse)
    behaviour.at_rcpt = lambda _address: GONE
    send()
    shown = rows.scalars(select(OutboxMessage).filter_by(kind="address_failed", channel="portal"))
    assert [(one.recipient_id, one.state) for one in shown] == [(cast.nurse.id, MessageState.SHOWN)]


def test_a_report_that_came_later_is_as_good_as_a_refusal(
    folder: mailbox.Maildir, read: Read, rows: Session, cast: Cast
) -> None:
    lead_of_health(rows, cast)
    message = sent(rows, cast.health_team)
    folder.add(report(ENVELOPE.returns_for(message.id), cast.health_team.duty_email))
    assert read() == 1
    rows.refresh(message)
    assert (message.state, message.outcome) == (MessageState.REFUSED, "returned 5.1.1")
    (suspension,) = suspended(rows)
    assert (suspension.team_id, suspension.user_id) == (cast.health_team.id, None)
    (warning,) = told(rows)
    assert rows.get_one(OutboxSubject, warning.id).subject_kind == "team"
    assert len(told(rows, "shared")) == 2


def test_of_what_a_report_says_only_the_code_is_kept(
    folder: mailbox.Maildir, read: Read, rows: Session, cast: Cast
) -> None:
    message = sent(rows, cast.nurse)
    told_more = report(
        ENVELOPE.returns_for(message.id), cast.nurse.email, status=f"5.1.1 (no {cast.nurse.name}) \0"
    )
    folder.add(told_more)
    assert read() == 1
    rows.refresh(message)
    assert message.outcome == "returned 5.1.1"
    assert [one.reason for one in suspended(rows)] == ["returned 5.1.1"]


def test_a_report_is_read_once_and_a_second_one_changes_nothing(
    folder: mailbox.Maildir, read: Read, rows: Session, cast: Cast
) -> None:
    message = sent(rows, cast.nurse)
    for _ in range(2):
        folder.add(report(ENVELOPE.returns_for(message.id), cast.nurse.email))
    assert read() == 1
    assert read() == 0
    assert len(suspended(rows)) == 1
    assert [mail.get_subdir() for mail in folder] == ["cur", "cur"]


def test_two_messages_to_one_address_suspend_it_once_and_are_both_sent_again(
    folder: mailbox.Maildir, read: Read, rows: Session, cast: Cast
) -> None:
    lead_of_health(rows, cast)
    for _ in range(2):
        folder.add(report(ENVELOPE.returns_for(sent(rows, cast.nurse).id), cast.nurse.email))
    assert read() == 2
    assert len(suspended(rows)) == len(told(rows)) == 1
    assert len(told(rows, "shared")) == 4


def test_where_an_agency_has_no_lead_its_managers_are_told_or_else_the_hub(
    folder: mailbox.Maildir, read: Read, rows: Session, cast: Cast
) -> None:
    for person in (cast.officer, cast.nurse):
        folder.add(report(ENVELOPE.returns_for(sent(rows, person).id), person.email))
    read()
    assert {one.recipient_id or one.recipient_team_id for one in told(rows)} == {
        cast.police_manager.id,
        cast.hub_team.id,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "4.2.2"},
        {"action": "delayed", "status": "4.4.1"},
        {"action": "delivered", "status": "2.1.5"},
        {"status": ""},
        {"kind": "multipart/mixed"},
    ],
)
def test_what_does_not_say_that_it_failed_for_good_does_nothing(
    changes: dict[str, str], folder: mailbox.Maildir, read: Read, rows: Session, cast: Cast
) -> None:
    message = sent(rows, cast.nurse)
    folder.add(report(ENVELOPE.returns_for(message.id), cast.nurse.email, **changes))
    assert read() == 0
    assert not suspended(rows)
    rows.refresh(message)
    assert message.state == MessageState.ACCEPTED


def test_a_report_that_somebody_made_up_suspends_nobody(
    folder: mailbox.Maildir, read: Read, rows: Session, cast: Cast
) -> None:
    message = sent(rows, cast.nurse)
    true = ENVELOPE.returns_for(message.id)
    signature = true.split("-")[1].split("@")[0]
    for address in (
        ENVELOPE.returns,
        true.replace(signature, "0" * len(signature)),
        true.replace(message.id.hex, uuid4().hex),
        true.replace("@portal.example", "@elsewhere.example"),
        true.replace("returns+", "portal+"),
        ENVELOPE.returns_for(uuid4()),
    ):
        folder.add(report(address, cast.nurse.email))
    folder.add(b"Subject: hello\n\nNo report at all, but " + true.encode())
    assert read() == 0
    assert not suspended(rows)


def test_a_report_about_whom_it_was_meant_for_first_does_not_close_the_other_address(
    folder: mailbox.Maildir, read: Read, rows: Session, cast: Cast
) -> None:
    message = sent(rows, cast.colleague, handed_from_id=cast.officer.id, handed_reason="away")
    folder.add(report(ENVELOPE.returns_for(message.id), cast.officer.email))
    assert read() == 0
    assert not suspended(rows)


@pytest.fixture
def reported(rows: Session, cast: Cast, morning: time_machine.Traveller) -> tuple[OutboxMessage, Inbox]:
    """A message, and an IMAP mailbox with a report about it among other mail."""
    message, inbox = sent(rows, cast.nurse), Inbox()
    inbox.deliver(b"Subject: Out of office\r\n\r\nI am away.\r\n")
    inbox.deliver(report(ENVELOPE.returns_for(message.id), cast.nurse.email).as_bytes())
    return message, inbox


def imap(address: str, *, password: str = imap_server.PASSWORD, ca: str | None = None) -> ReturnMailbox:
    where = opened({"RETURN_MAILBOX": address, "RETURN_PASSWORD": password, "SMTP_CA": ca, "MAIL_TIMEOUT": 1})
    assert where is not None
    return ReturnMailbox(where, ENVELOPE)


def test_reports_are_read_from_a_mail_server(
    reported: tuple[OutboxMessage, Inbox], engine: Engine, rows: Session, tmp_path: Path
) -> None:
    message, inbox = reported
    certificate = make_certificate(tmp_path)
    with serving(inbox, certificate.context) as port:
        box = imap(f"imaps://returns@127.0.0.1:{port}/INBOX", ca=certificate.file)
        assert box.read(engine) == 1
        assert box.read(engine) == 0
    assert inbox.seen == {1, 2}
    rows.refresh(message)
    assert message.state == MessageState.REFUSED


def test_a_mailbox_that_cannot_be_opened_fails_without_quoting_what_was_sent(
    reported: tuple[OutboxMessage, Inbox], engine: Engine, tmp_path: Path
) -> None:
    _, inbox = reported
    certificate = make_certificate(tmp_path)
    with serving(inbox) as port:
        with pytest.raises(ConnectionError) as wrong:
            imap(f"imap://returns@127.0.0.1:{port}/INBOX", password="not that").read(engine)
        with pytest.raises(ConnectionError):
            imap(f"imap://returns@127.0.0.1:{port}/Elsewhere").read(engine)
    assert "not that" not in str(wrong.value)
    with (
        serving(inbox, certificate.context) as port,
        pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        imap(f"imaps://returns@127.0.0.1:{port}/INBOX").read(engine)
    with pytest.raises(FileNotFoundError):
        imap(f"maildir:{tmp_path}/nowhere").read(engine)
    assert not inbox.seen


def test_a_reminder_that_is_sent_again_is_known_for_what_it_was(
    send: Send, behaviour: Behaviour, engine: Engine, rows: Session, cast: Cast
) -> None:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    owner = cast.social_worker
    open_duty(
        rows,
        opened=MORNING,
        due=MORNING + timedelta(days=9),
        subject=case,
        case_id=case.id,
        owner_id=owner.id,
        given_by=cast.coordinator.id,
    )
    tick(engine, MORNING)
    behaviour.at_rcpt = lambda address: GONE if address == owner.email else OK
    send()
    (first, again) = sorted(told(rows, "given"), key=lambda one: len(one.key))
    assert (first.state, again.state) == (MessageState.REFUSED, MessageState.OWED)
    send()
    rows.refresh(again)
    assert (again.state, again.handed_reason) == (MessageState.ACCEPTED, HandReason.ADDRESS)
    assert again.address == cast.social_care_team.duty_email
