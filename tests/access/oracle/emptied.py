"""Records without a case in a random world, which are said to be of the same child as one that has one."""

from datetime import datetime
from uuid import UUID

from portal.model import new_id
from portal.records.children.model import Child, ChildLink, ChildRecord, NameKey
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.records.referrals.model import Referral, ReferralChild, ReferralSubject
from portal.records.requests.model import InformationRequest
from portal.vocabulary import ReferralState
from tests.access.oracle.world import World


def empty(world: World) -> None:
    """Three for a child of each kind, the second by way of the first, the third of another child after all;
    each with an episode, a question of a form to a team, and a form that was matched to it. It comes last:
    nothing else is another by it.
    """
    closest = {one.child_id: one.sensitivity for one in sorted(world.cases, key=lambda one: one.sensitivity)}
    kinds = [[child_id for child_id, held in closest.items() if held == kind] for kind in (0, 1, 2)]
    for child_id in (one for of_kind in kinds for one in of_kind[:2]):
        first = _add(world, child_id)
        _add(world, first)
        _add(world, child_id, unlinked_at=world.now)


def _add(world: World, same_as: UUID, *, unlinked_at: datetime | None = None) -> UUID:
    by = next(one for one in world.users if one.agency_id == world.agencies[5].id)
    child = Child(
        id=new_id(),
        reference=world.reference("CHD"),
        given_name="Quillemptied",
        family_name="Fictional",
        dob_is_estimate=False,
    )
    world.add(
        child,
        ChildRecord(child_id=child.id, disabilities=[]),
        NameKey(child_id=child.id, key="t:same", from_alias=False),
        ChildLink(
            id=new_id(),
            child_a=child.id,
            child_b=same_as,
            reason="Same",
            linked_by=world.coordinators[0].id,
            unlinked_at=unlinked_at,
        ),
        MissingEpisode(
            id=new_id(),
            reference=world.reference("MIS"),
            child_id=child.id,
            reported_name="Name",
            status="missing",
            missing_since=world.now,
            reported_at=world.now,
            reported_by="Words",
            recorded_by=by.id,
            recorded_agency_id=by.agency_id,
            recorded_at=world.now,
            policy_version="test",
        ),
        InformationRequest(
            id=new_id(),
            reference=world.reference("REQ"),
            referral_id=world.referrals[0].id,
            child_id=child.id,
            asked_agency_id=world.agencies[3].id,
            asked_team_id=next(one.id for one in world.teams if one.agency_id == world.agencies[3].id),
            asked_by=world.coordinators[0].id,
            asked_at=world.now,
            question="Q",
            why="W",
            due_at=world.now,
        ),
    )
    _match(world, child.id, by)
    return child.id


def _match(world: World, child_id: UUID, by: User) -> None:
    """A form that somebody sent was found to be about it."""
    referral = Referral(
        id=new_id(),
        reference=world.reference("REF"),
        state=ReferralState.IN_TRIAGE,
        author_id=by.id,
        author_agency_id=by.agency_id,
        saved_at=world.now,
        concerns_colleague=False,
        types=[],
        policy_version="test",
    )
    subject = ReferralSubject(
        id=new_id(), referral_id=referral.id, position=0, kind="child", label="A", details={}
    )
    found = ReferralChild(
        subject_id=subject.id, referral_id=referral.id, child_id=child_id, matched_at=world.now
    )
    world.add(referral, subject, found)
