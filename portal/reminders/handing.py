"""A message that goes to somebody else than it was meant for keeps saying so."""

from sqlalchemy import Connection, func, update

from portal import clock
from portal.models.messages import OutboxMessage
from portal.reminders.waiting import HandOn, Waiting
from portal.reminders.writing import About, Outgoing, Receiver, write
from portal.vocabulary.messages import HandReason, MessageChannel

#: Whoever is away, or whose e-mail came back, still finds in the portal what they were told.
_STILL_SHOWN = frozenset({HandReason.AWAY, HandReason.ADDRESS})


def hand_on(connection: Connection, message: Waiting, to: HandOn) -> None:
    """Make somebody else the recipient; the message keeps whom it was meant for first, and why not them."""
    connection.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id)
        .values(
            recipient_id=to.user_id,
            recipient_team_id=to.team_id,
            agency_id=to.agency_id,
            handed_from_id=func.coalesce(OutboxMessage.handed_from_id, message.recipient_id),
            handed_reason=func.coalesce(OutboxMessage.handed_reason, to.reason),
        )
    )
    if message.recipient_id is not None and to.reason in _STILL_SHOWN:
        _show(connection, message, Receiver(message.agency_id, message.recipient_id))


def _show(connection: Connection, message: Waiting, receiver: Receiver) -> None:
    about = About(
        kind=message.subject_kind,
        id=message.subject_id,
        reference=message.reference,
        case_id=message.case_id,
        deadline_id=message.deadline_id,
        due_at=message.due_at,
        rung=message.rung,
    )
    shown = Outgoing(
        key=f"shown:{message.key}:{receiver.id}",
        kind=message.kind,
        about=about,
        to=receiver,
        channel=MessageChannel.PORTAL,
        urgent=message.urgent,
        created_at=message.created_at,
        goes_out=clock.now(),
    )
    write(connection, [shown])
