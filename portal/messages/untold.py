"""Who could not be told: the hub's list, how one gets on it, and what somebody did about each."""

from collections.abc import Collection, Iterable, Mapping
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
from portal.messages.obstacles import numbers_instead
from portal.messages.told import NotReached
from portal.messages.vocabulary import Event, Ground, UntoldReason
from portal.messages.whom import Whom
from portal.model import new_id
from portal.policy import Size, current_policy
from portal.policy.telling import Tell
from portal.queries.paging import MomentCursor, Page, page_by_moment
from portal.queries.rows import name_of
from portal.records.people.model import Team
from portal.reminders.untold import messages_to_hub
from portal.reminders.writing import About, Outgoing, write_each

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


def lacking(
    rows: Iterable[Tell], found: Mapping[Ground, Whom], nobody_at: Mapping[Ground, Collection[str]]
) -> list[tuple[Tell, str | None]]:
    """The rows of which somebody has to be told and there is nobody, with the authority that lacks them."""
    return [
        (row, authority)
        for row in rows
        if row.required
        for authority in (
            sorted(nobody_at[row.to]) if row.to in nobody_at else [] if found[row.to] else [None]
        )
    ]


def write_untold(
    actor: Principal, event: Event, about: About, missing: Collection[tuple[Tell, str | None]]
) -> tuple[NotReached, ...]:
    """Where somebody had to be told and there is nobody: put it on the hub's list."""
    policy, connection = current_policy(), db.session.connection()
    outgoing: list[Outgoing] = []
    for row, authority in missing:
        number, urgent = new_id(), policy.reminders.kinds[row.kind].urgent
        db.session.add(
            Untold(
                id=number,
                event=event.code,
                ground=row.to,
                reason=UntoldReason.NOBODY,
                subject_kind=about.kind,
                subject_id=about.id,
                reference=about.reference,
                case_id=about.case_id,
                authority=authority,
                urgent=urgent,
                caused_by=actor.user_id,
                created_at=clock.now(),
            )
        )
        outgoing += messages_to_hub(connection, number, urgent=urgent, caused_by=actor.user_id)
    db.session.flush()
    write_each(connection, outgoing)
    return tuple(
        NotReached(
            name=f"children’s social care of {policy.areas.authorities[authority].label}"
            if authority
            else "",
            ground=row.to,
            reason=UntoldReason.NOBODY,
            ring=numbers_instead(row.to, authority),
        )
        for row, authority in missing
        if row.shown
    )


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
