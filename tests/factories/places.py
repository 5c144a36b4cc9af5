"""Who could watch a place, what is known of it, and a contact; written straight into the tables."""

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.concerns.model import Concern
from portal.records.people.model import User
from portal.records.places.model import DirectoryEntry, Guardian, PlaceFact
from tests.factories.plans import make_action


def watch(rows: Session, place: Concern, by: User) -> dict[str, str]:
    """A guardian, a fact and an action of a place and a contact, by what a test calls them."""
    said = {"concern_id": place.id, "agency_id": by.agency_id, "author_id": by.id}
    guardian = Guardian(id=new_id(), role="staff", name="x", can="x", state="asked", **said)
    fact = PlaceFact(id=new_id(), kind="licence", text="x", said_at=clock.now(), **said)
    contact = make_contact(by)
    rows.add_all((guardian, fact, contact))
    rows.commit()
    return {
        "place": place.reference,
        "guardian": str(guardian.id),
        "place fact": str(fact.id),
        "contact": str(contact.id),
        "action on a place": make_action(rows, place, by, by).reference,
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
