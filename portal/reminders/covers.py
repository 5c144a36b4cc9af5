"""Cover that begins and ends by its date: told in the morning message, to whoever covers and was away.

Nobody does anything on those days that could tell it; what somebody does tells by itself.
"""

from datetime import time, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Select,
    String,
    cast,
    exists,
    func,
    literal,
    select,
    union,
)

from portal import clock
from portal.messages.model import Absence, AbsenceCover, OutboxMessage
from portal.messages.vocabulary import CHANNELS, Ground, TellBy
from portal.pathway.calendar import add_working_days, at_local, subtract_working_days
from portal.policy import current_policy
from portal.policy.telling import Tell
from portal.records.people.model import User
from portal.reminders.writing import About, Outgoing, Receiver, write

#: Events of policy `telling`: cover begins by its date, and is over.
BEGINS, OVER = "cover_begins", "cover_over"
#: The kind of message that tells somebody that they cover a case.
GIVEN = "cover_given"


def queue_covers(connection: Connection) -> int:
    """Write, for the morning messages of a working day, what cover begins before the next one is over and
    which ended since the one before; how many messages. Each is written once.
    """
    now, today = clock.now(), clock.today()
    soon = Absence.first_day.between(today + timedelta(days=1), add_working_days(today, 1))
    over = Absence.last_day.between(subtract_working_days(today, 1), today - timedelta(days=1))
    deputy, away = User.id == AbsenceCover.deputy_id, User.id == Absence.user_id
    who = {Ground.DEPUTY: deputy, Ground.PERSON: away}
    when = {BEGINS: (soon, _reads_it(), ~_told_today()), OVER: (over,)}
    owed = union(
        *(
            _news(event, tell, who[tell.to], *conditions)
            for event, conditions in when.items()
            for tell in current_policy().telling.of(event)
        )
    )
    messages = [
        Outgoing(
            key=row.key,
            kind=row.kind,
            about=About("app_user", row.away_id),
            to=Receiver(row.agency_id, row.user_id),
            channel=CHANNELS[TellBy(row.by)],
            urgent=False,
            created_at=now,
            goes_out=now,
            event=row.event,
            ground=Ground(row.ground),
        )
        for row in connection.execute(owed)
    ]
    write(connection, messages)
    return len(messages)


def _news(
    event: str, tell: Tell, to: ColumnElement[bool], *conditions: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Whoever is to be told of absences that stand, with cover on a case; each once for an absence.

    Args:
        tell: the row of policy.
        to: who of those who cover a case and are away.
    """
    kind, ids = tell.kind, (cast(one, String) for one in (Absence.user_id, Absence.id, User.id))
    key = literal(f"{kind}:app_user:") + next(ids) + ":" + next(ids) + ":" + next(ids)
    return (
        select(
            key.label("key"),
            literal(kind).label("kind"),
            literal(event).label("event"),
            literal(tell.to).label("ground"),
            literal(tell.by).label("by"),
            Absence.user_id.label("away_id"),
            User.id.label("user_id"),
            User.agency_id,
        )
        .select_from(Absence)
        .join(AbsenceCover, AbsenceCover.absence_id == Absence.id)
        .join(User, to)
        .where(
            Absence.ended_at.is_(None), User.active, *conditions, ~exists().where(OutboxMessage.key == key)
        )
    )


def _reads_it() -> ColumnElement[bool]:
    """Whether whoever covers a case reads it: covering gives nobody access."""
    case_id, readers = AbsenceCover.case_id, func.ctx.readers_of(AbsenceCover.deputy_id)
    return func.ctx.reaches(readers, "cre_case", case_id, case_id, type_=Boolean)


def _told_today() -> ColumnElement[bool]:
    """Whether they were told today, by e-mail, that they cover a case of it."""
    return exists().where(
        OutboxMessage.recipient_id == AbsenceCover.deputy_id,
        OutboxMessage.kind == GIVEN,
        OutboxMessage.created_at >= at_local(clock.today(), time()),
        OutboxMessage.key.contains(cast(Absence.id, String)),
    )
