"""How an agency does with return interviews. Every return counts once, also where a talk is about several."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.models.deadlines import Deadline
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team
from portal.records.return_interviews.lists import Whose, owners
from portal.records.return_interviews.model import ReturnInterview, ReturnInterviewEpisode
from portal.records.return_interviews.vocabulary import InterviewOffer
from portal.vocabulary.deadlines import DeadlineKind, DeadlineState


@dataclass(frozen=True)
class Figures:
    """Returns since a day whose interview the agency owes, or owed. One that does not apply is none of them.

    Attributes:
        returns: all of them.
        offered: the child was offered an interview.
        accepted: the child wanted to talk.
        held: somebody who does not care for the child talked to them.
        in_time: held not later than it was first due.
        declined: offered and declined, and completed as such.
        not_offered: completed without an offer.
        overdue: neither held nor completed, and the time is up.
        shared: shared with at least one of police, social care and hub.
    """

    returns: int
    offered: int
    accepted: int
    held: int
    in_time: int
    declined: int
    not_offered: int
    overdue: int
    shared: int


def figures(*, person: Principal, since: datetime) -> Figures:
    """The figures of the person's agency on children who came back since a moment, as far as they may see."""
    return Figures(*db.session.execute(_figures(person, since)).one())


def _figures(person: Principal, since: datetime) -> Select[*tuple[int, ...]]:
    interview, completed = ReturnInterview, ReturnInterview.completed_at.is_not(None)
    ways = (
        interview.offered == InterviewOffer.YES,
        interview.accepted.is_(True),
        interview.done_at.is_not(None),
        interview.done_at <= Deadline.original_due_at,
        interview.accepted.is_(False) & completed,
        (interview.offered == InterviewOffer.NO) & completed,
        (Deadline.state == DeadlineState.OPEN) & (Deadline.due_at < clock.now()),
        interview.shared != {},
    )
    return (
        select(func.count(), *(func.count().filter(way) for way in ways))
        .select_from(Deadline)
        .join(MissingEpisode, MissingEpisode.id == Deadline.subject_id)
        .outerjoin(ReturnInterviewEpisode, ReturnInterviewEpisode.episode_id == MissingEpisode.id)
        .outerjoin(interview, interview.id == ReturnInterviewEpisode.interview_id)
        .outerjoin(Team, Team.id == Deadline.owner_team_id)
        .where(
            Deadline.kind == DeadlineKind.RETURN_INTERVIEW,
            Deadline.subject_kind == MissingEpisode.__tablename__,
            Deadline.state.in_((DeadlineState.OPEN, DeadlineState.DONE)),
            MissingEpisode.withdrawn_at.is_(None),
            MissingEpisode.returned_at >= since,
            *owners(person, Whose.AGENCY),
        )
    )
