"""A place that somebody could watch, what is known of it, and a contact; written straight into the tables."""

from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.models import DirectoryEntry, Guardian, PlaceFact, User
from portal.models.base import new_id
from tests.factories.concerns import make_concern


def make_watched_place(rows: Session, by: User, **held: Any) -> dict[str, str]:
    """A place, a guardian, a fact and a contact, by what a test calls them."""
    place = make_concern(rows, by, **held)
    said = {"agency_id": by.agency_id, "author_id": by.id}
    guardian = Guardian(
        id=new_id(), concern_id=place.id, role="staff", name="x", can="x", state="asked", **said
    )
    fact = PlaceFact(id=new_id(), concern_id=place.id, kind="licence", text="x", said_at=clock.now(), **said)
    contact = make_contact(by)
    rows.add_all((guardian, fact, contact))
    rows.commit()
    return {
        "place": place.reference,
        "guardian": str(guardian.id),
        "place fact": str(fact.id),
        "contact": str(contact.id),
    }


def make_contact(by: User, **facts: str) -> DirectoryEntry:
    """A contact of somebody's agency, not yet written."""
    values = {"district": "erewash", "role": "community_safety", "name": "x"} | facts
    return DirectoryEntry(
        id=new_id(),
        agency_id=by.agency_id,
        checked_on=clock.today(),
        checked_by=by.id,
        created_by=by.id,
        **values,
    )
