"""Linked processes, written straight into the tables."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.cases.model import Case
from portal.records.linked_processes.model import LinkedNote, LinkedProcess, LinkedStep
from portal.records.people.model import User


def make_process(
    rows: Session,
    case: Case,
    by: User,
    *,
    kind: str = "section_47",
    step: str | None = "complete",
    due_at: datetime | None = None,
    **facts: Any,
) -> LinkedProcess:
    """A process that runs on a case, with one step that is still owed, its clock and a first note."""
    values: dict[str, Any] = {"personal": False, "words": "", "state": "running", "owner_id": by.id}
    now = clock.now()
    values |= {"started_at": now - timedelta(days=1)} | facts
    process = LinkedProcess(
        id=new_id(),
        reference=new_reference(Prefix.LINKED_PROCESS),
        case_id=case.id,
        child_id=case.child_id,
        kind=kind,
        owner_agency_id=by.agency_id,
        author_id=by.id,
        agency_id=by.agency_id,
        created_at=now,
        policy_version="test",
        **values,
    )
    rows.add(process)
    rows.flush()
    if step is not None:
        rows.add(_step(rows, process, step, due_at or now + timedelta(days=20)))
    rows.add(
        LinkedNote(
            id=new_id(),
            process_id=process.id,
            case_id=case.id,
            kind="begun",
            words=process.words,
            author_id=by.id,
            agency_id=by.agency_id,
            written_at=now,
        )
    )
    rows.commit()
    return process


def _step(rows: Session, process: LinkedProcess, kind: str, due_at: datetime) -> LinkedStep:
    deadline = Deadline(
        id=new_id(),
        kind=DeadlineKind.LINKED_STEP,
        subject_kind="linked_process",
        subject_id=process.id,
        case_id=process.case_id,
        owner_id=process.owner_id,
        started_at=process.started_at,
        due_at=due_at,
        original_due_at=due_at,
        state=DeadlineState.OPEN,
        source=f"linked_processes.{process.kind}.{kind}.0",
        confirmed=False,
        policy_version="test",
    )
    rows.add(deadline)
    rows.flush()
    return LinkedStep(
        id=new_id(),
        process_id=process.id,
        case_id=process.case_id,
        kind=kind,
        number=1,
        owner_agency_id=process.owner_agency_id,
        counted_from=process.started_at,
        due_at=due_at,
        deadline_id=deadline.id,
        state="open",
    )


def step_of(rows: Session, process: LinkedProcess) -> LinkedStep:
    """The step that is still owed on a process."""
    return rows.scalars(
        select(LinkedStep).where(LinkedStep.process_id == process.id, LinkedStep.state == "open")
    ).one()
