"""Minutes that were given to somebody and not opened: whoever chaired has it in a morning message, once.

Whoever has switched that off finds it in the portal alone.
"""

from datetime import date, time, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Text, any_, literal, select, text

from portal import clock
from portal.deadlines.rules import last_day
from portal.messages.model import MessagePreference, OutboxMessage
from portal.messages.vocabulary import HandReason, MessageChannel
from portal.pathway.calendar import at_local
from portal.policy import current_policy
from portal.policy.validators import InWorkingDays
from portal.reminders.deliverability import fitness_of_people, permission_of
from portal.reminders.writing import About, Outgoing, Receiver, write

KIND = "minutes_unopened"

#: Minutes that were given longer ago are nobody's news any more.
_LONGEST = timedelta(days=35)

_UNOPENED = text(
    "select meeting_id, reference, chair_id, agency_id, copies from ctx.minutes_unopened(:since, :until)"
)


def queue_unopened(connection: Connection) -> int:
    """Write for whoever chaired that copies were not opened in time (policy `minutes_unopened`), once for a
    meeting; how many were written.
    """
    now, today, waits = clock.now(), clock.today(), current_policy().reminders.minutes_unopened
    until = at_local(_first_day_in_time(waits, today), time())
    found = connection.execute(_UNOPENED, {"since": until - _LONGEST, "until": until}).all()
    keys = {_key(row): row for row in found}
    there = connection.scalars(
        select(OutboxMessage.key).where(OutboxMessage.key == any_(literal(list(keys), ARRAY(Text))))
    ).all()
    owed = [keys[key] for key in keys.keys() - set(there)]
    unwanted = set(
        connection.scalars(
            select(MessagePreference.user_id).where(
                MessagePreference.user_id.in_([row.chair_id for row in owed]),
                MessagePreference.kind == KIND,
                MessagePreference.by_mail.is_(False),
            )
        )
    )
    messages = [
        Outgoing(
            key=_key(row),
            kind=KIND,
            about=_about(row),
            to=Receiver(row.agency_id, row.chair_id),
            channel=MessageChannel.PORTAL if row.chair_id in unwanted else MessageChannel.DIGEST,
            urgent=False,
            created_at=now,
            goes_out=now,
        )
        for row in owed
        if _may_be_told(connection, row)
    ]
    write(connection, messages)
    return len(messages)


def _first_day_in_time(waits: InWorkingDays, today: date) -> date:
    """The first day on which minutes may have been given that need not have been opened by today."""
    day = today
    while last_day(waits, day - timedelta(days=1)) >= today:
        day -= timedelta(days=1)
    return day


def _may_be_told(connection: Connection, row: Row[tuple[UUID, str, UUID, UUID, int]]) -> bool:
    """Whether whoever chaired is there still, and may see the meeting."""
    opens = permission_of(KIND, "meeting")
    (found,) = fitness_of_people(connection, [row.chair_id], _about(row), opens=opens).values()
    return found.obstacle not in {HandReason.LEFT, HandReason.NO_REACH}


def _about(row: Row[tuple[UUID, str, UUID, UUID, int]]) -> About:
    return About("meeting", row.meeting_id, row.reference)


def _key(row: Row[tuple[UUID, str, UUID, UUID, int]]) -> str:
    return f"{KIND}:meeting:{row.meeting_id}:{row.chair_id}"
