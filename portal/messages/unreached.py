"""Whom a step had to tell and could not: on the hub's list at once, with what the page says of it; and
what somebody did about each.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select, tuple_

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import lock_row
from portal.extensions import db
from portal.messages.choices import NOBODY, Whom, names_of, numbers_instead, obstacles_of
from portal.messages.model import Untold
from portal.messages.told import NotReached
from portal.messages.vocabulary import Event, Ground, HandReason, TellBy, UntoldReason
from portal.model import new_id
from portal.policy import Size, current_policy
from portal.policy.telling import Tell
from portal.queries.paging import Cursor, Page
from portal.queries.rows import name_of
from portal.records.people.model import Team
from portal.reminders.untold import OnList, messages_to_hub
from portal.reminders.writing import About, Outgoing, write_each


@dataclass(frozen=True)
class Unreached:
    """Somebody on the ground of a row of policy, or nobody at all; a person unless it is a team."""

    row: Tell
    reason: UntoldReason
    who: UUID | None = None
    name: str = ""
    is_team: bool = False
    must: bool = False  # somebody has to hear, though the row does not say so
    authority: str | None = None  # of nobody: at which they would be, a code of policy `areas.authorities`


def lacking(
    rows: Iterable[Tell], found: Mapping[Ground, Whom], nobody_at: Mapping[Ground, Collection[str]]
) -> list[Unreached]:
    """The rows of which somebody has to be told and there is nobody, with the authority that lacks them; and
    who leads the case and does not read it, while nobody there does in their place.
    """
    rows = list(rows)
    return [
        Unreached(row, UntoldReason.NOBODY, authority=authority)
        for row in rows
        if row.required
        for authority in (
            sorted(nobody_at[row.to]) if row.to in nobody_at else [] if found[row.to] else [None]
        )
    ] + _in_nobodys_place(rows, found.get(Ground.LEAD_PROFESSIONAL, NOBODY))


def _in_nobodys_place(rows: Iterable[Tell], leads: Whom) -> list[Unreached]:
    """Whoever leads a case that nobody of the agency reads: told by e-mail, the hub hears so at once."""
    row = next((one for one in rows if one.to is Ground.LEAD_PROFESSIONAL and not one.required), None)
    alone = sorted(lead for who, lead in leads.instead if who is None)
    if row is None or not alone:
        return []
    named = names_of(alone, [])
    return [
        Unreached(
            row,
            UntoldReason.NO_REACH,
            who=one,
            name=f"{named[one].name}, who leads the case, or anybody there in that place",
            must=row.by is TellBy.MAIL,
        )
        for one in alone
    ]


def in_place_of(found: Mapping[Ground, Whom]) -> dict[tuple[Ground, UUID | None], str]:
    """In whose place some are told on a ground, by whom, in words: of those who do not read the case."""
    places = [(ground, one) for ground in _IN_PLACE for one in found.get(ground, NOBODY).instead]
    if not places:
        return {}
    named = names_of([of for _, (_, of) in places], [])
    names = defaultdict[tuple[Ground, UUID | None], list[str]](list)
    for ground, (who, of) in sorted(places, key=str):
        names[ground, who].append(named[of].name)
    return {place: _in_place(place[0], of) for place, of in names.items()}


#: What somebody does for whom others are told, because they do not read the case; and what several do.
_IN_PLACE = {Ground.LEAD_PROFESSIONAL: ("leads", "lead"), Ground.WORKER: ("works on", "work on")}


def _in_place(ground: Ground, names: Sequence[str]) -> str:
    one, several = _IN_PLACE[ground]
    does, do = (one, "does") if len(names) == 1 else (several, "do")
    return f"in the place of {' and '.join(names)}, who {does} the case and {do} not read it"


def put_on_list(
    *, actor: Principal, event: Event, about: About, those: Iterable[Unreached]
) -> tuple[NotReached, ...]:
    """Put some who had to be told of an event onto the hub's list, and tell the hub: those of rows that are
    `required`, and whole teams that may not see what hangs on no case and nobody can switch off: of a case
    that is closely held others read. Of whom else may not see it, only the page says so.

    Returns:
        those whom the page may name.
    """
    kinds, connection = current_policy().reminders.kinds, db.session.connection()
    said: list[NotReached] = []
    outgoing: list[Outgoing] = []
    for one in those:
        hub = None
        alone = one.is_team and about.case_id is None and kinds[one.row.kind].statutory
        if one.row.required or one.must or alone:
            listed = _listed(actor, event, about, one)
            line = OnList(listed.id, listed.urgent, listed.case_id, actor.user_id)
            to_hub = messages_to_hub(connection, line, obstacles=_obstacles)
            outgoing += to_hub
            hub = _hears(to_hub)
        if one.row.shown:
            ring = () if hub is None else numbers_instead(one.row.to, one.authority)
            said.append(NotReached(name=_name(one), ground=one.row.to, reason=one.reason, ring=ring, hub=hub))
    if outgoing:
        db.session.flush()
        write_each(connection, outgoing)
    return tuple(said)


def _obstacles(about: About, people: Collection[UUID]) -> dict[UUID, HandReason]:
    """What stands in the way of telling some persons something, as far as whoever tells may know."""
    return obstacles_of(about, people, [])


def _name(one: Unreached) -> str:
    if one.authority is None:
        return one.name
    return f"children’s social care of {current_policy().areas.authorities[one.authority].label}"


def _hears(to_hub: Iterable[Outgoing]) -> bool:
    """Whether anybody is told by some messages to the hub: one of its people, or a team at an address that
    e-mail reaches.
    """
    teams = {one.to.team_id: one.about for one in to_hub if one.to.team_id}
    return any(one.to.user_id for one in to_hub) or any(
        team not in obstacles_of(about, [], [team]) for team, about in teams.items()
    )


def _listed(actor: Principal, event: Event, about: About, one: Unreached) -> Untold:
    found = Untold(
        id=new_id(),
        event=event.code,
        ground=one.row.to,
        reason=one.reason,
        recipient_id=None if one.is_team else one.who,
        recipient_team_id=one.who if one.is_team else None,
        subject_kind=about.kind,
        subject_id=about.id,
        reference=about.reference,
        case_id=about.case_id,
        authority=one.authority,
        urgent=current_policy().reminders.kinds[one.row.kind].urgent,
        caused_by=actor.user_id,
        created_at=clock.now(),
    )
    db.session.add(found)
    return found


PAGE = 30


@dataclass(frozen=True)
class UntoldCursor(Cursor):
    """The last row of a page: whether it is urgent (1 or 0), since when it waits, and which it is."""

    urgent: int
    at: datetime
    id: UUID


def waiting(*, after: UntoldCursor | None = None) -> Page[UntoldCursor]:
    """Who could not be told and nobody has seen to, what is urgent before the rest, the newest first: a
    message leads here, and to what it says.
    """
    listed = _described().where(Untold.seen_to_at.is_(None))
    if after is not None:
        place = tuple_(Untold.urgent, Untold.created_at, Untold.id)
        listed = listed.where(place < (after.urgent > 0, after.at, after.id))
    listed = listed.order_by(Untold.urgent.desc(), Untold.created_at.desc(), Untold.id.desc())
    rows = db.session.execute(listed.limit(PAGE + 1)).all()
    return Page.cut(rows, PAGE, lambda row: UntoldCursor(int(row.urgent), row.created_at, row.id))


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
