"""Return interviews in a random world. Who reads them: `picture.interview`."""

from portal.model import new_id
from portal.records.missing.model import MissingEpisode
from portal.records.return_interviews.model import (
    ReturnAttempt,
    ReturnChange,
    ReturnInterview,
    ReturnInterviewEpisode,
)
from tests.access.oracle.content import HANDLINGS, add_deadline
from tests.access.oracle.world import World


def add_interview(world: World, episode: MissingEpisode) -> None:
    """An interview on an episode, with an attempt and with what it said before. No dice say who reads it."""
    by = world.any(world.users)
    team = world.team_of(by) if world.chance(0.8) else None
    interview = ReturnInterview(
        id=new_id(),
        reference=world.reference("RHI"),
        child_id=episode.child_id,
        agency_id=by.agency_id,
        team_id=team.id if team else None,
        opened_by=by.id,
        opened_at=world.now,
        handling=HANDLINGS[(before := world.rows.query(ReturnInterview).count()) % len(HANDLINGS)],
        listed_agencies=[world.agencies[(before + step) % len(world.agencies)].id for step in (1, 2)],
        policy_version="test",
    )
    world.add(
        interview,
        ReturnInterviewEpisode(interview_id=interview.id, episode_id=episode.id, child_id=episode.child_id),
        ReturnAttempt(
            id=new_id(),
            interview_id=interview.id,
            child_id=episode.child_id,
            at=world.now,
            way="phone",
            made_by=by.id,
            agency_id=by.agency_id,
            written_at=world.now,
        ),
        ReturnChange(
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
