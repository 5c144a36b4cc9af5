"""What came of a completed interview, and when, put right by its agency: how it was stays in its history.

What it says is corrected where it is written (`talking.save_words`); who reads it, in `beginning`.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from portal.access.permissions import Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import count_change, lock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.records.missing.model import MissingEpisode
from portal.records.return_interviews.beginning import covered_by, facts_of, record
from portal.records.return_interviews.model import ReturnInterview
from portal.records.return_interviews.offering import check_offer, declined_because
from portal.records.return_interviews.rules import TALK_FACTS, CameOfIt, outcome_of
from portal.records.return_interviews.talking import (
    check_back,
    check_talk,
    columns_of,
    meet_duties,
    tell_of_correction,
)
from portal.records.return_interviews.vocabulary import InterviewOffer, InterviewOutcome

_NOT_OFFERED = {
    InterviewOutcome.NOT_OFFERED: InterviewOffer.NO,
    InterviewOutcome.NOT_APPLICABLE: InterviewOffer.NOT_APPLICABLE,
}
_NO_OFFER: dict[str, Any] = {"offered_at": None, "offered_by": "", "offered_how": ""}
_NO_TALK: dict[str, Any] = {
    **dict.fromkeys(("done_at", "independent", *(fact.name for fact in TALK_FACTS))),
    **dict.fromkeys(("place", "interviewer", "independent_words"), ""),
}


def put_right(
    *, actor: Principal, interview: ReturnInterview, facts: CameOfIt, reason: str, version: int
) -> None:
    """Put right what came of a completed interview: whether it was held, when and by whom, or why it was not.

    The duty of each return follows: it is met at the time of the talk, or when the interview was completed;
    where none applies, it is no longer owed. Whoever was told of the interview is told of this too.

    Raises:
        Forbidden: another agency holds it.
        Conflict: somebody changed it meanwhile.
        DomainError: it is not completed, nothing changes, or something is missing; `field` says what.
    """
    require(actor, "interview:record", facts_of(actor, interview))
    if interview.agency_id != actor.agency_id:
        raise Forbidden("The agency that holds a return interview puts right what came of it.")
    mine = {"What came of it": facts.outcome.label}
    lock(interview, version, _came_of_it, first=_refuse_open, mine=mine)
    reason = require_text(reason, "Say what was wrong", field="reason")
    episodes, before = covered_by(interview), outcome_of(interview)
    columns = _columns(interview, facts, episodes)
    if all(getattr(interview, name) == value for name, value in columns.items()):
        raise DomainError("Change what was wrong", field="reason")
    count_change(interview, **columns, corrected_because=reason)
    _follow(interview, facts, episodes)
    record(interview, "interview:put_right", was=before.value, outcome=facts.outcome.value)
    tell_of_correction(actor, interview)


def _refuse_open(interview: ReturnInterview) -> None:
    if interview.completed_at is None:
        raise DomainError("This interview is not completed yet. Record what came of it by its own steps")


def _came_of_it(interview: ReturnInterview) -> dict[str, str]:
    return {"What came of it": outcome_of(interview).label}


def _columns(
    interview: ReturnInterview, facts: CameOfIt, episodes: Iterable[MissingEpisode]
) -> dict[str, Any]:
    """What the interview says from now on; what belongs to another outcome goes into its history.

    Raises:
        DomainError: what has to be said is missing.
    """
    if offered := _NOT_OFFERED.get(facts.outcome):
        why_not = require_text(facts.why_not, "Say why it was not offered", field="why_not")
        return {"offered": offered, "accepted": None, "declined_reason": why_not, **_NO_OFFER, **_NO_TALK}
    check_offer(interview, facts.offered_at, facts.offered_by, facts.offered_how, field="offered_time")
    offer = {
        "offered": InterviewOffer.YES,
        "offered_at": facts.offered_at,
        "offered_by": facts.offered_by.strip(),
        "offered_how": facts.offered_how,
    }
    if facts.outcome is InterviewOutcome.DECLINED:
        because = declined_because(interview, facts.declined, facts.words)
        return {**offer, "accepted": False, "declined_reason": because, **_NO_TALK}
    if facts.talk is None or facts.talk.at is None:
        raise DomainError("Enter the day and the time", field="clock_time")
    check_talk(facts.talk)
    check_back(episodes, facts.talk.at, "clock_time")
    return {**offer, **columns_of(facts.talk)}


def _follow(interview: ReturnInterview, facts: CameOfIt, episodes: list[MissingEpisode]) -> None:
    """The duty of each return says what the interview says now."""
    if facts.outcome is InterviewOutcome.NOT_APPLICABLE:
        for duty in _duties(episodes, DeadlineState.OPEN, DeadlineState.DONE):
            duty.state, duty.move_reason, duty.late_reason = (
                DeadlineState.CANCELLED,
                facts.why_not.strip(),
                None,
            )
        return
    for duty in _duties(episodes, DeadlineState.CANCELLED):
        duty.state, duty.move_reason = DeadlineState.DONE, None
    met = interview.done_at or interview.completed_at
    if met is not None:
        meet_duties(interview, episodes, met, facts.late)


def _duties(episodes: Iterable[MissingEpisode], *states: DeadlineState) -> list[Deadline]:
    """The duties of the returns that it is about, in some states; none of an earlier time of a return."""
    returns = {one.id: one.returned_at for one in episodes}
    found = db.session.scalars(
        select(Deadline).where(
            Deadline.subject_kind == MissingEpisode.__tablename__,
            Deadline.subject_id.in_(returns),
            Deadline.kind == DeadlineKind.RETURN_INTERVIEW,
            Deadline.state.in_(states),
        )
    )
    return [one for one in found if one.started_at == returns[one.subject_id]]
