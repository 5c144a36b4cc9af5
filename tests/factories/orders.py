"""Orders and notices, written straight into the tables."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.pathway.calendar import end_of_day
from portal.pathway.references import Prefix, new_reference
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.orders.model import ConcernOrder, OrderChild, OrderStep
from portal.records.orders.vocabulary import OrderStepKind
from portal.records.people.model import User


def make_order(
    rows: Session, concern: Concern, by: User, *, protects: Child | None = None, **facts: Any
) -> ConcernOrder:
    """A notice in force that was served, with its step, its clock, and a child whom it protects."""
    today = clock.today()
    values: dict[str, Any] = {
        "kind": "child_abduction_warning",
        "starts_on": today - timedelta(days=5),
        "expires_on": today + timedelta(days=60),
        "conditions": "Not to be near her",
        "served_on": today - timedelta(days=4),
        "served_words": "At his home",
    } | facts
    order = ConcernOrder(
        id=new_id(),
        reference=new_reference(Prefix.ORDER),
        concern_id=concern.id,
        original_expires_on=values["expires_on"],
        agency_id=by.agency_id,
        author_id=by.id,
        policy_version="test",
        **values,
    )
    rows.add(order)
    rows.flush()
    due_at = end_of_day(order.expires_on or order.review_on or today)
    rows.add_all(
        [
            OrderStep(
                id=new_id(),
                order_id=order.id,
                kind=OrderStepKind.RECORDED,
                happened_on=order.starts_on,
                made_by=by.id,
                agency_id=by.agency_id,
                made_at=clock.now(),
            ),
            Deadline(
                id=new_id(),
                kind=DeadlineKind.ORDER_EXPIRY,
                subject_kind="concern_order",
                subject_id=order.id,
                concern_id=concern.id,
                owner_agency_id=by.agency_id,
                started_at=clock.now(),
                due_at=due_at,
                original_due_at=due_at,
                state=DeadlineState.DONE if order.ended_at else DeadlineState.OPEN,
                source="set by a person",
                confirmed=True,
                policy_version="test",
            ),
        ]
    )
    if protects is not None:
        rows.add(OrderChild(order_id=order.id, child_id=protects.id, added_by=by.id, added_at=clock.now()))
    rows.commit()
    return order
