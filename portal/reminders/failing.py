"""What follows when a mail server will never take mail for an address.

Nothing more is sent there until somebody lifts it, the lead of the agency is told, and the message goes to
whoever is next in line.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.models import AddressSuspension, Agency, OutboxMessage, OutboxSubject, User
from portal.models.base import new_id
from portal.pathway.sending import goes_out
from portal.policy import current_policy
from portal.reminders.waiting import Waiting, waiting
from portal.services.messages import message_id
from portal.vocabulary import MessageChannel, MessageState, Role

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
    for person in _leads(connection, message.agency_id):
        _write(
            connection,
            {
                "key": f"{KIND}:{suspension}:{person}",
                "kind": KIND,
                "recipient_id": person,
                "agency_id": message.agency_id,
            },
            {
                "subject_kind": "app_user" if message.recipient_id else "team",
                "subject_id": message.recipient_id or message.recipient_team_id,
            },
        )


def _leads(connection: Connection, agency: UUID) -> list[UUID]:
    """The lead of an agency, or its managers where it has none."""
    lead = connection.scalar(select(Agency.lead_id).where(Agency.id == agency))
    if lead is not None:
        return [lead]
    managers = select(User.id).where(
        User.agency_id == agency, User.active, User.roles.contains([Role.MANAGER.value])
    )
    return list(connection.scalars(managers))


def _send_again(connection: Connection, message: Waiting) -> None:
    """The same once more, as a message of its own: it goes to whoever is next now that the address is closed.

    The refused one keeps what became of it.
    """
    again = {name: getattr(message, name) for name in ("recipient_id", "recipient_team_id", "agency_id")}
    handed = {name: getattr(message, name) for name in ("handed_from_id", "handed_reason")}
    about = ("subject_kind", "subject_id", "reference", "case_id", "deadline_id", "due_at", "rung")
    _write(
        connection,
        {"key": f"{message.key}:again", "kind": message.kind, **again, **handed},
        {name: getattr(message, name) for name in (*about, "sequence", "method")},
    )


def _write(connection: Connection, message: dict[str, Any], about: dict[str, Any]) -> None:
    """A message that is owed from now on, unless it is there already."""
    reminders = current_policy().reminders
    urgent = reminders.kinds[message["kind"]].urgent
    now = clock.now()
    at = goes_out(reminders.hours, now, urgent=urgent)
    number = message_id(message["key"])
    timing = {"urgent": urgent, "created_at": now, "not_before": at, "next_try_at": at, "attempts": 0}
    written = connection.execute(
        insert(OutboxMessage)
        .inline()
        .values(id=number, channel=MessageChannel.MAIL, state=MessageState.OWED, **timing, **message)
        .on_conflict_do_nothing()
    )
    if written.rowcount:
        connection.execute(insert(OutboxSubject).inline().values(message_id=number, **about))
