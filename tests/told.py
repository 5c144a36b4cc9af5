"""What was told to whom, as it is in the database."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage, OutboxSubject


def told(rows: Session, kind: str) -> list[Any]:
    """What was told of a kind: to whom, by which way, about what."""
    rows.rollback()
    return list(
        rows.execute(
            select(
                OutboxMessage.recipient_id,
                OutboxMessage.recipient_team_id,
                OutboxMessage.channel,
                OutboxMessage.state,
                OutboxMessage.urgent,
                OutboxSubject.subject_kind,
                OutboxSubject.subject_id,
                OutboxSubject.reference,
                OutboxSubject.case_id,
            )
            .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
            .where(OutboxMessage.kind == kind)
            .order_by(OutboxMessage.channel, OutboxMessage.key)
        )
    )
