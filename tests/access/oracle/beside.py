"""Processes of other services in a random world, and who sees them: full reach on the case, all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from portal.model import new_id
from portal.records.linked_processes.model import LinkedNote, LinkedProcess, LinkedStep
from tests.access.oracle.content import add_deadline
from tests.access.oracle.world import World

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """The rule of every table of linked processes."""
    return dict.fromkeys(("linked_process", "linked_step", "linked_note"), lambda row: who.full(row.case_id))


def run_beside(world: World) -> None:
    """A process beside most cases, with a step that is owed and a note; some of them a personal duty."""
    for case in world.cases:
        if not world.chance(0.8):
            continue
        owner = world.any(world.users)
        process = LinkedProcess(
            id=new_id(),
            reference=world.reference("LNP"),
            case_id=case.id,
            child_id=case.child_id,
            kind="nrm",
            personal=world.chance(0.3),
            started_at=world.past(),
            state="running",
            owner_id=owner.id,
            owner_agency_id=owner.agency_id,
            author_id=owner.id,
            agency_id=owner.agency_id,
            created_at=world.past(),
            policy_version="test",
        )
        world.add(process)
        step = LinkedStep(
            id=new_id(),
            process_id=process.id,
            case_id=case.id,
            kind="reasonable_grounds",
            number=1,
            owner_agency_id=owner.agency_id,
            counted_from=process.started_at,
            due_at=world.now,
            state="open",
        )
        note = LinkedNote(
            id=new_id(),
            process_id=process.id,
            case_id=case.id,
            kind="begun",
            author_id=owner.id,
            agency_id=owner.agency_id,
            written_at=world.past(),
        )
        world.add(step, note)
        add_deadline(world, "linked_process", process.id, {"case_id": case.id}, owner_id=owner.id)
