"""Telling on grounds of which whoever tells may not know whether they have anybody, and telling nothing.

Who works with a child who was merely reported, or leads a case that the teller does not read, the database
finds and writes to (`ctx.tell_unseen`, in `portal/access/rows/telling.sql`). Nothing of it comes back: not to
the page, and not to a statement on the connection of whoever tells.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from portal import clock
from portal.extensions import db
from portal.messages.choices import Choices, Timing, Whom, by_strength
from portal.messages.vocabulary import CHANNELS, Event, Ground, MessageChannel
from portal.policy import current_policy
from portal.policy.telling import Tell
from portal.reminders.writing import About
from portal.vocabulary import ROLES_THAT_SEE_CASES

_TELL = text("select ctx.tell_unseen(:said)").bindparams(bindparam("said", type_=JSONB))


_TOLD_NOTHING: ContextVar[frozenset[UUID]] = ContextVar("told_nothing", default=frozenset())


@contextmanager
def telling_nothing_to(person_id: UUID) -> Iterator[None]:
    """Take steps of which somebody is told nothing on any ground, because they are leaving by them."""
    token = _TOLD_NOTHING.set(_TOLD_NOTHING.get() | {person_id})
    try:
        yield
    finally:
        _TOLD_NOTHING.reset(token)


def told_nothing() -> frozenset[UUID]:
    """Who is told nothing of the step that is taken."""
    return _TOLD_NOTHING.get()


@dataclass(frozen=True)
class Unseen:
    """How the database finds whom the teller may not know of.

    Attributes:
        of: the noun's own function, `ctx.unseen_of_…`.
        asks: what that function needs to know, as JSON has it.
        given: whom the step itself knows on grounds of which the page says nothing.
    """

    of: str
    asks: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[Ground, Whom] = field(default_factory=dict)


@dataclass(frozen=True)
class HiddenWay:
    """How policy tells a ground that the page does not name, whether it has anybody or not."""

    channel: MessageChannel
    at: datetime  # when an e-mail goes out


def hidden_ways(rows: Iterable[Tell], timing: Timing) -> Iterator[HiddenWay]:
    """How rows of the policy tell grounds that the page does not name."""
    kinds = current_policy().reminders.kinds
    for row in rows:
        if row.hidden and row.by in CHANNELS:
            yield HiddenWay(CHANNELS[row.by], timing.sends(urgent=kinds[row.kind].urgent).at)


def tell_unseen(said: Mapping[str, Any]) -> None:
    """Have the database tell them, by what `parts_of` says; it tells nobody twice of the same thing."""
    db.session.flush()  # it reads what the step has written
    db.session.execute(_TELL, {"said": said})


def parts_found(
    event: Event, *, kind: str, actor_id: UUID, once: str = "", asks: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What a function of the database needs that finds itself what is told of, and to whom (`given`).

    Args:
        kind: of the records that it finds.
        actor_id: who is told nothing, as of what they did themselves.
        asks: what it needs to know.
    """
    return parts_of(
        current_policy().telling.of(event.code),
        event=event,
        about=About(kind, actor_id),  # in the place of each that it finds
        once=once,
        timing=Timing(),
        unseen=Unseen("given", asks or {}),
        but={actor_id},
        told={},
    )


def parts_of(
    rows: Iterable[Tell],
    *,
    event: Event,
    about: About,
    once: str,
    timing: Timing,
    unseen: Unseen,
    but: Collection[UUID],
    told: Choices,
) -> dict[str, Any]:
    """What the database needs to tell them.

    Args:
        rows: of the policy, all of the event; those of other grounds say how the people of teams hear.
        but: who is told nothing.
        told: whom the step itself tells: persons are not told again, of teams their people are told here.
    """
    return {
        "event": event.code,
        "kind": about.kind,
        "subject": str(about.id),
        "reference": about.reference,
        "once": once,
        "today": clock.today().isoformat(),
        "now": clock.now().isoformat(),
        "held_until": timing.held_until.isoformat() if timing.held_until else None,
        "roles": sorted(role.value for role in ROLES_THAT_SEE_CASES),
        "rows": [_way(row, timing) for row in by_strength(rows) if row.by in CHANNELS],
        "asks": {"of": unseen.of, **unseen.asks},
        "given": [
            {"ground": ground, what: str(who)}
            for ground, whom in unseen.given.items()
            for what, those in (("person", whom.people), ("team", whom.teams))
            for who in sorted(those)
        ],
        "seen": [str(who) for (what, who), one in told.items() if what == "person" and one.shown],
        "teams": [
            {"team": str(who), "ground": one.ground} for (what, who), one in told.items() if what == "team"
        ],
        "but": sorted(map(str, but)),
    }


def _way(row: Tell, timing: Timing) -> dict[str, Any]:
    """How policy tells one ground, and from when on it goes out."""
    kind = current_policy().reminders.kinds[row.kind]
    sending = timing.sends(urgent=kind.urgent)
    return {
        "ground": row.to,
        "kind": row.kind,
        "channel": CHANNELS[row.by],
        "urgent": sending.urgent,
        "at": sending.at.isoformat(),
        "no_sight": row.needs_no_sight,
        "statutory": kind.statutory,
    }
