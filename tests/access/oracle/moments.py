"""Critical moments: what became of each, and the duty that it opened, are for whoever reads the entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row

from portal.records.cases.model import ChronologyEntry
from portal.records.entries.model import EntryChange, MomentReview
from tests.access.oracle.content import add_deadline
from tests.access.oracle.world import World

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]


def entry(who: Person, entry_id: UUID) -> bool:
    """Handling, and full reach on the case."""
    row = who.truth.one("chronology_entry", entry_id)
    return who.handled(row) and who.full(row.case_id)


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """The rule of every table of moments."""
    return dict.fromkeys(("moment_review", "entry_change"), lambda row: entry(who, row.entry_id))


def mark(world: World) -> None:
    """Of the entries some are critical moments; half of these are answered, of the others it is owed.

    Each was put right once.
    """
    found = world.rows.query(ChronologyEntry).order_by(ChronologyEntry.id).all()
    world.rows.add_all(
        EntryChange(
            entry_id=one.id,
            number=2,
            before={},
            after={},
            reason="It names a source",
            changed_by=one.author_id,
            agency_id=one.agency_id,
            changed_at=world.past(),
        )
        for one in found
    )
    for number, one in enumerate(found[::3]):
        one.moment, one.critical_moment = "other", "Something"
        if number % 2:
            world.rows.add(
                MomentReview(
                    entry_id=one.id,
                    case_id=one.case_id,
                    words="It stands",
                    reviewed_by=one.author_id,
                    agency_id=one.agency_id,
                    reviewed_at=world.past(),
                )
            )
        else:
            owner = world.any(world.users)
            owned = world.any(({"owner_id": owner.id}, {"owner_agency_id": owner.agency_id}))
            add_deadline(world, "chronology_entry", one.id, {"case_id": one.case_id}, **owned)
    world.rows.flush()
