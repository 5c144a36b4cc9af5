"""A row that somebody forged under a key or an id of the worker's keeps no other message back."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.vocabulary import MessageChannel
from portal.model import new_id
from portal.records.people.model import User
from portal.reminders.writing import About, Outgoing, Receiver, message_id, write
from tests.cast import Cast

SUBJECT = new_id()


def owed(key: str, to: User) -> Outgoing:
    return Outgoing(
        key=f"{key}:{to.id}",
        kind="overdue",
        about=About("cre_case", SUBJECT),
        to=Receiver(to.agency_id, to.id),
        channel=MessageChannel.MAIL,
        urgent=False,
        created_at=clock.now(),
        goes_out=clock.now(),
    )


def forged(by: User, key: str, number: UUID) -> dict[str, Any]:
    now = clock.now()
    times = {"created_at": now, "not_before": now, "next_try_at": now}
    whose = {"recipient_id": by.id, "agency_id": by.agency_id, "caused_by": by.id}
    facts = {"kind": "overdue", "channel": "mail", "urgent": False, "state": "shown", "attempts": 0}
    return {"id": number, "key": key, **facts, **times, **whose}


def told(rows: Session) -> list[str]:
    """The keys of the messages that say what they are about."""
    said = select(OutboxMessage.key).join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
    return list(rows.scalars(said.where(OutboxSubject.subject_id == SUBJECT)))


@pytest.fixture
def six(cast: Cast) -> list[Outgoing]:
    """What one duty owes."""
    people = [cast.officer, cast.colleague, cast.coordinator, cast.social_worker, cast.nurse, cast.stranger]
    return [owed("overdue:a-duty:when:overdue", person) for person in people]


def test_a_forged_key_silences_nobody_else(
    rows: Session, cast: Cast, engine: Engine, six: list[Outgoing]
) -> None:
    rows.execute(insert(OutboxMessage), forged(cast.nurse, six[0].key, new_id()))
    rows.commit()
    with engine.begin() as connection:
        write(connection, six)
    assert {one.key for one in six} <= set(told(rows))


def test_a_forged_id_silences_nobody(rows: Session, cast: Cast, engine: Engine, six: list[Outgoing]) -> None:
    rows.execute(insert(OutboxMessage), forged(cast.nurse, "something else", message_id(six[0].key)))
    rows.commit()
    for _ in range(2):
        with engine.begin() as connection:
            write(connection, six)
    assert sorted(told(rows)) == sorted(one.key for one in six), "each once, and not the forged one"


def test_one_that_cannot_be_written_keeps_no_other_back(
    rows: Session, engine: Engine, six: list[Outgoing], caplog: pytest.LogCaptureFixture
) -> None:
    six[2] = replace(
        six[2], about=About("cre_case", SUBJECT, case_id=new_id())
    )  # of a case that is not there
    with engine.begin() as connection:
        write(connection, six)
    assert sorted(told(rows)) == sorted(one.key for one in [*six[:2], *six[3:]])
    assert "cannot be written" in caplog.text
