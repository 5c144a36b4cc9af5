"""What orders and notices plug into the rest."""

from datetime import date
from typing import Any

from portal.pages.chronologies.reading import LineKind, Said
from portal.pages.workspaces.tasks import Task
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import columns
from portal.records.concerns.model import Concern
from portal.records.entries.vocabulary import ChronologyPart
from portal.records.orders import reading
from portal.records.orders.model import ConcernOrder
from portal.records.orders.policy import Orders
from portal.records.orders.presenter import on_child, on_concern
from portal.registry import Duty, Noun, Record
from portal.vocabulary import Sector
from portal.web.filters import day


def _order(row: Any, policy: Policy) -> Said:
    said = row.said
    until = f"Until {day(date.fromisoformat(said['until']))}" if said["until"] else ""
    return Said(
        title=f"{policy.of(Orders).types.label(said['kind'])}: {said['name']}", words=[said["words"], until]
    )


_ORDER = """
select r.id, (r.starts_on + time '12:00') at time zone 'Europe/London' as at, r.agency_id,
       r.author_id as by_id, cast(null as uuid) as case_id, r.reference,
       jsonb_build_object('kind', r.kind, 'name', o.name, 'words', r.conditions,
                          'until', coalesce(r.ended_on, r.expires_on)) as said
  from order_child k join concern_order r on r.id = k.order_id join concern o on o.id = r.concern_id
 where k.child_id = :child"""

LINES = (LineKind(what="order", part=ChronologyPart.CONCERN, says=_order, rows=_ORDER, others=("name",)),)


TASKS = (
    Task(
        endpoint="orders.index",
        label="Orders and notices",
        hint="What is in force, and what runs out soon",
        permission="order:list",
        at={Sector.POLICE: 70, Sector.COUNCIL: 60, Sector.HUB: 40},
        waiting=reading.running_out,
    ),
)


NOUN = Noun(
    on_concern=on_concern,
    on_child=on_child,
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=ConcernOrder,
            prefix=Prefix.ORDER,
            page="orders.show",
            permission="order:view",
            named=(
                columns(ConcernOrder, child=False, words=Concern.name, held=Concern.sensitivity).join(
                    Concern, Concern.id == ConcernOrder.concern_id
                )
            ),
            duty=Duty(shared=("concern_id",), reference=ConcernOrder.reference, key=ConcernOrder.id),
            unseen=("orders/_unseen.html", reading.who_answers),
        ),
    ),
)
