"""Missing episodes that ended and return interviews, written straight into the tables."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.records.return_interviews.model import ReturnAttempt, ReturnInterview, ReturnInterviewEpisode


def make_return(
    rows: Session, child: Child, by: User, *, returned_at: datetime | None = None, **facts: Any
) -> MissingEpisode:
    """A child was missing for six hours and is back; `returned_at` is an hour ago unless told otherwise."""
    back = returned_at or clock.now() - timedelta(hours=1)
    values: dict[str, Any] = {"responsible_authority": "derbyshire"} | facts
    found = MissingEpisode(
        id=new_id(),
        reference=new_reference(Prefix.MISSING),
        child_id=child.id,
        reported_name=f"{child.given_name} {child.family_name}",
        status="missing",
        missing_since=back - timedelta(hours=6),
        reported_at=back - timedelta(hours=5),
        reported_by="A carer",
        recorded_by=by.id,
        recorded_agency_id=by.agency_id,
        recorded_at=back - timedelta(hours=5),
        returned_at=back,
        policy_version="test",
        **values,
    )
    rows.add(found)
    rows.commit()
    return found


def make_interview(rows: Session, episodes: list[MissingEpisode], by: User, **facts: Any) -> ReturnInterview:
    """An interview that covers some episodes of one child; nothing is recorded unless told otherwise."""
    values: dict[str, Any] = {"answers": {}, "shared": {}} | facts
    found = ReturnInterview(
        id=new_id(),
        reference=new_reference(Prefix.INTERVIEW),
        child_id=episodes[0].child_id,
        agency_id=by.agency_id,
        opened_by=by.id,
        opened_at=clock.now(),
        policy_version="test",
        **values,
    )
    rows.add(found)
    rows.flush()
    rows.add_all(
        ReturnInterviewEpisode(
            interview_id=found.id, episode_id=one.id, child_id=one.child_id, agency_id=by.agency_id
        )
        for one in episodes
    )
    rows.commit()
    return found


def make_attempt(
    rows: Session, interview: ReturnInterview, by: User, words: str = "No answer"
) -> ReturnAttempt:
    """Somebody tried to reach the child."""
    found = ReturnAttempt(
        id=new_id(),
        interview_id=interview.id,
        child_id=interview.child_id,
        at=clock.now(),
        way="phone",
        words=words,
        made_by=by.id,
        agency_id=by.agency_id,
        written_at=clock.now(),
    )
    rows.add(found)
    rows.commit()
    return found
