"""Messages that wait to be sent."""

from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.vocabulary import MessageChannel, MessageState
from portal.model import new_id
from portal.records.people.model import Team, User


def make_message(
    rows: Session,
    to: User | Team,
    *,
    kind: str = "shared",
    about: dict[str, Any] | None = None,
    **changes: Any,
) -> OutboxMessage:
    """One for a person or a team, owed from now on and about their own account, unless told otherwise.

    Args:
        about: columns of outbox_subject.
        changes: columns of outbox_message.
    """
    now = clock.now()
    receiver = {"recipient_id": to.id} if isinstance(to, User) else {"recipient_team_id": to.id}
    number = new_id()
    columns = {
        "key": f"test:{number}",
        "kind": kind,
        "channel": MessageChannel.MAIL,
        "urgent": False,
        "agency_id": to.agency_id,
        "created_at": now,
        "not_before": now,
        "next_try_at": now,
        "state": MessageState.OWED,
        "attempts": 0,
    }
    message = OutboxMessage(id=number, **{**columns, **receiver, **changes})
    rows.add(message)
    rows.flush()
    subject = {"subject_kind": "app_user" if isinstance(to, User) else "team", "subject_id": to.id}
    rows.add(OutboxSubject(message_id=number, **{**subject, **(about or {})}))
    rows.commit()
    return message
