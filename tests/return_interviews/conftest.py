"""What the tests of return interviews share: a child who is back, and steps on an interview."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.records.return_interviews.beginning import begin_interview, owe_interview
from portal.records.return_interviews.model import ReturnInterview
from portal.records.return_interviews.offering import answer_offer, offer_interview
from portal.records.return_interviews.rules import InterviewHeld, Late
from portal.records.return_interviews.talking import hold_interview
from portal.records.return_interviews.vocabulary import InterviewOffer
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.interviews import make_return

Acting = Callable[[User], AbstractContextManager[Principal]]


@pytest.fixture
def child(rows: Session) -> Child:
    return make_child(rows, "Quillon", "Marrowby")


@pytest.fixture
def case(rows: Session, cast: Cast, child: Child) -> Case:
    """Social care leads, the police work on it."""
    found = make_case(
        rows,
        child,
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, found, cast.police_team, by=cast.coordinator)
    involve(rows, found, cast.social_care_team, by=cast.coordinator)
    return found


@pytest.fixture
def episode(rows: Session, cast: Cast, case: Case, child: Child, acting: Acting) -> MissingEpisode:
    """The child came back five hours ago; the interview is owed."""
    found = make_return(
        rows,
        child,
        cast.officer,
        recorded_team_id=cast.police_team.id,
        returned_at=clock.now() - timedelta(hours=5),
    )
    owes(acting, cast.officer, found)
    return found


def owes(acting: Acting, person: User, episode: MissingEpisode) -> None:
    """Somebody records the return of an episode."""
    with acting(person):
        owe_interview(episode=db.session.get_one(MissingEpisode, episode.id))


def begun(acting: Acting, person: User, *episodes: MissingEpisode) -> ReturnInterview:
    """Somebody begins an interview on some returns of a child."""
    with acting(person) as actor:
        found = begin_interview(
            actor=actor,
            child=db.session.get_one(Child, episodes[0].child_id),
            episodes=[db.session.get_one(MissingEpisode, one.id) for one in episodes],
        )
        db.session.flush()
        db.session.expunge(found)
    return found


def steps(
    acting: Acting, person: User, interview: ReturnInterview, step: Callable[..., Any], **said: Any
) -> None:
    """Somebody takes a step on an interview, having seen it as it stands."""
    with acting(person) as actor:
        record = db.session.get_one(ReturnInterview, interview.id)
        step(actor=actor, interview=record, **({"version": record.version} | said))


def offered(
    acting: Acting, person: User, interview: ReturnInterview, *, accepted: bool | None = True
) -> None:
    """Somebody offers it an hour after the return, and the child answers or does not."""
    said = {"offered": InterviewOffer.YES, "by": "Wren Asker", "how": "phone"}
    steps(acting, person, interview, offer_interview, at=clock.now() - timedelta(hours=1), **said)
    if accepted is not None:
        reason = {} if accepted else {"reason": "no_wish", "words": "Leave me be"}
        steps(acting, person, interview, answer_offer, accepted=accepted, **reason)


def talk(**changes: Any) -> InterviewHeld:
    """A talk that was held just now by somebody independent."""
    said: dict[str, Any] = {
        "at": clock.now(),
        "interviewer": "Ines Hollowell, youth worker",
        "independent": True,
        "independent_words": "From another service",
        "place": "At school",
        "known": {"seen_alone": True, "limits_told": True},
    }
    return InterviewHeld(**(said | changes))


def held(
    acting: Acting, person: User, interview: ReturnInterview, *, late: Late | None = None, **changes: Any
) -> None:
    """Somebody records that it was held."""
    steps(acting, person, interview, hold_interview, talk=talk(**changes), late=late)


def kept(rows: Session, interview: ReturnInterview) -> ReturnInterview:
    """The interview as it is in the database now."""
    rows.rollback()
    rows.expire_all()
    return rows.get_one(ReturnInterview, interview.id)


def duties(rows: Session, *episodes: MissingEpisode) -> list[Deadline]:
    """The duties of some episodes, in the order in which they began."""
    rows.rollback()
    rows.expire_all()
    ids = [one.id for one in episodes]
    return list(
        rows.scalars(select(Deadline).where(Deadline.subject_id.in_(ids)).order_by(Deadline.started_at))
    )
