"""A mail server that cannot be relied on, as a process of its own: `python -m tests.chaos.mail FOLDER SEED`.

It writes each mail that it takes into FOLDER/accepted before it answers, and each of its faults into
FOLDER/faults. The faults end when FOLDER/calm is there; addresses without a mailbox stay without one.
"""

import asyncio
import os
import random
import re
import sys
import threading
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.reminders.mail_server import OK, Behaviour, hang_up, listening

GONE = "gone."  # an address that starts so has no mailbox
SLOW = 0.12  # seconds that a mail takes at most until it is written down, and a hundredth after that
FOREVER = 3600

#: How often each fault happens, in a thousand mails. What is kept and then not answered comes twice: the
#: sender cannot know.
AT_RCPT = {"450 4.2.1 Busy": 15, "421 4.3.2 Going down": 8, "550 5.7.1 Not from you": 8}
AT_DATA = {"451 4.3.0 Later": 15, "554 5.7.1 Looks like spam": 8}
HUNG, DROPPED, KEPT_AND_HUNG, KEPT_AND_DROPPED = "hung", "dropped", "kept and hung", "kept and dropped"
BROKEN = {HUNG: 10, DROPPED: 10, KEPT_AND_HUNG: 1, KEPT_AND_DROPPED: 1}
NO_MAILBOX = "550 5.1.1 Nobody of that name"


def _told(mail: Message) -> set[str]:
    """The messages that a mail tells: its own, and where it lists several, each by its link."""
    own = str(mail["Message-ID"])
    words = mail.get_payload(decode=True)
    listed = re.findall(rb"/go/([0-9a-f-]{36})", words) if isinstance(words, bytes) else []
    domain = own.partition("@")[2]
    return {own, *(f"<{one.decode()}@{domain}" for one in listed)}


class Unreliable(Behaviour):
    """Answers by chance."""

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__()
        self._folder = folder
        self._chance = random.Random(seed)  # noqa: S311 - chance that can be repeated
        self.at_rcpt = self._at_rcpt

    def _at_rcpt(self, address: str) -> str:
        if address.startswith(GONE):
            self._note("faults", NO_MAILBOX)
            return NO_MAILBOX
        return self._fault(AT_RCPT) or OK

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd looks for this name
        await asyncio.sleep(self._delay() * SLOW)
        if refusal := self._fault(AT_DATA):
            return refusal
        broken = self._fault(BROKEN)
        if broken in {None, KEPT_AND_HUNG, KEPT_AND_DROPPED}:
            mail = message_from_bytes(envelope.original_content or b"")
            for told in _told(mail):
                self._note("accepted", told)
        if broken in {HUNG, KEPT_AND_HUNG}:
            await asyncio.sleep(FOREVER)
        if broken in {DROPPED, KEPT_AND_DROPPED}:
            hang_up(server)
        await asyncio.sleep(self._delay() * SLOW / 100)
        return OK

    @property
    def _is_calm(self) -> bool:
        return (self._folder / "calm").exists()

    def _delay(self) -> float:
        return 0 if self._is_calm else self._chance.random()

    def _fault(self, faults: dict[str, int]) -> str | None:
        if self._is_calm:
            return None
        drawn = self._chance.random() * 1000
        for fault, often in faults.items():
            if drawn < often:
                self._note("faults", fault)
                return fault
            drawn -= often
        return None

    def _note(self, where: str, line: str) -> None:
        """In one write, so that nothing is half there when we are killed."""
        file = os.open(self._folder / where, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, f"{line}\n".encode())
        os.close(file)


def main(folder: Path, seed: int) -> None:
    """Take mail until stopped; FOLDER/port says where."""
    with listening(Unreliable(folder, seed)) as port:
        (folder / "port.new").write_text(str(port), encoding="utf-8")
        (folder / "port.new").rename(folder / "port")
        threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
