"""A folder of what arrived: one file a mail, refused addresses, and delivery reports for returns."""

import mailbox
import re
from asyncio import Server
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import format_datetime, make_msgid
from pathlib import Path
from secrets import token_hex

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal import clock

ADDED = ("Return-Path:", "Delivered-To:")  # the headers that hold the envelope

_STAMP = "%Y%m%dT%H%M%S.%fZ"
_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}")
_parse = BytesParser(policy=policy.default)


@dataclass(frozen=True)
class Mail:
    """One mail as it arrived.

    Args:
        name: what the page calls it in addresses; names sort by arrival.
        to: the addresses of the envelope, which are who really got it.
        returns_to: where the envelope says that reports about it go.
    """

    name: str
    to: tuple[str, ...]
    returns_to: str
    source: bytes

    @property
    def arrived(self) -> datetime:
        """The moment of arrival."""
        return datetime.strptime(self.name.split("-", 1)[0], _STAMP).replace(tzinfo=UTC)

    @property
    def message(self) -> EmailMessage:
        """Its headers and parts."""
        parsed = _parse.parsebytes(self.source)
        assert isinstance(parsed, EmailMessage)  # noqa: S101 -- what policy.default makes; the type cannot say so
        return parsed


class Kept:
    """A folder of mail. Server and page may be different processes: everything stands in files.

    Args:
        folder: made if it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._arrived, self._gone, self.returned = folder / "arrived", folder / "gone", folder / "returned"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._arrived.mkdir(exist_ok=True)
        self._gone.touch()
        self._returns = mailbox.Maildir(self.returned, create=True)

    def keep(self, source: bytes, *, to: tuple[str, ...], returns_to: str) -> str:
        """Keep a mail for good before its receipt is confirmed. Gives its name."""
        name = f"{clock.now().astimezone(UTC).strftime(_STAMP)}-{token_hex(4)}"
        envelope = [f"Return-Path: <{returns_to}>", *(f"Delivered-To: {address}" for address in to), ""]
        unfinished = self._arrived / f"{name}.new"
        unfinished.write_bytes("\r\n".join(envelope).encode() + source)
        unfinished.rename(self._arrived / f"{name}.eml")
        return name

    def names(self, *, to: str = "") -> list[str]:
        """The names of what arrived, newest first.

        Args:
            to: only what came for this address.
        """
        found = sorted((path.stem for path in self._arrived.glob("*.eml")), reverse=True)
        return [name for name in found if to in self.mail(name).to] if to else found

    def mail(self, name: str) -> Mail:
        """One mail.

        Raises:
            LookupError: there is none of this name.
        """
        path = self._arrived / f"{name}.eml"
        if not _NAME.fullmatch(name) or not path.exists():
            raise LookupError(name)
        source = path.read_bytes()
        headers = _parse.parsebytes(source, headersonly=True)
        to = tuple(str(address) for address in headers.get_all("Delivered-To", ()))
        return Mail(name=name, to=to, returns_to=str(headers["Return-Path"]).strip("<>"), source=source)

    def everything(self) -> Iterator[Mail]:
        """Every mail, oldest first."""
        return (self.mail(name) for name in reversed(self.names()))

    def gone(self) -> list[str]:
        """The addresses that do not exist any more, as a tester said."""
        return sorted(set(self._gone.read_text("utf-8").split()))

    def say_gone(self, address: str, *, gone: bool) -> None:
        """Refuse mail for an address from now on, or take it again."""
        left = {*self.gone(), address} if gone else set(self.gone()) - {address}
        self._gone.write_text("".join(f"{one}\n" for one in sorted(left)), "utf-8")

    def send_back(self, report: EmailMessage) -> None:
        """Put a report into the mailbox that the portal reads."""
        self._returns.add(report.as_bytes())


SYSTEM = "mail.demo.example"
NOBODY = "<>"  # reports have no return address, so that no report is sent about a report


def delivery_report(mail: Mail, *, address: str) -> EmailMessage:
    """Say that `mail` could not be delivered to `address`, for good.

    The headers of the mail are in the report, as they usually are; its text is not.
    """
    report = EmailMessage()
    report["Return-Path"] = NOBODY
    report["From"] = f"Mail delivery <postmaster@{SYSTEM}>"
    report["To"] = mail.returns_to
    report["Subject"] = "Undelivered mail returned to sender"
    report["Date"] = format_datetime(clock.now())
    report["Message-ID"] = make_msgid(domain=SYSTEM)
    report["Auto-Submitted"] = "auto-replied"
    report.set_content(f"Your message could not be delivered to {address}: there is no such address.\n")
    report.make_mixed()
    report.attach(_status(address))
    report.attach(_headers_of(mail))
    report.replace_header("Content-Type", 'multipart/report; report-type="delivery-status"')
    return report


def _status(address: str) -> EmailMessage:
    about_server, about_address = MIMEPart(), MIMEPart()
    about_server["Reporting-MTA"] = f"dns; {SYSTEM}"
    about_address["Final-Recipient"] = f"rfc822; {address}"
    about_address["Action"] = "failed"
    about_address["Status"] = "5.1.1"
    about_address["Diagnostic-Code"] = "smtp; 550 5.1.1 There is no such address"
    part = EmailMessage()
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([about_server, about_address])
    return part


def _headers_of(mail: Mail) -> EmailMessage:
    """The headers as they came; those that the mail server added stand in front and are left out."""
    lines = mail.source.partition(b"\r\n\r\n")[0].decode("ascii", "replace").split("\r\n")
    part = EmailMessage()
    part["Content-Type"] = "text/rfc822-headers"
    part.set_payload("\n".join(line for line in lines if not line.startswith(ADDED)) + "\n")
    return part


# The mail server: takes everything, except for addresses of which a tester said that they do not exist.

HOST = "127.0.0.1"
NO_SUCH_ADDRESS = "550 5.1.1 There is no such address here"


class _Handler:
    """What the server does with an address and with a mail; aiosmtpd gives these methods their names."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.lower() in self._kept.gone():
            return NO_SUCH_ADDRESS
        envelope.rcpt_tos.append(address.lower())
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 -- aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        name = self._kept.keep(content, to=tuple(envelope.rcpt_tos), returns_to=envelope.mail_from or "")
        return f"250 2.0.0 Kept as {name}"


@contextmanager
def listening(kept: Kept, *, port: int = 0) -> Iterator[int]:
    """Take mail on this machine, in a thread of its own. Gives the port.

    Args:
        port: 0 for any that is free.
    """
    controller = _Controller(_Handler(kept), hostname=HOST, port=port, server_hostname="demo.example")
    controller.start()
    try:
        yield controller.chosen_port
    finally:
        controller.stop()


class _Controller(Controller):
    """A controller that finds out which port it was given when any would do."""

    @property
    def chosen_port(self) -> int:
        assert isinstance(self.server, Server)  # noqa: S101 -- it has started
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    def _trigger_server(self) -> None:
        self.port = self.chosen_port
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd does not say
