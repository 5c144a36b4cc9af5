"""Travelling through time with a worker: duties that are opened at a moment, and ticks at others."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import time_machine
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal.models import Deadline, OutboxMessage, OutboxSubject
from portal.models.base import new_id
from portal.pathway.calendar import at_local
from portal.reminders.owed import queue_owed
from portal.vocabulary import DeadlineState, MessageChannel


def at(day: str, clock: str = "08:00") -> datetime:
    """A moment by the clock in Europe/London, in UTC."""
    return at_local(date.fromisoformat(day), time.fromisoformat(clock))


def open_duty(rows: Session, *, opened: datetime, due: datetime, subject: Any, **facts: Any) -> Deadline:
    """A duty as a service opens it at a moment; the worker has not looked at it yet.

    `subject` is the record that it is about; `facts` name its owner, and its link such as `case_id`.
    """
    values: dict[str, Any] = {"kind": "assessment", "source": "clocks.assessment"} | facts
    duty = Deadline(
        id=new_id(),
        subject_kind=subject.__tablename__,
        subject_id=subject.id,
        started_at=opened,
        due_at=due,
        original_due_at=due,
        state=DeadlineState.OPEN,
        confirmed=False,
        policy_version="test",
        **values,
    )
    rows.add(duty)
    rows.commit()
    look_from(rows, duty, opened)
    return duty


def look_from(rows: Session, duty: Deadline, moment: datetime, **plan: datetime | None) -> None:
    """The triggers write the real time; a traveller's is another."""
    for column, value in ({"look_at": moment} | plan).items():
        rows.execute(
            text(f"update reminder_plan set {column} = :value where deadline_id = :id"),  # noqa: S608 - a name of our own
            {"value": value, "id": duty.id},
        )
    rows.commit()


def move(rows: Session, duty: Deadline, due: datetime, *, when: datetime) -> None:
    """The duty is due at another time, as somebody decided at a moment."""
    duty.due_at = due
    rows.commit()
    look_from(rows, duty, when, since=when)


def hand_over(rows: Session, duty: Deadline, *, when: datetime, **owner: UUID | None) -> None:
    """The duty is somebody else's from a moment on."""
    for column in ("owner_id", "owner_team_id", "owner_agency_id"):
        setattr(duty, column, owner.get(column))
    rows.commit()
    look_from(rows, duty, when, given_at=when)


def tick(engine: Engine, moment: datetime) -> int:
    """One run of the worker at a moment."""
    with time_machine.travel(moment, tick=False), engine.begin() as connection:
        return queue_owed(connection)


def ticks(engine: Engine, moments: Iterable[datetime]) -> None:
    """A run at each of some moments."""
    for moment in moments:
        tick(engine, moment)


Told = list[tuple[str | None, datetime, set[UUID | None]]]


def told(rows: Session, duty: Deadline) -> Told:
    """The rungs told of by e-mail, in order: when each goes out (to the second, in UTC), and to whom."""
    rows.expire_all()
    found = rows.execute(
        select(OutboxMessage, OutboxSubject.rung)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(OutboxSubject.deadline_id == duty.id, OutboxMessage.channel == MessageChannel.MAIL)
        .order_by(OutboxMessage.not_before, OutboxSubject.rung)
    )
    steps: Told = []
    for message, rung in found:
        goes_out = message.not_before.astimezone(UTC).replace(microsecond=0)
        receiver = message.recipient_id or message.recipient_team_id
        if steps and steps[-1][:2] == (rung, goes_out):
            assert receiver not in steps[-1][2], f"{rung} was told twice to the same receiver"
            steps[-1][2].add(receiver)
        else:
            steps.append((rung, goes_out, {receiver}))
    return steps
