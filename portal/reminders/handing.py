"""A message that goes to somebody else than it was meant for keeps saying so."""

from sqlalchemy import Connection, func, update

from portal.models import OutboxMessage
from portal.reminders.waiting import HandOn, Waiting


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
