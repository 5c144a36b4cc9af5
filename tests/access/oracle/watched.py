"""Who could watch a place, and what is known of it: who sees it. What a contact said before: its agency."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from portal.model import new_id
from portal.records.concerns.model import Concern
from portal.records.places.model import DirectoryChange, DirectoryEntry, Guardian, GuardianStep, PlaceFact
from tests.access.oracle import picture
from tests.access.oracle.world import World

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """The rule of every table."""

    def of_place(row: R) -> bool:
        return picture.concern(who, who.truth.one("concern", row.concern_id))

    def of_ones_agency(row: R) -> bool:
        entry = who.truth.one("directory_entry", row.entry_id)
        return who.user is not None and bool(entry.agency_id == who.agency_id)

    return {
        **dict.fromkeys(("guardian", "place_fact"), of_place),
        "guardian_step": lambda row: of_place(who.truth.one("guardian", row.guardian_id)),
        "directory_change": of_ones_agency,
    }


def watch(world: World) -> None:
    """Somebody is named for every place and something is said of it; contacts are put right."""
    for place in world.rows.query(Concern).filter_by(kind="place").order_by(Concern.reference).all():
        by = world.any(world.users)
        guardian = Guardian(
            id=new_id(),
            concern_id=place.id,
            role="staff",
            name="Name",
            can="Words",
            state="agreed",
            agency_id=by.agency_id,
            author_id=by.id,
        )
        step = GuardianStep(
            id=new_id(),
            guardian_id=guardian.id,
            kind="agreed",
            happened_on=world.now.date(),
            made_by=by.id,
            made_agency_id=by.agency_id,
            made_at=world.past(),
        )
        fact = PlaceFact(
            id=new_id(),
            concern_id=place.id,
            kind="licence",
            text="Words",
            agency_id=by.agency_id,
            author_id=by.id,
            said_at=world.past(),
        )
        world.add(guardian, step, fact)
    for entry in world.rows.query(DirectoryEntry).order_by(DirectoryEntry.id).all():
        change = DirectoryChange(
            id=new_id(),
            entry_id=entry.id,
            kind="checked",
            before={},
            after={},
            changed_by=entry.created_by,
            changed_at=world.past(),
        )
        world.add(change)
