"""Processes of other services in the demonstration: running, on time, late, and ended."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.demo.content.acting import Stage, reread
from portal.demo.content.moments import Described
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.linked_processes.beginning import Begun, begin
from portal.records.linked_processes.holding import open_steps
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.rules import Taken
from portal.records.linked_processes.steps import take_step


def write(stage: Stage, described: Sequence[Described], known: Mapping[str, UUID]) -> None:
    """Record each process and take its steps."""
    for said in described:
        process_id = _begin(stage, said, known[said["child"]])
        for step in said.get("steps", ()):
            _take(stage, process_id, step)


def _begin(stage: Stage, said: Described, child_id: UUID) -> UUID:
    with stage.acting(said["by"], stage.ago(said["at"])) as actor:
        case = db.session.scalars(select(Case).where(Case.child_id == child_id)).one()
        begun = Begun(
            kind=said["kind"],
            started_at=stage.ago(said["began"] if "began" in said else said["at"]),
            words=said.get("words", ""),
            their_reference=said.get("reference", ""),
            status=said.get("status"),
        )
        return begin(actor=actor, case=case, said=begun).id


def _take(stage: Stage, process_id: UUID, said: Described) -> None:
    with stage.acting(said["by"], stage.ago(said["at"])) as actor:
        process = reread(LinkedProcess, process_id)
        step = next(one for one in open_steps(process) if one.kind == said["step"])
        taken = Taken(
            done_at=clock.now(),
            words=said.get("words", ""),
            outcome=said.get("outcome"),
            their_reference=said.get("reference", ""),
            late_reason=said.get("late") or ("capacity" if clock.now() > step.due_at else None),
        )
        take_step(actor=actor, process=process, step=step, said=taken, version=process.version)
