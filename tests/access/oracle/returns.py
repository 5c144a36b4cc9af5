"""Return interviews in a random world. Who reads them: `picture.interview`."""

from portal import models as m
from portal.model import new_id
from tests.access.oracle.content import add_deadline
from tests.access.oracle.world import World


def add_interview(world: World, episode: m.MissingEpisode) -> None:
    """An interview on an episode, with an attempt and with what it said before."""
    by = world.any(world.users)
    team = world.team_of(by) if world.chance(0.8) else None
    interview = m.ReturnInterview(
        id=new_id(),
        reference=world.reference("RHI"),
        child_id=episode.child_id,
        agency_id=by.agency_id,
        team_id=team.id if team else None,
        opened_by=by.id,
        opened_at=world.now,
        policy_version="test",
    )
    world.add(
        interview,
        m.ReturnInterviewEpisode(interview_id=interview.id, episode_id=episode.id, child_id=episode.child_id),
        m.ReturnAttempt(
            id=new_id(),
            interview_id=interview.id,
            child_id=episode.child_id,
            at=world.now,
            way="phone",
            made_by=by.id,
            agency_id=by.agency_id,
            written_at=world.now,
        ),
        m.ReturnChange(
            id=new_id(),
            interview_id=interview.id,
            child_id=episode.child_id,
            number=2,
            before={},
            after={},
            changed_by=by.id,
            changed_agency_id=by.agency_id,
            changed_at=world.now,
        ),
    )
    add_deadline(world, "return_interview", interview.id, {"child_id": episode.child_id})
