"""Orders and notices of a random world: on every second thing of concern, most of them for a child."""

from __future__ import annotations

from datetime import timedelta

from portal.model import new_id
from portal.records.concerns.model import Concern
from portal.records.orders.model import ConcernOrder, OrderChild, OrderStep
from tests.access.oracle.content import add_deadline
from tests.access.oracle.world import World


def order(world: World) -> None:
    """An order with a step, a duty, and a child whom it protects."""
    for n, concern in enumerate(world.rows.query(Concern).order_by(Concern.id).all()):
        if n % 2:
            continue
        author = world.users[n % len(world.users)]
        made = ConcernOrder(
            id=new_id(),
            reference=world.reference("ORD"),
            concern_id=concern.id,
            kind="other",
            starts_on=world.now.date(),
            expires_on=(world.now + timedelta(days=30)).date(),
            conditions="C",
            agency_id=author.agency_id,
            author_id=author.id,
            policy_version="test",
        )
        world.add(made)
        world.add(
            OrderStep(
                id=new_id(),
                order_id=made.id,
                kind="recorded",
                happened_on=made.starts_on,
                made_by=author.id,
                agency_id=author.agency_id,
                made_at=world.past(),
            )
        )
        child = world.children[n % len(world.children)]
        world.add(OrderChild(order_id=made.id, child_id=child.id, added_by=author.id, added_at=world.past()))
        add_deadline(world, "concern_order", made.id, {"concern_id": concern.id})
