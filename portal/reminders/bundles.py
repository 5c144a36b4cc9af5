"""Several messages in one e-mail: what waits for one receiver at one moment, where policy has it together.

Each stays a message of its own, with a state of its own: what becomes of the e-mail becomes of each of them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, or_, select, update

from portal import clock
from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import MessageChannel, MessageState
from portal.pathway.calendar import end_of_day
from portal.policy import current_policy
from portal.reminders.claims import Send, Waiting, waiting
from portal.reminders.digests import line_of
from portal.reminders.owed import duties
from portal.reminders.still_owed import decide

#: Messages of one e-mail, the first included. The others wait for the next.
AT_MOST = 30


def others(
    connection: Connection, message: Waiting, address: str, *, lease: UUID, until: datetime
) -> tuple[Waiting, ...]:
    """The messages that go out in the e-mail of another, from now on held by whoever sends that.

    Only such as are owed to the same address now: whatever has to be handed on or is owed no more waits for
    its own turn.

    Args:
        lease: of whoever sends.
        until: when somebody else may take them.
    """
    together = _together(message.kind)
    if not together or message.urgent or message.handed_reason or message.method:
        return ()
    now = clock.now()
    wait = connection.execute(
        waiting()
        .where(
            OutboxMessage.id != message.id,
            OutboxMessage.state == MessageState.OWED,
            ~OutboxMessage.urgent,
            OutboxMessage.channel == MessageChannel.MAIL,
            OutboxMessage.kind.in_(together),
            OutboxMessage.recipient_id == message.recipient_id
            if message.recipient_id
            else OutboxMessage.recipient_team_id == message.recipient_team_id,
            OutboxMessage.agency_id == message.agency_id,
            OutboxMessage.handed_reason.is_(None),
            OutboxMessage.next_try_at <= now,
            or_(
                OutboxMessage.leased_until.is_(None),
                OutboxMessage.leased_until < now,
                OutboxMessage.lease == lease,
            ),
        )
        .order_by(OutboxMessage.next_try_at, OutboxMessage.id)
        .limit(AT_MOST - 1)
        .with_for_update(of=OutboxMessage, skip_locked=True)
    ).all()
    found = [one for one in map(Waiting.of, wait) if decide(connection, one) == Send(address)]
    if found:
        connection.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_([one.id for one in found]))
            .values(state=MessageState.QUEUED, lease=lease, leased_until=until, address=address)
        )
    return tuple(found)


def kind_of(messages: Sequence[Waiting]) -> str:
    """The kind whose words the e-mail has: the one that stands first in the policy."""
    order = [kind.code for kind in current_policy().reminders.kinds]
    return min((one.kind for one in messages), key=order.index)


def lines(connection: Connection, messages: Sequence[Waiting], portal: str) -> list[str]:
    """What the e-mail says of each message: its reference, what it is, and where it leads."""
    ids = [one.deadline_id for one in messages if one.deadline_id is not None]
    owed = {duty.id: duty for duty in connection.execute(duties(ids)).all()} if ids else {}
    kinds, until = current_policy().reminders.kinds, end_of_day(clock.today())
    found = []
    for one in messages:
        duty = owed.get(one.deadline_id) if one.deadline_id else None
        plain = ": ".join(filter(None, (one.reference, kinds[one.kind].subject)))
        found += [line_of(duty, None, until).words if duty else plain, f"{portal}/go/{one.id}"]
    return found


def _together(kind: str) -> list[str]:
    """The kinds that go out in one e-mail with one of a kind, itself among them."""
    kinds = current_policy().reminders.kinds
    group = kinds[kind].together if kind in kinds else ""
    return [one.code for one in kinds if group and one.together == group]


def same_mail(connection: Connection, message: UUID) -> list[UUID]:
    """The other messages that went out in the e-mail of one: to its address, and noted at the same moment."""
    sent = connection.execute(
        select(OutboxMessage.address, OutboxMessage.settled_at, OutboxMessage.agency_id).where(
            OutboxMessage.id == message
        )
    ).one()
    if sent.settled_at is None:
        return []
    return list(
        connection.scalars(
            select(OutboxMessage.id)
            .where(
                OutboxMessage.agency_id == sent.agency_id,
                OutboxMessage.address == sent.address,
                OutboxMessage.settled_at == sent.settled_at,
                OutboxMessage.state == MessageState.ACCEPTED,
                OutboxMessage.created_at > sent.settled_at - _OLDEST,
                OutboxMessage.id != message,
            )
            .with_for_update()
        )
    )


#: No message waits for longer: it is given up before (policy `reminders.give_up_after`).
_OLDEST = timedelta(days=30)
