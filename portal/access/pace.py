"""How fast one person goes on: whoever opens, searches or takes faster than policy allows waits, or says why.

Counted over all processes and sign-ins, from what is on record anyway: what somebody opened and searched
stands on the audit trail, what they took on the sharing ledger. A process asks the database only about people
who do several such things with it in a short time, so that work at a person's pace costs nothing.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from portal import clock
from portal.extensions import db
from portal.policy import current_policy
from portal.policy.work import Rate
from portal.vocabulary import RateAnswer, RateKind

#: So few of a kind within the time of a rate are nobody's concern.
EASY = 5
#: What somebody does may be shared out among so many processes: each asks when it has seen its part.
PROCESSES = 8
#: Of so many people a process remembers how fast they went.
_PEOPLE = 2000

#: The moment of the last thing but so many: of each case or child, each search, each file. What two people
#: wrote in one place is shown by a page that knows the address alone.
_NTH_LAST = {
    RateKind.CASE: """
select max(at) as at from audit_event
 where actor_id = :person and at > :since_{n}
   and (case_id is not null or child_id is not null or action = 'conflict:view')
 group by coalesce(case_id::text, child_id::text, address) order by 1 desc offset :before_{n} limit 1""",
    RateKind.SEARCH: """
select at from audit_event
 where actor_id = :person and at > :since_{n} and action = 'child:search'
 order by 1 desc offset :before_{n} limit 1""",
    RateKind.FILE: """
select max(taken_at) as at from taken_copy
 where taken_by = :person and taken_at > :since_{n}
 group by reference order by 1 desc offset :before_{n} limit 1""",
}


#: Whether somebody said why they go on, within the time of the rate; whether governance named them for now.
_SAID_WHY = text(
    "select exists (select from look_reason where user_id = :person and kind = :kind and said_at > :since)"
)
_NAMED = text("select exists (select from look_exception where user_id = :person and until > :now)")


class TooFast(Exception):
    """Somebody goes faster than policy allows. They can go on after so many seconds."""

    def __init__(self, kind: RateKind, until: datetime) -> None:
        super().__init__(kind)
        self.kind = kind
        self.until = until
        self.seconds = max(1, ceil((until - clock.now()).total_seconds()))


class ReasonAsked(TooFast):
    """They can go on at once when they have said why."""


@dataclass(frozen=True)
class Pace:
    """What one process has seen of people, for a short while."""

    seen: OrderedDict[tuple[UUID, RateKind], deque[float]]

    def is_easy(self, person: UUID, kind: RateKind, rates: Sequence[Rate]) -> bool:
        """Note one more, and whether this process has seen few within the time of each rate."""
        moments = self.seen.setdefault((person, kind), deque(maxlen=max(map(_few_of, rates))))
        self.seen.move_to_end((person, kind))
        if len(self.seen) > _PEOPLE:
            self.seen.popitem(last=False)
        now = clock.ticks()
        easy = not any(_seen_within(moments, _few_of(rate), now - rate.seconds) for rate in rates)
        moments.append(now)
        return easy


def _few_of(rate: Rate) -> int:
    return max(EASY, rate.most // PROCESSES)


def _seen_within(moments: deque[float], number: int, since: float) -> bool:
    return len(moments) >= number and moments[-number] >= since


_pace = Pace(OrderedDict())


def check(person: UUID, kind: RateKind, *, on_record: bool = False) -> None:
    """Let somebody go on, ask them why, or ask them to wait.

    Args:
        person: who goes on.
        kind: with what.
        on_record: what they are about to get has left its row already, and counts itself.

    Raises:
        TooFast: they have done as much of a kind as policy allows.
        ReasonAsked: they have done so much of it that they have to say why they go on.
    """
    rates = current_policy().rates.of(kind)
    if _pace.is_easy(person, kind, rates):
        return
    used = _used_up(person, kind, rates, more=int(on_record))
    if ends := [
        one.free_again for one in used if one.rate.answer is not RateAnswer.REASON and _holds(one, person)
    ]:
        raise TooFast(kind, max(ends))
    for one in used:
        if _is_asked(one, person):
            raise ReasonAsked(kind, one.free_again)


def asks_why(person: UUID, kind: RateKind) -> bool:
    """Whether somebody has to say why before they go on with one more."""
    used = _used_up(person, kind, current_policy().rates.of(kind), more=0)
    return any(_is_asked(one, person) for one in used)


class _UsedUp(NamedTuple):
    """A rate that allows no more, and when it does again."""

    rate: Rate
    free_again: datetime


def _used_up(person: UUID, kind: RateKind, rates: Sequence[Rate], *, more: int) -> list[_UsedUp]:
    """One statement for all rates."""
    now = clock.now()
    parts, values = [], dict[str, Any](person=person)
    for number, rate in enumerate(rates):
        nth = _NTH_LAST[kind].format(n=number)
        parts.append(f"select {number} as rate, at from ({nth}) nth_{number}")  # noqa: S608 - words of ours
        values[f"since_{number}"] = now - timedelta(seconds=rate.seconds)
        values[f"before_{number}"] = rate.most - 1 + more
    rows = db.session.execute(text(" union all ".join(parts)), values).all()
    return [_UsedUp(rate := rates[row.rate], row.at + timedelta(seconds=rate.seconds)) for row in rows]


def _holds(used: _UsedUp, person: UUID) -> bool:
    """Whether somebody has to wait for a rate that is used up."""
    if used.rate.answer is RateAnswer.WAIT:
        return True
    return not db.session.scalar(_NAMED, {"person": person, "now": clock.now()})


def _is_asked(used: _UsedUp, person: UUID) -> bool:
    return used.rate.answer is RateAnswer.REASON and not _said_why(person, used.rate)


def _said_why(person: UUID, rate: Rate) -> bool:
    since = clock.now() - timedelta(seconds=rate.seconds)
    return bool(db.session.scalar(_SAID_WHY, {"person": person, "kind": rate.kind, "since": since}))
