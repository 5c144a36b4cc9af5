"""Looking at an order or notice: found or not, and recorded."""

from typing import Any
from uuid import UUID

from flask import abort, url_for

from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import current
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.records.orders import reading as orders
from portal.records.orders.keeping import keeping_facts
from portal.records.orders.model import ConcernOrder
from portal.records.orders.policy import Orders
from portal.web.steps import Link


def find(reference: str) -> ConcernOrder:
    """One that the person may see; every other is answered like none."""
    typed = read_reference(reference, Prefix.ORDER)
    return (orders.find_order(reference=typed) if typed else None) or abort(404)


def to_keep(reference: str) -> ConcernOrder:
    """The same for whoever says what happens to it.

    Raises:
        Forbidden: the person only reads it.
    """
    order = find(reference)
    require(current(), "order:keep", keeping_facts(current(), order))
    return order


def look(order: ConcernOrder, *, action: str = "order:view", children: Any = ()) -> None:
    """Put the look on record: one row for each child that the page names, and one where it names none."""
    ids: list[UUID | None] = [one.id for one in children] or [None]
    for child_id in ids:
        audit.record(action, subject_kind="concern_order", subject_id=order.id, child_id=child_id)


def address(order: ConcernOrder) -> str:
    """Its page."""
    return url_for("orders.show", reference=order.reference)


def step_on(order: ConcernOrder) -> dict[str, Any]:
    """What the page of a step on it shows, with the look put on record."""
    look(order)
    row = orders.page_of(order=order)
    what = current_policy().of(Orders).types.label(row.kind)
    return {
        "caption": f"{what}, {row.concern_name}, {row.reference}",
        "back": Link(address(order), what),
        "marking": True,
    }
