"""Intelligence of a random world, and who sees it, from the words of the design.

How an entry is graded is read with the entry. Where it came from: its author and coordinators, and no more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from portal.model import new_id
from portal.records.cases.model import ChronologyEntry
from portal.records.intelligence.model import EntryGrading, EntrySource
from tests.access.oracle.world import World

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """The rule of both tables."""

    def entry(row: R) -> bool:
        found = who.truth.one("chronology_entry", row.entry_id)
        return who.handled(found) and who.full(found.case_id)

    def source(row: R) -> bool:
        wrote = who.user is not None and (row.author_id, row.author_agency_id) == (who.id, who.agency_id)
        return (wrote or who.is_coordinator) and entry(row)

    return {"entry_grading": entry, "entry_source": source}


def grade(world: World) -> None:
    """Every second entry is graded, and of each it is said where it came from."""
    entries = world.rows.query(ChronologyEntry).order_by(ChronologyEntry.id).all()
    for n, entry in enumerate(entries):
        if n % 2:
            world.add(
                EntryGrading(
                    id=new_id(),
                    entry_id=entry.id,
                    source_grade="2",
                    information_grade="C",
                    handling_code="C",
                    codes=[],
                    conditions="C",
                    forbids=["cite"],
                    graded_by=entry.author_id,
                    graded_agency_id=entry.agency_id,
                    graded_at=world.past(),
                    policy_version="test",
                )
            )
        before = world.agencies[n % len(world.agencies)]  # some authors are of another agency since
        world.add(
            EntrySource(
                entry_id=entry.id,
                text="S",
                author_id=entry.author_id,
                author_agency_id=before.id if n % 3 else entry.agency_id,
                written_at=world.past(),
            )
        )
