"""How the triage queue stands: what of each colour is open, overdue and held by nobody, and what came in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Select, Text, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.triage.reading.records import WAITING, in_triage_by_me
from portal.vocabulary import ReferralState, TriageColour

#: Counting of one colour stops here.
MANY = 200


@dataclass(frozen=True)
class ColourCount:
    """How much of one colour is undecided; `open` stops at `MANY`.

    Attributes:
        next_due: when the next that is still in time runs out.
        next_held_by: whose that is; None where nobody has it.
    """

    colour: TriageColour
    open: int
    overdue: int
    unheld: int
    next_due: datetime | None
    next_held_by: str | None


@dataclass(frozen=True)
class QueueCounts:
    """How the queue stands: each colour of which there is any, and the decided forms whose senders wait."""

    colours: Sequence[ColourCount]
    feedback: int  # stops at `MANY`
    feedback_overdue: int


_FEEDBACK = "feedback"


def counts() -> QueueCounts:
    """How much of each colour is undecided, overdue and held by nobody; in one statement."""
    holder = select(User.name).where(User.id == Referral.claimed_by).scalar_subquery()
    waiting = select(Referral.triage_due_at.label("due"), holder.label("holder")).where(
        WAITING, in_triage_by_me()
    )
    earliest = (Referral.triage_due_at, Referral.id)
    parts = [
        _counted(colour.value, waiting.where(Referral.colour == colour).order_by(*earliest))
        for colour in TriageColour
    ]
    parts.append(_counted(_FEEDBACK, _feedback_owed().order_by(Deadline.due_at)))
    rows = {row.part: row for row in db.session.execute(union_all(*parts)).all() if row.open}
    owed = rows.pop(_FEEDBACK, None)
    return QueueCounts(
        [
            ColourCount(TriageColour(part), row.open, row.overdue, row.unheld, row.next_due, row.next_holder)
            for part, row in rows.items()
        ],
        owed.open if owed else 0,
        owed.overdue if owed else 0,
    )


def _counted(part: str, listed: Select[Any]) -> Select[Any]:
    now, found = clock.now(), listed.limit(MANY).subquery()
    in_time = found.c.due >= now
    holders = func.array_agg(aggregate_order_by(found.c.holder, found.c.due), type_=ARRAY(Text))
    return select(
        literal(part).label("part"),
        func.count().label("open"),
        func.count().filter(found.c.due < now).label("overdue"),
        func.count().filter(found.c.holder.is_(None)).label("unheld"),
        func.min(found.c.due).filter(in_time).label("next_due"),
        holders.filter(in_time)[1].label("next_holder"),
    ).select_from(found)


def _feedback_owed() -> Select[Any]:
    """The decided forms that still owe the sender an answer, by when each is due."""
    columns: tuple[Any, ...] = (Deadline.due_at.label("due"), literal(None, Text).label("holder"))
    return (
        select(*columns)
        .join(Referral, Referral.id == Deadline.referral_id)
        .where(
            Deadline.kind == DeadlineKind.FEEDBACK,
            Deadline.state == DeadlineState.OPEN,
            Referral.state == ReferralState.DECIDED,
            in_triage_by_me(),
        )
    )


def arrived_since(moment: datetime) -> Mapping[TriageColour, int]:
    """How many forms of each colour came in since a moment and are undecided."""
    came = (
        select(Referral.colour)
        .where(WAITING, Referral.received_at > moment, in_triage_by_me())
        .limit(MANY)
        .subquery()
    )
    rows = db.session.execute(select(came.c.colour, func.count()).group_by(came.c.colour)).all()
    found = {TriageColour(colour): number for colour, number in rows if colour}
    return {colour: found[colour] for colour in TriageColour if colour in found}


def undecided() -> Select[Any]:
    """The forms that the hub has not decided."""
    return select(Referral.id).where(WAITING, in_triage_by_me())
