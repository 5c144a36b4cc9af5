"""Settings of e-mail that cannot be right stop the start with a sentence that names them."""

import pytest

from config.errors import SettingError
from config.mail import mail
from portal.reminders import worker
from portal.reminders.smtp import MailServer

SENDING = {"SMTP_HOST": "smtp.example.org", "MAIL_FROM": "portal@example.org"}


def test_what_is_not_said_is_safe() -> None:
    found = mail(SENDING, "production")
    assert (found["SMTP_PORT"], found["SMTP_SECURITY"]) == (587, "starttls")
    assert found["MAIL_RETURN"] == found["MAIL_ORGANISER"] == "portal@example.org"
    assert mail(SENDING | {"SMTP_SECURITY": "tls"}, "production")["SMTP_PORT"] == 465


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SMTP_SECURITY", "none"),
        ("SMTP_SECURITY", "ssl"),
        ("SMTP_PORT", "smtp"),
        ("MAIL_TIMEOUT", "0"),
        ("MAIL_FROM", ""),
        ("MAIL_FROM", "CRE portal <portal@example.org>"),
        ("MAIL_RETURN", "returns"),
        ("MAIL_ORGANISER", "meetings@"),
        ("RETURN_MAILBOX", "imap://returns@example.org/INBOX"),
        ("RETURN_MAILBOX", "/var/mail/returns"),
    ],
)
def test_a_wrong_one_is_named(setting: str, value: str) -> None:
    with pytest.raises(SettingError, match=setting):
        mail(SENDING | {setting: value}, "production")


def test_outside_production_a_mail_server_on_this_machine_needs_no_tls() -> None:
    changes = {"SMTP_SECURITY": "none", "RETURN_MAILBOX": "imap://returns@127.0.0.1/INBOX"}
    assert mail(SENDING | changes, "demo")["SMTP_SECURITY"] == "none"


def test_a_deployment_without_a_mail_server_starts_and_sends_nothing() -> None:
    settings = mail({}, "production") | {
        "PORTAL_ADDRESS": "https://p.example",
        "SERVICE_NAME": "P",
        "SECRET_KEY": "s",
    }
    assert MailServer.of(settings) is None
    assert [tick.name for tick in worker.mail_ticks(settings)] == [worker.SENDING]
    settings |= {"RETURN_MAILBOX": "maildir:/var/mail/returns"}
    assert [tick.name for tick in worker.mail_ticks(settings)] == [worker.SENDING, worker.READING_RETURNS]
