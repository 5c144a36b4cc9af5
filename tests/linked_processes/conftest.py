"""What the tests of linked processes share: a case that social care leads, and steps on its processes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.clock import LOCAL_ZONE
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.linked_processes.beginning import Begun, begin
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.outcomes import take_step
from portal.records.linked_processes.rules import Taken
from portal.records.linked_processes.steps import open_steps
from portal.records.people.model import Team, User
from tests.assessments.conftest import case_of_three
from tests.cast import Cast

Acting = Callable[[User], AbstractContextManager[Principal]]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """The case beside which processes run: social care leads, the police and health work on it."""
    return case_of_three(rows, cast)


def london(text: str) -> datetime:
    """A moment by the clock in Europe/London."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


def begins(
    acting: Acting, person: User, case: Case, kind: str, *, owner: User | Team | None = None, **said: Any
) -> LinkedProcess:
    """Somebody records a process; it began a day ago unless it says otherwise."""
    values = {"started_at": clock.now() - timedelta(days=1)} | said
    with acting(person) as actor:
        found = begin(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            said=Begun(kind=kind, owner=db.session.merge(owner) if owner else None, **values),
        )
        db.session.flush()
        db.session.expunge(found)
    return found


def takes(acting: Acting, person: User, process: LinkedProcess, kind: str, **said: Any) -> None:
    """Somebody says that a step of a process was taken, now unless it says otherwise."""
    values = {"done_at": clock.now()} | said
    with acting(person) as actor:
        record = db.session.get_one(LinkedProcess, process.id)
        step = next(one for one in open_steps(record) if one.kind == kind)
        take_step(actor=actor, process=record, step=step, said=Taken(**values), version=record.version)


def does(acting: Acting, person: User, process: LinkedProcess, verb: Callable[..., Any], **said: Any) -> None:
    """Somebody does something to a process, having seen it as it stands."""
    with acting(person) as actor:
        record = db.session.get_one(LinkedProcess, process.id)
        verb(actor=actor, process=record, version=record.version, **said)


def owed(rows: Session, process: LinkedProcess) -> dict[str, datetime]:
    """What is still owed on a process, and by when."""
    rows.rollback()
    found = rows.scalars(
        select(LinkedStep).where(LinkedStep.process_id == process.id, LinkedStep.state == "open")
    )
    return {step.kind: step.due_at for step in found}


def clocks(rows: Session, process: LinkedProcess) -> list[Deadline]:
    """The duties on a process, the first first."""
    rows.rollback()
    return list(
        rows.scalars(
            select(Deadline)
            .where(Deadline.subject_id == process.id)
            .order_by(Deadline.started_at, Deadline.id)
        )
    )
