"""Looking at an order or notice: found or not, and recorded."""

from typing import Any
from uuid import UUID

from flask import abort

from portal.access import audit
from portal.pathway.references import Prefix, read_reference
from portal.records.orders import reading as orders
from portal.records.orders.model import ConcernOrder


def find(reference: str) -> ConcernOrder:
    """One that the person may see; every other is answered like none."""
    typed = read_reference(reference, Prefix.ORDER)
    return (orders.find_order(reference=typed) if typed else None) or abort(404)


def look(order: ConcernOrder, *, action: str = "order:view", children: Any = ()) -> None:
    """Put the look on record: one row for each child that the page names, and one where it names none."""
    ids: list[UUID | None] = [one.id for one in children] or [None]
    for child_id in ids:
        audit.record(action, subject_kind="concern_order", subject_id=order.id, child_id=child_id)
