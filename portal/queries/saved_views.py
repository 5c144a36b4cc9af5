"""The views of a list that somebody saved: row security shows each person their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from portal.access.model import SavedFilter
from portal.access.principal import Principal
from portal.extensions import db


@dataclass(frozen=True)
class SavedView:
    """A view under its name; `query` holds codes by the name of their field."""

    id: UUID
    name: str
    query: Mapping[str, Sequence[str]]
    is_default: bool


def of(person: Principal, page: str) -> list[SavedView]:
    """A person's own views of a list, by name.

    Args:
        page: the endpoint of the list.
    """
    rows = db.session.execute(
        select(SavedFilter.id, SavedFilter.name, SavedFilter.query, SavedFilter.is_default)
        .where(SavedFilter.user_id == person.user_id, SavedFilter.page == page)
        .order_by(func.lower(SavedFilter.name), SavedFilter.id)
    )
    return [SavedView(*row) for row in rows]
