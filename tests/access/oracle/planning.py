"""Plans and actions: who sees them, from the words of the design, and some of them for a random world.

A plan, and what is said in it: full reach. An action: full reach, and its owner (by name, or the team) until
some days after it is done; on a child of a sealed case only whoever reads that case. On a concern whoever
sees it has full reach, and of a restricted one nobody else. What is written on how an action goes has
handling: without full reach its owner reads what their own agency wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row

from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import User
from portal.records.plans.model import Action, ActionNote, ActionStep, Plan, PlanText
from tests.access.oracle import happenings, picture
from tests.access.oracle.content import add_deadline
from tests.access.oracle.world import World

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]
SEALED = 2


def owns(who: Person, action: R) -> bool:
    """The action is theirs to do, and they know the child by it."""
    if not who.sees_cases() or _held_closely(who, action):
        return False
    if action.reach_until is not None and action.reach_until <= who.truth.now:
        return False
    if action.owner_id is not None:
        return bool(action.owner_id == who.id and action.owner_agency_id == who.agency_id)
    return action.owner_team_id in who.teams


def _held_closely(who: Person, action: R) -> bool:
    if action.concern_id is not None:
        return bool(who.truth.one("concern", action.concern_id).sensitivity)
    return who.held(action.child_id) == SEALED


def subject(who: Person, action: R) -> bool:
    """Full reach on what it is on."""
    if action.concern_id is not None:
        return picture.concern(who, who.truth.one("concern", action.concern_id))
    return bool(who.full(action.case_id))


def action(who: Person, row: R) -> bool:
    return subject(who, row) or owns(who, row)


def note(who: Person, row: R) -> bool:
    of = who.truth.one("action", row.action_id)
    if not action(who, of):
        return False
    own = who.user is not None and row.agency_id == who.agency_id
    return own or (who.handled(row) and subject(who, of))


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """The rule of every table of plans."""
    return {
        "plan": lambda row: who.full(row.case_id),
        "plan_text": lambda row: who.full(row.case_id),
        "action": lambda row: action(who, row),
        "action_step": lambda row: action(who, who.truth.one("action", row.action_id)),
        "action_note": lambda row: note(who, row),
    }


def plan(world: World, case: Case) -> None:
    """A plan with what it says, and actions of people and teams, some of them over."""
    author = world.any(world.users)
    found = Plan(
        id=new_id(),
        reference=world.reference("PLN"),
        case_id=case.id,
        state="running",
        started_by=author.id,
        started_at=world.past(),
        policy_version="test",
    )
    text = PlanText(
        id=new_id(),
        plan_id=found.id,
        case_id=case.id,
        kind="goal",
        text="Text",
        author_id=author.id,
        agency_id=author.agency_id,
        said_at=world.past(),
    )
    world.add(found, text)
    for _ in range(4):
        on = {"case_id": case.id, "child_id": case.child_id, "plan_id": found.id}
        give(world, on, author, case.lead_agency_id)


def act_on_concerns(world: World) -> None:
    """Two actions on every place and person of concern."""
    for concern in world.rows.query(Concern).order_by(Concern.reference).all():
        for _ in range(2):
            give(world, {"concern_id": concern.id}, world.any(world.users), concern.owner_agency_id)
        happenings.tell(world, "action")


def give(world: World, on: dict[str, UUID], by: User, given_agency: UUID) -> None:
    """An action, with a step and with notes of several people."""
    owner = world.any(world.users)
    team = world.team_of(owner)
    by_name = team is None or world.chance(0.6)
    until = world.end()
    given = Action(
        id=new_id(),
        reference=world.reference("ACT"),
        category="protect",
        what="W",
        measure="M",
        target="child",
        owner_id=owner.id if by_name else None,
        owner_team_id=None if by_name or team is None else team.id,
        owner_agency_id=world.any((owner.agency_id, world.any(world.agencies).id))
        if by_name
        else owner.agency_id,
        priority="normal",
        state="not_needed" if until else "not_started",
        due_on=(world.now + timedelta(days=9)).date(),
        given_by=by.id,
        given_agency_id=given_agency,
        given_at=world.past(),
        reach_until=until,
        policy_version="test",
        **on,
    )
    world.add(given)
    step = ActionStep(
        id=new_id(),
        action_id=given.id,
        case_id=given.case_id,
        kind="started",
        made_by=owner.id,
        made_at=world.past(),
    )
    world.add(step)
    for author in [owner, *world.some(world.users, 3)]:
        written = ActionNote(
            id=new_id(),
            action_id=given.id,
            case_id=given.case_id,
            author_id=author.id,
            agency_id=author.agency_id,
            text="T",
            handling=world.any(tuple(Handling)),
            listed_agencies=world.listed(),
            written_at=world.past(),
        )
        world.add(written)
    duty = {"owner_id": given.owner_id, "owner_team_id": given.owner_team_id}
    links = {"case_id": given.case_id, "concern_id": given.concern_id}
    add_deadline(world, "action", given.id, links, **duty)


def happen_to_actions(world: World) -> None:
    """One action goes to somebody else, or is no longer needed, for longer or not."""
    found = world.any(world.rows.query(Action).order_by(Action.id).all())
    if world.chance(0.5):
        owner = world.any(world.users)
        found.owner_id, found.owner_team_id, found.owner_agency_id = owner.id, None, owner.agency_id
    else:
        found.reach_until = world.any((world.soon, world.now, world.now + timedelta(days=3)))
        if found.state != "not_needed":
            found.state = "not_needed"
