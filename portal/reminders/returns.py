"""Reads what mail servers returned. A report that is ours and final is as good as a refusal at the door.

A report counts only if it came to a return address that we made for a message (`portal.reminders.envelope`):
nobody suspends an address by writing to the mailbox.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Connection, Engine, select, update

from portal import clock
from portal.models.messages import OutboxMessage
from portal.reminders import failing
from portal.reminders.envelope import Envelope
from portal.reminders.mailboxes import Mailbox, mailbox
from portal.reminders.reports import Failure, permanent_failure
from portal.vocabulary.messages import MessageState

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReturnMailbox:
    """Where returned mail is read, and how ours is recognised."""

    where: Mailbox
    envelope: Envelope

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self | None:
        """The one of the settings, if there is one."""
        where = mailbox(config)
        return cls(where, Envelope.of(config)) if where else None

    def read(self, engine: Engine) -> int:
        """Read what has not been read. A mail is marked as read after what it says is noted.

        Returns:
            how many messages turned out not to have arrived.

        Raises:
            OSError: the mailbox cannot be opened.
        """
        total = 0
        with self.where.unread() as mails:
            for mail in mails:
                failure = permanent_failure(mail.source)
                if failure is not None:
                    with engine.begin() as connection:
                        total += self._take(connection, failure)
                mail.mark_read()
        return total

    def _take(self, connection: Connection, failure: Failure) -> bool:
        message = self.envelope.returned(failure.returned_to)
        if message is None:
            log.warning("A delivery report came that is about none of our messages.")
            return False
        return returned(connection, message, failure)


def returned(connection: Connection, message: UUID, failure: Failure) -> bool:
    """Note that a message did not arrive; the same report a second time changes nothing.

    Returns:
        whether it was taken to have arrived until now.
    """
    sent = connection.execute(
        select(OutboxMessage.state, OutboxMessage.address, OutboxMessage.handed_reason)
        .where(OutboxMessage.id == message)
        .with_for_update()
    ).one_or_none()
    if sent is None or sent.state != MessageState.ACCEPTED or sent.address is None:
        return False
    if sent.handed_reason and sent.address.lower() not in failure.receivers:
        return False  # it was meant for somebody else first, and the report is about them
    code = f"returned {failure.status}"
    connection.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message)
        .values(state=MessageState.REFUSED, outcome=code, settled_at=clock.now())
    )
    log.info("Message %s: %s.", message, code)
    failing.address_failed(connection, message, code=code)
    return True
