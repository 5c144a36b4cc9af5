"""Missing episodes, written past the portal."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode, MissingMatch, MissingPrompt
from portal.records.people.model import Team, User


def make_episode(
    rows: Session,
    child: Child,
    by: User,
    *,
    since: datetime | None = None,
    team: Team | None = None,
    **columns: Any,
) -> MissingEpisode:
    """An episode that somebody recorded; the child is still missing unless told otherwise.

    Args:
        since: from when on; by default some hours ago.
        team: the team that recorded it.
    """
    began = since or clock.now() - timedelta(hours=5)
    said: dict[str, Any] = {
        "reported_name": f"{child.given_name} {child.family_name}",
        "reported_dob": child.dob,
        "status": "missing",
        "reported_by": "The carer",
        "responsible_authority": "derbyshire",
    }
    episode = MissingEpisode(
        id=new_id(),
        reference=new_reference(Prefix.MISSING),
        child_id=child.id,
        missing_since=began,
        reported_at=began + timedelta(minutes=30),
        recorded_by=by.id,
        recorded_agency_id=by.agency_id,
        recorded_team_id=team.id if team else None,
        recorded_at=began + timedelta(minutes=30),
        policy_version="test",
        **(said | columns),
    )
    rows.add(episode)
    rows.commit()
    return episode


def make_prompt(rows: Session, episodes: Sequence[MissingEpisode], **columns: Any) -> MissingPrompt:
    """Episodes of one child that ask for a decision."""
    last = episodes[-1]
    prompt = MissingPrompt(
        id=new_id(),
        child_id=last.child_id,
        episode_ids=[one.id for one in episodes],
        reference=last.reference,
        prompted_at=clock.now(),
        policy_version="test",
        **columns,
    )
    rows.add(prompt)
    rows.commit()
    return prompt


def make_match(rows: Session, episode: MissingEpisode, other: Child) -> MissingMatch:
    """A question whether the child of an episode is another one."""
    match = MissingMatch(
        id=new_id(), episode_id=episode.id, child_id=episode.child_id, other_id=other.id, asked_at=clock.now()
    )
    rows.add(match)
    rows.commit()
    return match
