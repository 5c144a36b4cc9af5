"""Mail is handed over to a mail server that proved who it is, and its answer is read for what it means."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from portal.reminders.smtp import Answer, MailServer, Outcome, Post, names_the_address
from tests.reminders.mail_server import (
    DROP,
    HANG,
    HOST,
    PASSWORD,
    USER,
    Behaviour,
    Certificate,
    listening,
    make_certificate,
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def server(port: int, security: str = "none", ca: str | None = None, password: str = PASSWORD) -> MailServer:
    return MailServer(
        host=HOST,
        port=port,
        security=security,
        user="" if security == "none" else USER,
        password=password,
        ca=ca,
        timeout=1,
        domain="portal.example",
    )


def a_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["To"], mail["Message-ID"] = (
        "OFFICIAL: née",
        "a@agency.example",
        "<1@portal.example>",
    )
    mail.set_content("Something is due – naïve words and a line\n.with a dot in front\n")
    return mail


def send(to: MailServer, *, address: str = "a@agency.example") -> Outcome:
    with Post(to) as post:
        return post.send(a_mail(), sender="returns+1@portal.example", to=address)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_over_tls_to_a_server_that_knows_us(security: str, certificate: Certificate) -> None:
    behaviour = Behaviour()
    with listening(behaviour, security=security, certificate=certificate, sign_in=True) as port:
        outcome = send(server(port, security, certificate.file))
    assert outcome == Outcome(Answer.ACCEPTED, "250 2.0.0")
    (mail,) = behaviour.arrived
    assert (mail.sender, mail.to) == ("returns+1@portal.example", ("a@agency.example",))
    assert mail.source.isascii(), "not every server takes eight bits"
    assert mail.message.get_content() == a_mail().get_content().replace("\n", "\r\n").replace("\r\n", "\n")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(
    security: str, certificate: Certificate, tmp_path: Path
) -> None:
    stranger = make_certificate(tmp_path, host="other.example")
    behaviour = Behaviour()
    for shown, trusted in ((stranger, certificate.file), (stranger, stranger.file), (certificate, None)):
        with listening(behaviour, security=security, certificate=shown, sign_in=True) as port:
            outcome = send(server(port, security, trusted))
        assert outcome == Outcome(Answer.LATER, "SSLCertVerificationError", broken=True)
    assert not behaviour.arrived


def test_a_server_without_tls_gets_nothing_where_tls_is_set(certificate: Certificate) -> None:
    behaviour = Behaviour()
    with listening(behaviour) as port:
        outcome = send(server(port, "starttls", certificate.file))
    assert outcome == Outcome(Answer.LATER, "SMTPNotSupportedError", broken=True)
    assert not behaviour.arrived


def test_a_wrong_password_says_nothing_about_the_address(certificate: Certificate) -> None:
    with listening(Behaviour(), security="starttls", certificate=certificate, sign_in=True) as port:
        outcome = send(server(port, "starttls", certificate.file, password="not that"))
    assert outcome == Outcome(Answer.LATER, "SMTPAuthenticationError 535", broken=True)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("450 4.2.0 Greylisted, <a@agency.example> come again", Outcome(Answer.LATER, "450 4.2.0")),
        ("550 5.1.1 <a@agency.example>: unknown", Outcome(Answer.NO_SUCH_ADDRESS, "550 5.1.1")),
        ("550 No such person", Outcome(Answer.NO_SUCH_ADDRESS, "550")),
        ("550 5.4.1 Recipient address rejected", Outcome(Answer.NO_SUCH_ADDRESS, "550 5.4.1")),
        ("550 5.7.1 Relaying denied", Outcome(Answer.LATER, "550 5.7.1")),
        ("530 5.7.0 Sign in first", Outcome(Answer.LATER, "530 5.7.0")),
        ("421 4.3.2 Closing", Outcome(Answer.LATER, "421 4.3.2", broken=True)),
    ],
)
def test_an_answer_to_the_address_is_kept_as_its_codes(answer: str, expected: Outcome) -> None:
    with listening(Behaviour(at_rcpt=lambda _address: answer)) as port:
        assert send(server(port)) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("451 4.3.0 Later", Outcome(Answer.LATER, "451 4.3.0")),
        ("554 5.7.1 Looks like spam", Outcome(Answer.REFUSED, "554 5.7.1")),
        ("550 5.1.1 Nobody of that name", Outcome(Answer.NO_SUCH_ADDRESS, "550 5.1.1")),
        (DROP, Outcome(Answer.LATER, "SMTPServerDisconnected", broken=True)),
        (HANG, Outcome(Answer.LATER, "SMTPServerDisconnected", broken=True)),
    ],
)
def test_an_answer_to_the_message_is_told_from_one_to_the_address(answer: str, expected: Outcome) -> None:
    with listening(Behaviour(at_data=lambda _address: answer)) as port:
        assert send(server(port)) == expected


def test_a_server_that_is_not_there_is_tried_later() -> None:
    with listening(Behaviour()) as port:
        pass
    assert send(server(port)) == Outcome(Answer.LATER, "ConnectionRefusedError", broken=True)


def test_one_connection_serves_a_batch_and_is_opened_again_after_it_broke() -> None:
    answers = iter(["250 OK", "450 Later", "250 OK", DROP, "250 OK"])
    behaviour = Behaviour(at_data=lambda _address: next(answers))
    with listening(behaviour) as port, Post(server(port)) as post:
        found = [post.send(a_mail(), sender="r@portal.example", to="a@agency.example") for _ in range(5)]
    assert [one.answer for one in found] == ["accepted", "later", "accepted", "later", "accepted"]
    assert behaviour.connections == 2


@pytest.mark.parametrize("address", ["jürgen@agency.example", "a@agency.example\r\nDATA"])
def test_what_cannot_be_an_address_reaches_no_server(address: str) -> None:
    behaviour = Behaviour()
    with listening(behaviour) as port:
        assert send(server(port), address=address).answer is Answer.NO_SUCH_ADDRESS
    assert not behaviour.arrived


def test_a_full_mailbox_counts_as_one_that_takes_no_mail() -> None:
    assert names_the_address("552 5.2.2", of_receiver=True)
    assert not names_the_address("552 5.3.4", of_receiver=True)
