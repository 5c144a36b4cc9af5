"""Whom people of a random world have to tell themselves: of cases, forms and meetings; and who sees that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from portal.model import new_id
from portal.records.by_hand.model import ByHandChange, ToldByHand
from portal.records.meetings.model import Meeting, MeetingCase
from portal.vocabulary import ROLES_THAT_SEE_CASES
from tests.access.oracle import gatherings
from tests.access.oracle.content import add_deadline
from tests.access.oracle.world import World

R = Row[Any]

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person


def owe(world: World) -> None:
    """Somebody has to be told of each case, form, meeting and child of one; every other was put right."""
    hangs_on: list[dict[str, Any]] = [
        *({"case_id": one.id} for one in world.cases),
        *({"referral_id": one.id} for one in world.referrals),
        *({"meeting_id": one.id} for one in world.rows.query(Meeting).order_by(Meeting.id)),
        *(
            {"meeting_id": one.meeting_id, "case_id": one.case_id}
            for one in world.rows.query(MeetingCase).order_by(MeetingCase.meeting_id, MeetingCase.case_id)
        ),
    ]
    chance = world.dice.getstate()  # put back at the end: the rest of the world is as it was without this
    authors = [one for one in world.users if set(one.roles) & ROLES_THAT_SEE_CASES]
    for n, link in enumerate(hangs_on):
        by, owner = world.any(authors), world.any(authors)
        moved = n % 4 == 0  # to another agency since, and somebody else owes it now
        told = ToldByHand(
            id=new_id(),
            reference=world.reference("TBH"),
            key=str(n),
            event="x",
            ground="outside",
            subject_kind="x",
            subject_id=new_id(),
            name="Somebody",
            contact="",
            asked_by=by.id,
            agency_id=world.any(world.agencies).id if moved else by.agency_id,
            created_at=world.past(),
            **link,
        )
        world.add(told)
        add_deadline(world, "told_by_hand", told.id, link, owner_id=(owner if moved else by).id)
        if n % 2:
            continue
        world.add(
            ByHandChange(
                id=new_id(),
                told_id=told.id,
                told_on=world.now.date(),
                way="phone",
                told_by="x",
                recorded_by=by.id,
                recorded_at=world.past(),
                corrected_at=world.past(),
            )
        )
    world.dice.setstate(chance)


def duty(who: Person, row: R) -> bool:
    """Besides its owner: whoever reads the case, triages the form or runs the meeting. Of one child of a
    meeting only who reads that child.
    """
    if row.case_id is not None:
        return who.full(row.case_id)
    if row.referral_id is not None:
        return who.triages(row.referral_id)
    return gatherings.runs(who, row.meeting_id)


def sees(who: Person, row: R) -> bool:
    """Whoever made it happen, while of that agency; whoever sees the duty."""
    if who.user is None:
        return False
    made = row.asked_by == who.id and row.agency_id == who.agency_id
    return made or any(who.deadline(one) for one in who.truth.where("deadline", "subject_id", row.id))


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """The rule of each of its tables."""
    return {
        "told_by_hand": lambda row: sees(who, row),
        "by_hand_change": lambda row: sees(who, who.truth.one("told_by_hand", row.told_id)),
    }
