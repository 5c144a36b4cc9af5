"""What the chronology of a child shows of orders and notices."""

from datetime import date
from typing import Any

from portal.policy import Policy
from portal.records.entries.vocabulary import ChronologyPart
from portal.records.orders.policy import Orders
from portal.web.chronology_says import LineKind, Said
from portal.web.filters import day


def _order(row: Any, policy: Policy) -> Said:
    said = row.said
    until = f"Until {day(date.fromisoformat(said['until']))}" if said["until"] else ""
    return Said(
        title=f"{policy.of(Orders).types.label(said['kind'])}: {said['name']}", words=[said["words"], until]
    )


LINES = (
    LineKind(
        what="order",
        part=ChronologyPart.CONCERN,
        says=_order,
        rows="""
select r.id, (r.starts_on + time '12:00') at time zone 'Europe/London' as at, r.agency_id,
       r.author_id as by_id, cast(null as uuid) as case_id, r.reference,
       jsonb_build_object('kind', r.kind, 'name', o.name, 'words', r.conditions,
                          'until', coalesce(r.ended_on, r.expires_on)) as said
  from order_child k join concern_order r on r.id = k.order_id join concern o on o.id = r.concern_id
 where k.child_id = :child""",
    ),
)
