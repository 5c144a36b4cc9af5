"""How fast one person goes on: whoever opens, searches or takes faster than policy allows is asked to wait.

Counted over all processes and sign-ins, from what is on record anyway: what somebody opened and searched
stands on the audit trail, what they took on the sharing ledger. A process asks the database only about people
who do several such things with it in a short time, so that work at a person's pace costs nothing.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import text

from portal import clock
from portal.extensions import db
from portal.policy import current_policy
from portal.policy.limits import Rate
from portal.vocabulary import RateKind

#: So many of a kind within the shortest time of policy are nobody's concern.
EASY = 5
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


class TooFast(Exception):
    """Somebody goes faster than policy allows. They can go on after so many seconds."""

    def __init__(self, kind: RateKind, until: datetime) -> None:
        super().__init__(kind)
        self.kind = kind
        self.until = until
        self.seconds = max(1, ceil((until - clock.now()).total_seconds()))


@dataclass(frozen=True)
class Pace:
    """What one process has seen of people, for a short while."""

    seen: OrderedDict[tuple[UUID, RateKind], deque[float]]

    def is_easy(self, person: UUID, kind: RateKind, within: float) -> bool:
        """Note one more, and whether there were few within so many seconds."""
        moments = self.seen.setdefault((person, kind), deque(maxlen=EASY))
        self.seen.move_to_end((person, kind))
        if len(self.seen) > _PEOPLE:
            self.seen.popitem(last=False)
        now = clock.ticks()
        easy = len(moments) < EASY or now - moments[0] > within
        moments.append(now)
        return easy


_pace = Pace(OrderedDict())


def check(person: UUID, kind: RateKind, *, on_record: bool = False) -> None:
    """Let somebody go on, or ask them to wait.

    Args:
        person: who goes on.
        kind: with what.
        on_record: what they are about to get has left its row already, and counts itself.

    Raises:
        TooFast: they have done as much of a kind as policy allows.
    """
    rates = current_policy().rates.of(kind)
    if _pace.is_easy(person, kind, min(one.seconds for one in rates)):
        return
    until = _free_again(person, kind, rates, more=int(on_record))
    if until is not None:
        raise TooFast(kind, until)


def _free_again(person: UUID, kind: RateKind, rates: Sequence[Rate], *, more: int) -> datetime | None:
    """When the last of the rates that are used up lets them go on; one statement for all of them."""
    now = clock.now()
    parts, values = [], dict[str, Any](person=person)
    for number, rate in enumerate(rates):
        nth = _NTH_LAST[kind].format(n=number)
        parts.append(f"select {number} as rate, at from ({nth}) nth_{number}")  # noqa: S608 - words of ours
        values[f"since_{number}"] = now - timedelta(seconds=rate.seconds)
        values[f"before_{number}"] = rate.most - 1 + more
    rows = db.session.execute(text(" union all ".join(parts)), values).all()
    ends = [row.at + timedelta(seconds=rates[row.rate].seconds) for row in rows]
    return max(ends, default=None)
