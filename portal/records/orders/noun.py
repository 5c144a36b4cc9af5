"""What orders and notices plug into the rest."""

from uuid import UUID

from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.concerns.model import Concern
from portal.records.orders.chronology import LINES
from portal.records.orders.model import ConcernOrder
from portal.records.orders.presenter import on_child, on_concern
from portal.records.orders.tasks import TASKS
from portal.registry import Duty, Noun, Record


def _orders(ids: list[UUID]) -> Columns:
    return (
        columns("concern_order", ConcernOrder.id, ConcernOrder.reference, named=False, words=Concern.name)
        .join(Concern, Concern.id == ConcernOrder.concern_id)
        .where(ConcernOrder.id.in_(ids))
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
            named=_orders,
            duty=Duty(shared=("concern_id",), reference=ConcernOrder.reference, key=ConcernOrder.id),
        ),
    ),
)
