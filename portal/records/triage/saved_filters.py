"""A person's own filters of a list."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.models.audit import SavedFilter
from portal.services.errors import DomainError

_LONGEST = 60


def save(*, actor: Principal, page: str, name: str, query: dict[str, Any]) -> SavedFilter:
    """Keep a filter under a name; a filter of that name is replaced.

    Args:
        page: the endpoint of the list.
        query: codes by the name of the field. Never a name of a person.

    Raises:
        DomainError: it has no name, the name is too long, or nothing is chosen.
    """
    name = " ".join(name.split())
    if not name:
        raise DomainError("Give the filter a name", field="name")
    if len(name) > _LONGEST:
        raise DomainError(f"Shorten the name to {_LONGEST} characters", field="name")
    if not query:
        raise DomainError("Choose something to filter by first", field="name")
    held = db.session.scalar(
        select(SavedFilter).where(
            SavedFilter.user_id == actor.user_id, SavedFilter.page == page, SavedFilter.name == name
        )
    )
    if held is None:
        held = SavedFilter(id=new_id(), user_id=actor.user_id, page=page, name=name, query=query)
        db.session.add(held)
    held.query = query
    db.session.flush()
    return held


def remove(*, actor: Principal, filter_id: UUID) -> None:
    """Take one of one's own filters away; there is nothing to say when it is gone already."""
    db.session.execute(
        delete(SavedFilter).where(SavedFilter.id == filter_id, SavedFilter.user_id == actor.user_id)
    )
