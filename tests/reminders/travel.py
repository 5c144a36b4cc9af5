"""Travelling through time with a worker: duties that are opened at a moment, and ticks at others."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import time_machine
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.messages.model import Absence, AbsenceCover, AddressSuspension, OutboxMessage, OutboxSubject
from portal.messages.vocabulary import MessageChannel, MessageState
from portal.model import new_id
from portal.pathway.calendar import at_local
from portal.records.cases.model import Case
from portal.records.people.model import Team, User
from portal.reminders.claims import Standing, Waiting, waiting
from portal.reminders.owed import queue_owed
from portal.reminders.still_owed import decide


def at(day: str, clock: str = "08:00") -> datetime:
    """A moment by the clock in Europe/London, in UTC."""
    return at_local(date.fromisoformat(day), time.fromisoformat(clock))


def open_duty(rows: Session, *, opened: datetime, due: datetime, subject: Any, **facts: Any) -> Deadline:
    """A duty as a service opens it at a moment, and the only one that the worker has to look at.

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
    rows.execute(text("update reminder_plan set look_at = '9999-01-01'"))
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


def hand_over(
    rows: Session, duty: Deadline, *, when: datetime, by: UUID | None = None, **owner: UUID | None
) -> None:
    """The duty is somebody else's from a moment on; `by` says who gave it them, if not who gave it before."""
    duty.given_by = by or duty.given_by
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


#: By which of them somebody is told of a rung who is not only shown what a team is told.
_TOLD_BY = (MessageChannel.MAIL, MessageChannel.DIGEST)


def mailed(rows: Session, duty: Deadline) -> set[str | None]:
    """The rungs told of by an e-mail of their own."""
    return {rung for rung, _, _ in told(rows, duty, (MessageChannel.MAIL,))}


def told(rows: Session, duty: Deadline, by: Collection[MessageChannel] = _TOLD_BY) -> Told:
    """The rungs told of by e-mail or in the morning message, in order: from when on (to the second, in UTC),
    and whom. Those that a later one stood for are not among them.
    """
    rows.expire_all()
    found = rows.execute(
        select(OutboxMessage, OutboxSubject.rung)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(
            OutboxSubject.deadline_id == duty.id,
            OutboxMessage.channel.in_(by),
            OutboxMessage.state != MessageState.CANCELLED,
        )
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


def judged(engine: Engine, moment: datetime) -> list[tuple[Waiting, Standing]]:
    """Every message that waits at a moment, and what is to become of it then."""
    with time_machine.travel(moment, tick=False), engine.begin() as connection:
        found = connection.execute(
            waiting().where(OutboxMessage.state == MessageState.OWED).order_by(OutboxMessage.key)
        ).all()
        messages = [Waiting.of(row) for row in found]
        return [(message, decide(connection, message)) for message in messages]


def standing(engine: Engine, moment: datetime) -> Standing:
    """What is to become of the one message that waits."""
    ((_, found),) = judged(engine, moment)
    return found


def away(
    rows: Session, person: User, first: str, last: str, *, cover: Case | None = None, by: User | None = None
) -> Absence:
    """A person is away for some days; `by` is their deputy on one case."""
    absence = Absence(
        id=new_id(),
        user_id=person.id,
        first_day=date.fromisoformat(first),
        last_day=date.fromisoformat(last),
        entered_by=person.id,
        entered_at=at(first),
    )
    rows.add(absence)
    rows.flush()
    if cover is not None and by is not None:
        rows.add(AbsenceCover(absence_id=absence.id, case_id=cover.id, deputy_id=by.id))
    rows.commit()
    return absence


def suspend(rows: Session, whose: User | Team) -> None:
    """E-mail to an address came back."""
    person = isinstance(whose, User)
    rows.add(
        AddressSuspension(
            id=new_id(),
            user_id=whose.id if person else None,
            team_id=None if person else whose.id,
            agency_id=whose.agency_id,
            address=whose.email if isinstance(whose, User) else whose.duty_email,
            reason="550 5.1.1",
            suspended_at=at("2026-11-02"),
        )
    )
    rows.commit()
