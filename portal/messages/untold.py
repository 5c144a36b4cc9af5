"""Who could not be told: the hub's list, and what somebody did about each."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.texts import require_text
from portal.changes.versions import lock_row
from portal.extensions import db
from portal.messages.model import Untold
from portal.policy import Size
from portal.queries.paging import MomentCursor, Page, page_by_moment
from portal.queries.rows import name_of
from portal.records.people.model import Team

PAGE = 30


def waiting(*, after: MomentCursor | None = None) -> Page[MomentCursor]:
    """Who could not be told and nobody has seen to, the oldest first."""
    listed = _described().where(Untold.seen_to_at.is_(None))
    return page_by_moment(listed, Untold.created_at, Untold.id, after=after, limit=PAGE, newest_first=False)


def described(*, untold: Untold) -> Row[*tuple[Any, ...]]:
    """One of them with the names that belong to it."""
    return db.session.execute(_described().where(Untold.id == untold.id)).one()


def _described() -> Select[Any]:
    return select(
        *Untold.__table__.c,
        name_of(Untold.recipient_id, "person"),
        name_of(Untold.caused_by, "teller"),
        Team.name.label("team"),
    ).outerjoin(Team, Team.id == Untold.recipient_team_id)


def find(*, untold_id: UUID) -> Untold | None:
    """One of them, as far as the person who asks sees it."""
    return db.session.get(Untold, untold_id)


def see_to(*, actor: Principal, untold: Untold, words: str) -> None:
    """Say what was done so that they know, such as whom one rang.

    Raises:
        Forbidden: the actor is no coordinator.
        DomainError: somebody has seen to it already, or nothing is said.
    """
    require(actor, "untold:see_to")
    missing = "Say how they were told, or why they need not be"
    words = require_text(words, missing, field="words", size=Size.NOTE)
    lock_row(untold)
    if untold.seen_to_at is not None:
        raise DomainError("Somebody has seen to this already")
    untold.seen_to_by = actor.user_id
    untold.seen_to_at = clock.now()
    untold.seen_to_words = words
    db.session.flush()
    audit.record("untold:see_to", untold, case_id=untold.case_id, event=untold.event)
