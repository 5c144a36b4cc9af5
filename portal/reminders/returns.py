"""What mail servers returned: read, and what follows when an address will never take mail."""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Connection, Engine, any_, exists, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.messages.model import AddressSuspension, OutboxMessage
from portal.messages.vocabulary import Ground, HandReason, MessageChannel, MessageState
from portal.model import new_id
from portal.pathway.calendar import goes_out
from portal.policy import current_policy
from portal.records.people.model import Agency, Team, User
from portal.reminders import bundles
from portal.reminders.claims import Waiting, waiting
from portal.reminders.deliverability import may_open, permission_of
from portal.reminders.mail import Envelope, Mailbox, mailbox
from portal.reminders.writing import About, Outgoing, Receiver, key_of_another_try, write
from portal.vocabulary import Role, Sector

_parse = BytesParser(policy=policy.compat32)  # the lenient one: a report comes from anybody's machine
_FOR_GOOD = re.compile(r"5\.\d{1,3}\.\d{1,3}\b")  # what follows may be a comment, with names in it
_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To")


@dataclass(frozen=True)
class Failure:
    """A mail that will never be delivered.

    Args:
        returned_to: the addresses that the report came to, one of which holds the message's token.
        receivers: the addresses that it names as those that failed, in lower case.
        status: such as `5.1.1`.
    """

    returned_to: tuple[str, ...]
    receivers: frozenset[str]
    status: str


def permanent_failure(source: bytes) -> Failure | None:
    """What a mail in the return mailbox reports, if it reports that something failed for good.

    Delays, successes, automatic replies and letters from people are none.
    """
    mail = _parse.parsebytes(source)
    if mail.get_content_type() != "multipart/report":
        return None
    failed = [one for one in _receivers(mail) if _failed(one)]
    if not failed:
        return None
    named = [address for one in failed for address in _addresses(one)]
    return Failure(
        returned_to=tuple(
            address for name in _TO for _, address in getaddresses([str(v) for v in mail.get_all(name, [])])
        ),
        receivers=frozenset(named),
        status=_status(failed[0]),
    )


def _receivers(mail: Message) -> Iterator[Message]:
    """The groups of lines about one receiver each; the first group is about the server."""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            if isinstance(groups, list):
                yield from (one for one in groups[1:] if isinstance(one, Message))
            return


def _failed(receiver: Message) -> bool:
    return _text(receiver, "Action").lower() == "failed" and bool(_status(receiver))


def _status(receiver: Message) -> str:
    """The code alone, where it says that something failed for good."""
    found = _FOR_GOOD.match(_text(receiver, "Status"))
    return found.group() if found else ""


def _addresses(receiver: Message) -> Iterator[str]:
    for name in ("Original-Recipient", "Final-Recipient"):
        _, _, address = _text(receiver, name).partition(";")
        if address.strip():
            yield address.strip().strip("<>").lower()


def _text(lines: Message, name: str) -> str:
    return " ".join(str(lines.get(name, "")).split())


KIND = "address_failed"  # of policy reminders.kinds


def address_failed(connection: Connection, message: UUID, *, code: str) -> None:
    """Suspend the address that a message went to, tell the agency's lead, and send the message elsewhere.

    Args:
        message: one that was refused; its state is not changed here.
        code: what the mail server said.
    """
    row = connection.execute(
        waiting().add_columns(OutboxMessage.address).where(OutboxMessage.id == message)
    ).one()
    refused = Waiting.of(row)
    if suspension := _suspend(connection, refused, row.address, code):
        _tell_lead(connection, refused, suspension)
    _send_again(connection, refused)


def _suspend(connection: Connection, message: Waiting, address: str, code: str) -> UUID | None:
    """The new suspension, or None where the address is suspended already."""
    live = exists().where(
        AddressSuspension.address == address,
        AddressSuspension.lifted_at.is_(None),
        AddressSuspension.user_id == message.recipient_id
        if message.recipient_id
        else AddressSuspension.team_id == message.recipient_team_id,
    )
    if connection.scalar(select(live)):
        return None
    suspension = new_id()
    connection.execute(
        insert(AddressSuspension)
        .inline()
        .values(
            id=suspension,
            user_id=message.recipient_id,
            team_id=message.recipient_team_id,
            agency_id=message.agency_id,
            address=address,
            reason=code,
            suspended_at=clock.now(),
        )
    )
    return suspension


