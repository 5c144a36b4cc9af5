"""Handing a message to the mail server: TLS checked, signed in, and an answer that the outbox can act on.

What a server says is kept as its codes alone, because its sentences quote the address.
"""

import logging
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from portal.access.certificates import fault_of

log = logging.getLogger(__name__)

_SEVEN_BITS = SMTP.clone(cte_type="7bit")  # which every server takes
_OK, _WILL_FORWARD, _CLOSING = 250, 251, 421
_PERMANENT = range(500, 600)
_OF_A_MAILBOX = frozenset({550, 551, 553, 556})
_ADDRESS = re.compile(r"[^\s<>,;]+@[^\s<>,;@]+")
_STATUS = re.compile(r"([245])\.(\d{1,3}\.\d{1,3})\b")


class Answer(StrEnum):
    """What became of one attempt to hand a message over."""

    ACCEPTED = "accepted"
    LATER = "later"  # nothing is wrong with the message: try again
    REFUSED = "refused"  # the server will not have this message
    NO_SUCH_ADDRESS = "no_such_address"  # the server will never have a message for this address


@dataclass(frozen=True)
class Outcome:
    """An answer, and the server's codes or the kind of failure as they are kept with the message.

    With `broken`, the connection can be used no longer.
    """

    answer: Answer
    code: str
    broken: bool = False


@dataclass(frozen=True)
class MailServer:
    """A mail server and how to sign in there: the settings SMTP_… and MAIL_TIMEOUT (seconds)."""

    host: str
    port: int
    security: str
    user: str
    password: str
    ca: str | None
    timeout: int
    domain: str  # what we call ourselves

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self | None:
        """The one of the settings, or None where no mail is sent."""
        if not config["SMTP_HOST"]:
            return None
        return cls(
            host=config["SMTP_HOST"],
            port=config["SMTP_PORT"],
            security=config["SMTP_SECURITY"],
            user=config["SMTP_USER"],
            password=config["SMTP_PASSWORD"],
            ca=config["SMTP_CA"],
            timeout=config["MAIL_TIMEOUT"],
            domain=config["MAIL_FROM"].partition("@")[2],
        )

    def connect(self) -> smtplib.SMTP:
        """A connection, safe and signed in.

        Raises:
            OSError: not reached, not trusted, or refused; smtplib's errors are of this kind.
        """
        trusted = ssl.create_default_context(cafile=self.ca)
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, self.domain, timeout=self.timeout, context=trusted
            )
        else:
            server = smtplib.SMTP(self.host, self.port, self.domain, timeout=self.timeout)
        try:
            if self.security == "starttls":
                server.starttls(context=trusted)  # raises where the server has none
            if self.user:
                server.login(self.user, self.password)
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server


class Post:
    """One connection for a batch of messages, opened when it is first needed and again after it broke."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._open: smtplib.SMTP | None = None

    def ready(self) -> Outcome | None:
        """Open the connection unless it is; None when it is, else why it is not."""
        if self._open is None:
            try:
                self._open = self._server.connect()
            except (OSError, ValueError) as error:
                return Outcome(Answer.LATER, _named(error), broken=True)
        return None

    def send(self, message: EmailMessage, *, sender: str, to: str) -> Outcome:
        """Hand one message over.

        Args:
            sender: the envelope's, where it is returned to.
            to: the one receiver's address.
        """
        if not (to.isascii() and _ADDRESS.fullmatch(to)):
            return Outcome(Answer.NO_SUCH_ADDRESS, "unusable address")
        content = message.as_bytes(policy=_SEVEN_BITS)
        if failed := self.ready():
            return failed
        try:
            outcome = _hand_over(self._connection, content, sender, to)
        except OSError as error:
            outcome = Outcome(Answer.LATER, _named(error), broken=True)
        if outcome.broken:
            self.close()
        return outcome

    @property
    def _connection(self) -> smtplib.SMTP:
        if self._open is None:
            raise ConnectionError
        return self._open

    def close(self) -> None:
        """Hang up, without waiting for a server that no longer listens."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _hand_over(server: smtplib.SMTP, content: bytes, sender: str, to: str) -> Outcome:
    """RFC 5321, section 3.3. A refusal of the sender is about us, one of the receiver mostly about them."""
    reports = server.has_extn("dsn")
    code, said = server.mail(sender, ["RET=HDRS"] if reports else [])
    if code != _OK:
        return _refusal(server, code, said)
    code, said = server.rcpt(to, ["NOTIFY=FAILURE", f"ORCPT=rfc822;{to}"] if reports else [])
    if code not in {_OK, _WILL_FORWARD}:
        return _refusal(server, code, said, of_receiver=True)
    try:
        code, said = server.data(content)
    except smtplib.SMTPDataError as refused:
        return _refusal(server, int(refused.smtp_code), _bytes(refused.smtp_error), of_message=True)
    if code != _OK:
        return _refusal(server, code, said, of_message=True)
    return Outcome(Answer.ACCEPTED, codes(code, said))


def _refusal(
    server: smtplib.SMTP, code: int, said: bytes, *, of_receiver: bool = False, of_message: bool = False
) -> Outcome:
    kept = codes(code, said)
    left = code == _CLOSING or not _starts_afresh(server)
    if code not in _PERMANENT:
        return Outcome(Answer.LATER, kept, broken=left)
    if names_the_address(kept, of_receiver=of_receiver):
        return Outcome(Answer.NO_SUCH_ADDRESS, kept, broken=left)
    return Outcome(Answer.REFUSED if of_message else Answer.LATER, kept, broken=left)


def _starts_afresh(server: smtplib.SMTP) -> bool:
    """Forget the message that was refused, so that the next one can follow."""
    try:
        return server.rset()[0] == _OK
    except OSError:
        return False


def names_the_address(kept: str, *, of_receiver: bool) -> bool:
    """Whether a permanent refusal says that the address is wrong, and not that we or the message are.

    Enhanced codes say it (RFC 3463: 5.1 addressing, 5.2 the mailbox; 5.4.1 is what hosted Exchange answers
    for a mailbox that it does not know); without one, the codes that RFC 5321 gives a mailbox do.

    Args:
        kept: the codes, as `codes` keeps them.
        of_receiver: the refusal answers the receiver's address rather than the sender's or the message.
    """
    code, _, status = kept.partition(" ")
    if status:
        return status.startswith(("5.1.", "5.2.")) or status == "5.4.1"
    return of_receiver and int(code) in _OF_A_MAILBOX


def codes(code: int, said: bytes) -> str:
    """The codes of an answer, such as `550 5.1.1`, without its sentence."""
    found = _STATUS.match(said.decode("ascii", "replace"))
    return f"{code} {found.group()}" if found else str(code)


def _named(error: Exception) -> str:
    """The kind of a failure, with the server's code where it gave one, without its sentence."""
    if fault := fault_of(error):
        log.error("The certificate of the mail server %s: look at SMTP_CA.", fault)
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()
