"""Saving a view of a list under a name, beginning the list with it, and taking it away."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, false, select, update

from portal.access.model import SavedFilter
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.model import new_id

_LONGEST = 60
#: Of one list; more are found by nobody.
_MOST = 20


def save(
    *,
    actor: Principal,
    page: str,
    name: str,
    query: Mapping[str, Sequence[str]],
    is_default: bool = False,
) -> SavedFilter:
    """Keep a view under a name; a view of that name is replaced.

    Args:
        page: the endpoint of the list.
        query: codes by the name of the field. Never a name of a person.
        is_default: whether the list begins with it from now on.

    Raises:
        DomainError: it has no name, the name is too long, nothing is chosen, or there are too many.
    """
    name = " ".join(name.split())
    if not name:
        raise DomainError("Give the view a name", field="name")
    if len(name) > _LONGEST:
        raise DomainError(f"Shorten the name to {_LONGEST} characters", field="name")
    if not query:
        raise DomainError("Choose something to filter or sort by first", field="name")
    own = db.session.scalars(select(SavedFilter).filter_by(user_id=actor.user_id, page=page)).all()
    held = next((one for one in own if one.name == name), None)
    if held is None:
        if len(own) >= _MOST:
            raise DomainError(f"Remove a view first: you have {_MOST} of this list", field="name")
        held = SavedFilter(id=new_id(), user_id=actor.user_id, page=page, name=name, query={})
        db.session.add(held)
    held.query = {each: list(codes) for each, codes in query.items()}
    db.session.flush()
    if is_default:
        begin_with(actor=actor, page=page, view_id=held.id)
    return held


def begin_with(*, actor: Principal, page: str, view_id: UUID | None) -> None:
    """Let a list begin with one of one's own views, and with no other; with none of them for None."""
    own = (SavedFilter.user_id == actor.user_id, SavedFilter.page == page)
    db.session.execute(
        update(SavedFilter)
        .where(*own)
        .values(is_default=false() if view_id is None else SavedFilter.id == view_id)
    )


def remove(*, actor: Principal, view_id: UUID) -> None:
    """Take one of one's own views away; there is nothing to say when it is gone already."""
    db.session.execute(
        delete(SavedFilter).where(SavedFilter.id == view_id, SavedFilter.user_id == actor.user_id)
    )
