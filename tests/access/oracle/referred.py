"""Forms of a random world: drafts, what they are about, and what the hub does with them."""

from collections.abc import Sequence

from portal.model import new_id
from portal.records.people.model import User
from portal.records.referrals.model import (
    DraftOpening,
    Feedback,
    Referral,
    ReferralChild,
    ReferralColour,
    ReferralHandover,
    ReferralMessage,
    ReferralPresence,
    ReferralReading,
    ReferralSource,
    ReferralSubject,
)
from portal.records.triage.model import IntelligenceReport, SocialCareReferral, TriageDecision
from portal.vocabulary import ReferralState
from tests.access.oracle.content import add_deadline
from tests.access.oracle.world import A_YEAR, World


def make_referral(world: World, state: ReferralState, authors: Sequence[User]) -> Referral:
    """A form in any state, with what the hub and the sender have done about it."""
    author = world.any(authors)
    team = world.team_of(author)
    referral = Referral(
        id=new_id(),
        reference=world.reference("REF"),
        state=state,
        author_id=author.id,
        author_agency_id=world.any((author.agency_id, author.agency_id, world.any(world.agencies).id)),
        author_team_id=team.id if team else None,
        saved_at=world.past(),
        concerns_colleague=world.chance(0.3),
        types=[],
        policy_version="test",
    )
    world.referrals.append(referral)
    world.add(referral)
    world.add(ReferralSource(referral_id=referral.id, text="Source"))
    world.add(ReferralReading(referral_id=referral.id, user_id=author.id, read_at=world.now))
    add_deadline(world, "referral", referral.id, {"referral_id": referral.id})
    if state is ReferralState.DRAFT:
        _open_draft(world, referral)
        return referral
    for n in range(world.dice.randint(1, 2)):
        _add_subject(world, referral, n)
    _add_work(world, referral)
    return referral


def _open_draft(world: World, referral: Referral) -> None:
    team = next((t for t in world.teams if t.id == referral.author_team_id), None)
    managers = [team.manager_id] if team and team.manager_id else []
    opener = world.any([*managers, world.any(world.users).id])
    if world.chance(0.8):
        until = world.any((world.past(), world.soon, world.now + A_YEAR))
        world.add(
            DraftOpening(
                id=new_id(),
                referral_id=referral.id,
                manager_id=opener,
                reason="Left",
                opened_at=world.past(),
                until=until,
            )
        )


def _add_subject(world: World, referral: Referral, position: int) -> None:
    subject = ReferralSubject(
        id=new_id(), referral_id=referral.id, position=position, kind="child", label="A", details={}
    )
    world.subjects.append(subject)
    world.add(subject)
    if world.chance(0.6):
        match(world, subject)


def match(world: World, subject: ReferralSubject) -> None:
    """The subject is found to be a known child."""
    world.matched.append(subject.id)
    world.add(
        ReferralChild(
            subject_id=subject.id,
            referral_id=subject.referral_id,
            child_id=world.any(world.children).id,
            matched_at=world.past(),
        )
    )


def _add_work(world: World, referral: Referral) -> None:
    one, other = world.any(world.users).id, world.any(world.users).id
    at = world.past()
    decision = TriageDecision(
        id=new_id(), referral_id=referral.id, outcome="advice", reason="R", decided_by=one, decided_at=at
    )
    front_door = SocialCareReferral(
        id=new_id(),
        referral_id=referral.id,
        decision_id=decision.id,
        authority="derby",
        made_at=at,
        made_by=one,
    )
    world.add(
        ReferralColour(
            id=new_id(),
            referral_id=referral.id,
            colour="red",
            reason="R",
            by_policy=True,
            set_by=one,
            set_at=at,
        ),
        ReferralHandover(id=new_id(), referral_id=referral.id, to_id=one, at=at),
        ReferralPresence(referral_id=referral.id, user_id=one, seen_at=at),
        ReferralMessage(
            id=new_id(), referral_id=referral.id, author_id=other, from_hub=True, text="T", sent_at=at
        ),
        Feedback(id=new_id(), referral_id=referral.id, author_id=one, text="T", given_at=at),
        decision,
        front_door,
        IntelligenceReport(
            id=new_id(),
            reference=world.reference("INT"),
            referral_id=referral.id,
            source_grade="1",
            information_grade="A",
            handling_code="P",
            sanitised_text="T",
            graded_by=one,
            graded_at=at,
        ),
    )
    world.front_doors.append(front_door.id)
    add_deadline(world, "social_care_referral", front_door.id, {"referral_id": referral.id})
