"""Safety plans and due dates that were moved, in a random world."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from portal.deadlines.model import Deadline
from portal.model import new_id
from portal.records.safety_plans.model import SafetyPlan
from tests.access.oracle.world import World
from tests.factories.safety_plans import parts_of

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """Safety plans: full reach on the case. A moved due date: whoever sees the duty."""

    def plan(row: R) -> bool:
        return who.full(who.truth.one("safety_plan", row.plan_id).case_id)

    return {
        "safety_plan": lambda row: who.full(row.case_id),
        **dict.fromkeys(("safety_plan_answer", "safety_plan_version", "safety_plan_renewal"), plan),
        "deadline_change": lambda row: who.deadline(who.truth.one("deadline", row.deadline_id)),
    }


def plan_safety(world: World) -> None:
    """A safety plan in force on most cases, and one that ended."""
    for case in world.cases:
        for state in world.some(("ended", "in_force"), 2):
            author = world.any(world.users)
            today = world.now.date()
            plan = SafetyPlan(
                id=new_id(),
                reference=world.reference("SPL"),
                case_id=case.id,
                state=state,
                author_id=author.id,
                agency_id=author.agency_id,
                started_at=world.past(),
                number=1,
                in_force_at=world.past(),
                valid_from=today,
                valid_until=today,
                ended_at=world.past() if state == "ended" else None,
                policy_version="test",
            )
            world.add(plan, *parts_of(plan, author))


def move_due_dates(world: World) -> None:
    """Every other duty is due on another day than at first; a trigger keeps the change. Some are owned for an
    agency that their owner may have left.
    """
    owned = world.rows.query(Deadline).filter(Deadline.owner_id.is_not(None)).order_by(Deadline.id).all()
    for n, deadline in enumerate(owned[::3]):
        deadline.owned_for_id = world.agencies[n % len(world.agencies)].id
    for deadline in world.rows.query(Deadline).order_by(Deadline.id).all()[::2]:
        deadline.due_at += timedelta(days=1)
        deadline.move_reason = "Later"
    world.rows.flush()