def _tell_lead(connection: Connection, message: Waiting, suspension: UUID) -> None:
    whose = "app_user" if message.recipient_id else "team"
    about = About(whose, message.recipient_id or message.recipient_team_id or message.id)
    _write(
        connection,
        (
            (f"{KIND}:{suspension}:{one.id}", KIND, about, one)
            for one in _who_mends_addresses(connection, message.agency_id)
        ),
    )
    if person := message.recipient_id:  # who is not reached by e-mail finds it in the portal
        to = Receiver(message.agency_id, user_id=person)
        key = f"{KIND}:{suspension}:{person}"
        _write(connection, [(key, KIND, about, to)], channel=MessageChannel.PORTAL)


def _who_mends_addresses(connection: Connection, agency: UUID) -> list[Receiver]:
    """The lead of an agency, its managers where that is nobody who may, the hub where it has neither."""
    mending = (
        select(User.id)
        .join(Agency, Agency.id == User.agency_id)
        .where(User.active, may_open(permission_of(KIND, "app_user")))
    )
    lead = select(Agency.lead_id).where(Agency.id == agency).scalar_subquery()
    is_manager = literal(Role.MANAGER.value) == any_(User.roles)
    for who in (User.id == lead, (User.agency_id == agency) & is_manager):
        if people := connection.scalars(mending.where(who)).all():
            return [Receiver(agency, user_id=person) for person in people]
    hub = select(Team.agency_id, Team.id).join(Agency, Agency.id == Team.agency_id)
    teams = connection.execute(hub.where(Agency.sector == Sector.HUB, Team.active)).all()
    return [Receiver(team.agency_id, team_id=team.id) for team in teams]


def _send_again(connection: Connection, message: Waiting) -> None:
    """The same once more, as a message of its own: it goes to whoever is next now that the address is closed.

    The refused one keeps what became of it.
    """
    now, urgent = clock.now(), current_policy().reminders.kinds[message.kind].urgent
    again = Outgoing(
        key=key_of_another_try(message.key),
        kind=message.kind,
        about=message.about,
        to=Receiver(message.agency_id, user_id=message.recipient_id, team_id=message.recipient_team_id),
        channel=MessageChannel.MAIL,
        urgent=urgent,
        created_at=now,
        goes_out=goes_out(current_policy().reminders.hours, now, urgent=urgent),
        event=message.event,
        ground=Ground(message.ground) if message.ground in set(Ground) else None,
        last_word=message.last_word,
        passes_on=message.passes_on_id,
        handed_from=message.handed_from_id if message.passes_on_id else None,
        handed_reason=HandReason.NOT_OPENED if message.passes_on_id else None,
    )
    write(connection, [again])


def _write(
    connection: Connection,
    messages: Iterable[tuple[str, str, About, Receiver]],
    *,
    channel: MessageChannel = MessageChannel.MAIL,
) -> None:
    """Messages that are owed from now on: key, kind, what about and to whom."""
    reminders, now = current_policy().reminders, clock.now()
    write(
        connection,
        [
            Outgoing(
                key=key,
                kind=kind,
                about=about,
                to=to,
                channel=channel,
                urgent=reminders.kinds[kind].urgent,
                created_at=now,
                goes_out=goes_out(reminders.hours, now, urgent=reminders.kinds[kind].urgent),
            )
            for key, kind, about, to in messages
        ],
    )


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
    told = [message, *bundles.same_mail(connection, message)]
    connection.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(told))
        .values(state=MessageState.REFUSED, outcome=code, settled_at=clock.now())
    )
    for one in told:
        log.info("Message %s: %s.", one, code)
        address_failed(connection, one, code=code)
    return True
