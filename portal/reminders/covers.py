"""Cover that begins and ends by its date: told in the morning message, to whoever covers and was away.

Nobody does anything on those days that could tell it. What somebody does tells by itself
(`portal.records.absences.keeping`).
"""

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Select,
    String,
    Text,
    any_,
    cast,
    exists,
    func,
    literal,
    select,
)

from portal import clock
from portal.messages.model import Absence, AbsenceCover, OutboxMessage
from portal.messages.vocabulary import MessageChannel
from portal.pathway.calendar import add_working_days, at_local, subtract_working_days
from portal.records.people.model import User
from portal.reminders.writing import About, Outgoing, Receiver, write

GIVEN, BEGINS, ENDED, OVER = "cover_given", "cover_begins", "cover_ended", "absence_over"


def queue_covers(connection: Connection) -> int:
    """Write, for the morning messages of a working day, what cover begins before the next one and which ended
    since the one before; how many messages. Each is written once.
    """
    today = clock.today()
    found = list(_begin(connection, today)) + list(_end(connection, today))
    keys = [one.key for one in found]
    there = set(
        connection.scalars(
            select(OutboxMessage.key).where(OutboxMessage.key == any_(literal(keys, ARRAY(Text))))
        )
        if keys
        else ()
    )
    owed = [one for one in found if one.key not in there]
    write(connection, owed)
    return len(owed)


def _begin(connection: Connection, today: date) -> Iterator[Outgoing]:
    """To whoever covers cases of somebody who is away before the next working day is over, and reads them.

    Whoever was told today that they cover them knows it.
    """
    told_today = exists().where(
        OutboxMessage.recipient_id == AbsenceCover.deputy_id,
        OutboxMessage.kind == GIVEN,
        OutboxMessage.created_at >= at_local(today, time()),
        OutboxMessage.key.contains(cast(Absence.id, String)),
    )
    reads = func.ctx.reaches(
        func.ctx.readers_of(AbsenceCover.deputy_id), "cre_case", AbsenceCover.case_id, AbsenceCover.case_id
    )
    soon = Absence.first_day.between(today + timedelta(days=1), add_working_days(today, 1))
    for row in connection.execute(_deputies(soon, reads, ~told_today)):
        yield _news(BEGINS, row.absence_id, row.away_id, row.user_id, row.agency_id)


def _end(connection: Connection, today: date) -> Iterator[Outgoing]:
    """To whoever covered cases of somebody whose last day is over since the last working day, and to them."""
    over = Absence.last_day.between(subtract_working_days(today, 1), today - timedelta(days=1))
    for row in connection.execute(_deputies(over)):
        yield _news(ENDED, row.absence_id, row.away_id, row.user_id, row.agency_id)
    covered = exists().where(AbsenceCover.absence_id == Absence.id)
    away = (
        select(Absence.id, User.id.label("user_id"), User.agency_id)
        .join(User, User.id == Absence.user_id)
        .where(over, Absence.ended_at.is_(None), covered, User.active)
    )
    for row in connection.execute(away):
        yield _news(OVER, row.id, row.user_id, row.user_id, row.agency_id)


def _deputies(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Whoever covers cases of absences that stand, each once for an absence."""
    return (
        select(
            Absence.id.label("absence_id"),
            Absence.user_id.label("away_id"),
            User.id.label("user_id"),
            User.agency_id,
        )
        .select_from(Absence)
        .join(AbsenceCover, AbsenceCover.absence_id == Absence.id)
        .join(User, User.id == AbsenceCover.deputy_id)
        .where(Absence.ended_at.is_(None), User.active, *conditions)
        .distinct()
    )


def _news(kind: str, absence_id: UUID, away_id: UUID, to: UUID, agency_id: UUID) -> Outgoing:
    now = clock.now()
    return Outgoing(
        key=f"{kind}:app_user:{away_id}:{absence_id}:{to}",
        kind=kind,
        about=About("app_user", away_id),
        to=Receiver(agency_id, to),
        channel=MessageChannel.DIGEST,
        urgent=False,
        created_at=now,
        goes_out=now,
    )
