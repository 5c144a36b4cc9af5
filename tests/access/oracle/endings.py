"""How cases of a random world end and what is handed over, and who sees it: full reach on the case."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from portal.model import new_id
from portal.records.closing.model import CaseClosure, HandOver
from tests.access.oracle.world import World

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """The rule of every table."""

    def of_case(row: R) -> bool:
        return who.full(row.case_id)

    return {"case_closure": of_case, "hand_over": of_case}


def ask_for_ends(world: World) -> None:
    """On every case somebody asks that it end, and writes a hand-over."""
    for case in world.cases:
        by = case.opened_by
        hand_over = HandOver(
            id=new_id(),
            reference=case.reference.replace("CRE", "HND"),
            case_id=case.id,
            kind="transfer",
            answers={},
            started_by=by,
            started_at=world.now,
            saved_by=by,
            saved_at=world.now,
            policy_version="test",
        )
        world.add(hand_over)
        world.add(
            CaseClosure(
                id=new_id(),
                case_id=case.id,
                kind="transferred",
                ground="moved",
                hand_over_id=hand_over.id,
                reason="moved",
                words="Words",
                follow_up_name="Name",
                reopen_if="Words",
                left_over={},
                asked_by=by,
                asked_at=world.now,
                policy_version="test",
            )
        )
