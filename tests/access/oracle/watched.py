"""Who could watch a place, what is known of it, and what a contact said before, for a random world."""

from portal import models as m
from portal.models.base import new_id
from tests.access.oracle.world import World


def watch(world: World) -> None:
    """Somebody is named for every place and something is said of it; contacts are put right."""
    for place in world.rows.query(m.Concern).filter_by(kind="place").order_by(m.Concern.reference).all():
        by = world.any(world.users)
        guardian = m.Guardian(
            id=new_id(),
            concern_id=place.id,
            role="staff",
            name="Name",
            can="Words",
            state="agreed",
            agency_id=by.agency_id,
            author_id=by.id,
        )
        step = m.GuardianStep(
            id=new_id(),
            guardian_id=guardian.id,
            kind="agreed",
            happened_on=world.now.date(),
            made_by=by.id,
            made_agency_id=by.agency_id,
            made_at=world.past(),
        )
        fact = m.PlaceFact(
            id=new_id(),
            concern_id=place.id,
            kind="licence",
            text="Words",
            agency_id=by.agency_id,
            author_id=by.id,
            said_at=world.past(),
        )
        world.add(guardian, step, fact)
    for entry in world.rows.query(m.DirectoryEntry).order_by(m.DirectoryEntry.id).all():
        change = m.DirectoryChange(
            id=new_id(),
            entry_id=entry.id,
            kind="checked",
            before={},
            after={},
            changed_by=entry.created_by,
            changed_at=world.past(),
        )
        world.add(change)
