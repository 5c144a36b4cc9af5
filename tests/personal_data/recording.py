"""Keeps what a test run sends and logs: every mail handed to a mail server, and every line of a log."""

import json
import logging
import os
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import aiosmtpd.smtp
import pytest

from config.logs import JsonLine

_parse = BytesParser(policy=policy.default)


@dataclass
class Record:
    """What was sent, each text once, with the test that was running when it first was."""

    mails: dict[bytes, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)

    def mail(self, source: bytes, where: str = "") -> None:
        """Remember a mail as it goes over the wire."""
        self.mails.setdefault(source.replace(b"\r\n", b"\n"), where or _running())

    def line(self, text: str, where: str = "") -> None:
        """Remember a line of a log."""
        self.lines.setdefault(text, where or _running())

    def texts(self) -> Iterator[tuple[str, str]]:
        """What each was, and everything that it says."""
        for source, test in self.mails.items():
            message = _parse.parsebytes(source)
            yield f"mail “{message['Subject']}” of {test}", said(message)
        for line, test in self.lines.items():
            yield f"log line of {test}", line


def said(message: Any) -> str:
    """Headers and parts of a mail, decoded, and as they go over the wire."""
    assert isinstance(message, EmailMessage)
    found = [f"{name}: {make_header(decode_header(str(value)))}" for name, value in message.items()]
    for part in message.walk():
        found += [f"{name}: {value}" for name, value in part.items()]
        if not part.is_multipart():
            content = part.get_content()
            text = content if isinstance(content, str) else bytes(content).decode("utf-8", "replace")
            found.append(unfolded(text) if "BEGIN:VCALENDAR" in text else text)
    return "\n".join(found)


def unfolded(calendar: str) -> str:
    """A calendar entry without the breaks that may be in the middle of a name or of the receiver's address
    (RFC 5545, section 3.1).
    """
    return calendar.replace("\r\n ", "").replace("\n ", "")


class _AsWritten(JsonLine):
    """A line as it is written, without what makes each different and says nothing."""

    def format(self, record: logging.LogRecord) -> str:
        line = json.loads(super().format(record))
        for name in ("time", "process", "reference", "milliseconds", "statements"):
            line.pop(name, None)
        line["message"] = line["message"].partition(", reference ")[0]
        return json.dumps(line, ensure_ascii=False)


class _Handler(logging.Handler):
    def __init__(self, record: Record) -> None:
        super().__init__(logging.NOTSET)
        self.record = record
        self.setFormatter(_AsWritten())

    def emit(self, record: logging.LogRecord) -> None:
        self.record.line(self.format(record))


@contextmanager
def recording(record: Record) -> Iterator[None]:
    """Keep what smtplib hands over, what servers of ours take, and what is logged."""
    handler = _Handler(record)
    with pytest.MonkeyPatch.context() as patch:
        _keep_what_is_sent(record, patch)
        _keep_what_arrives(record, patch)
        patch.setattr(logging.getLogger("portal"), "level", logging.INFO)
        logging.getLogger().addHandler(handler)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(handler)


def _keep_what_is_sent(record: Record, patch: pytest.MonkeyPatch) -> None:
    hand_over = smtplib.SMTP.data

    def data(server: smtplib.SMTP, msg: Any) -> Any:
        record.mail(msg.encode("ascii") if isinstance(msg, str) else bytes(msg))
        return hand_over(server, msg)

    patch.setattr(smtplib.SMTP, "data", data)


def _keep_what_arrives(record: Record, patch: pytest.MonkeyPatch) -> None:
    """Also from workers in processes of their own."""
    call = aiosmtpd.smtp.SMTP._call_handler_hook

    async def noted(server: aiosmtpd.smtp.SMTP, command: str, *arguments: Any) -> Any:
        if command == "DATA" and server.envelope is not None:
            record.mail(server.envelope.original_content or b"")
        return await call(server, command, *arguments)

    patch.setattr(aiosmtpd.smtp.SMTP, "_call_handler_hook", noted)


def keep_folder(record: Record, folder: Path, where: str) -> None:
    """Keep the mails and logs that processes left in an instance folder."""
    for path in folder.rglob("*.eml"):
        record.mail(path.read_bytes(), where)
    for path in (folder / "log").glob("*.log"):
        for line in path.read_text("utf-8", "replace").splitlines():
            record.line(line, where)


def _running() -> str:
    return os.environ.get("PYTEST_CURRENT_TEST", "no test").partition(" (")[0]
