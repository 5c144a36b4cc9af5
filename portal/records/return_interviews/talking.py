"""Holding a return interview, and writing down what the child said.

It counts only when whoever held it does not care for the child. The duty of each episode that it covers is
met at the time of the talk, however much later that is recorded; a late one carries its reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.access.permissions import Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, Versions, require_text
from portal.changes.versions import count_change, lock, lock_row
from portal.deadlines.model import Deadline
from portal.deadlines.rules import is_overdue
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.messages.telling import heard_of, tell
from portal.messages.vocabulary import Ground
from portal.records.missing.model import MissingEpisode
from portal.records.return_interviews import beginning
from portal.records.return_interviews.beginning import covered_by, facts_of, record
from portal.records.return_interviews.model import ReturnChange, ReturnInterview
from portal.records.return_interviews.offering import (
    OTHER,
    check_offer,
    check_past,
    declined_because,
    tell_of_given_away,
)
from portal.records.return_interviews.rules import TALK_FACTS, CameOfIt, InterviewHeld, Late, outcome_of
from portal.records.return_interviews.vocabulary import (
    COMPLETED,
    CORRECTED,
    SHARED,
    InterviewOffer,
    InterviewOutcome,
)

#: What is written beside the answers of the policy, under a code of its own.
CARER = "carer_information"
_IN_HISTORY = "answers."


def hold_interview(
    *,
    actor: Principal,
    interview: ReturnInterview,
    talk: InterviewHeld,
    late: Late | None = None,
    version: int,
) -> None:
    """Record that the interview was held. Until it is completed that can be corrected.

    Raises:
        Forbidden: see permission `interview:record`.
        Conflict: somebody changed it meanwhile.
        DomainError: it was not offered, was held by somebody who cares for the child or before the child was
            back, or has to say why it was late; `field` says what.
    """
    beginning.work_on(actor, interview, version)
    if interview.offered != InterviewOffer.YES:
        raise DomainError("Record first that the interview was offered")
    check_talk(talk)
    episodes = beginning.covered_by(interview)
    if talk.at is not None:
        check_back(episodes, talk.at, "clock_time")
    count_change(interview, **columns_of(talk))
    if talk.at is not None:
        meet_duties(interview, episodes, talk.at, late)
    beginning.record(interview, "interview:hold", alone=interview.seen_alone, episodes=len(episodes))
    tell_of_given_away(actor=actor, interview=interview)


def columns_of(talk: InterviewHeld) -> dict[str, Any]:
    """What an interview says once a talk was held."""
    return {
        "accepted": True,
        "declined_reason": "",
        "done_at": talk.at,
        "place": talk.place.strip(),
        "interviewer": talk.interviewer.strip(),
        "independent": True,
        "independent_words": talk.independent_words.strip(),
        **{fact.name: talk.known.get(fact.name) for fact in TALK_FACTS},
    }


def cover_more(
    *,
    actor: Principal,
    interview: ReturnInterview,
    episodes: Sequence[MissingEpisode],
    late: Late | None = None,
    version: int,
) -> None:
    """Let an interview that is not completed cover more episodes of the child. Where it was held, their
    duties are met by it too.

    Raises:
        Forbidden: see permission `interview:record`.
        Conflict: somebody changed it meanwhile.
        DomainError: it is completed, one of the episodes cannot be covered, or it has to be said why it was
            late.
    """
    beginning.work_on(actor, interview, version)
    beginning.check_episodes(interview.child_id, episodes)
    beginning.cover(interview, episodes)
    if interview.done_at is not None:
        check_back(episodes, interview.done_at, "episodes")
        meet_duties(interview, episodes, interview.done_at, late)
    count_change(interview)
    beginning.record(interview, "interview:cover", episodes=len(episodes))


def meet_duties(
    interview: ReturnInterview, episodes: Iterable[MissingEpisode], at: datetime, late: Late | None
) -> None:
    """The duty of each episode is met at a time, or late with the reason that was given, now or before.

    Raises:
        DomainError: one is late, and nobody said why.
    """
    duties = duties_of(episodes)
    reason = _late_reason(interview, late)
    if reason is None and any(is_overdue(one.original_due_at, at) and not one.late_reason for one in duties):
        raise DomainError("This was later than the time that the policy gives. Say why", field="late_reason")
    for one in duties:
        one.state, one.ended_at = DeadlineState.DONE, at
        one.late_reason = (reason or one.late_reason) if is_overdue(one.original_due_at, at) else None
    db.session.flush()


def duties_of(episodes: Iterable[MissingEpisode]) -> list[Deadline]:
    """The duties of some episodes that are open, or were met: a correction of the time meets them anew."""
    return list(
        db.session.scalars(
            select(Deadline)
            .where(
                Deadline.subject_kind == MissingEpisode.__tablename__,
                Deadline.subject_id.in_([one.id for one in episodes]),
                Deadline.kind == DeadlineKind.RETURN_INTERVIEW,
                Deadline.state.in_((DeadlineState.OPEN, DeadlineState.DONE)),
            )
            .order_by(Deadline.due_at)
        )
    )


def save_words(*, actor: Principal, interview: ReturnInterview, words: Mapping[str, str], seen: int) -> int:
    """Save what the actor changed since the version `seen`: what the child said, and what a carer did.

    What was completed can be corrected too: what it said before stays to be read.

    Args:
        words: every part of the form as it was sent, by code of policy `return_interview.fields`, and
            `carer_information`.

    Returns:
        the version that the interview has now.

    Raises:
        Forbidden: see permission `interview:record`.
        Conflict: somebody else changed the same part meanwhile; carries both, by code. Nothing is saved.
    """
    require(actor, "interview:record", beginning.facts_of(actor, interview))
    lock_row(interview)
    known = {*beginning.rules_of(interview).fields.codes, CARER}
    now, before = words_now(interview), words_at(interview, seen)
    changed = {
        code: said.strip()
        for code, said in words.items()
        if code in known and said.strip() != before.get(code, "") and said.strip() != now.get(code, "")
    }
    met = {code: now.get(code, "") for code in changed if now.get(code, "") != before.get(code, "")}
    if met:
        raise Conflict(
            "Somebody else wrote in the same part while you were typing. Look at both and save again",
            Versions(theirs=met, mine={code: changed[code] for code in met}),
        )
    if changed:
        answers = interview.answers | {code: said for code, said in changed.items() if code != CARER}
        interview.answers = {code: said for code, said in answers.items() if said}
        interview.carer_information = changed.get(CARER, interview.carer_information)
        count_change(interview)
        tell_of_given_away(actor=actor, interview=interview)
        if interview.completed_at is not None:
            beginning.record(interview, "interview:correct", parts=sorted(changed))
            tell_of_correction(actor, interview)
    return int(interview.version)


def tell_of_correction(actor: Principal, interview: ReturnInterview) -> None:
    """Tell whoever was told of it, once a day: what is typed is saved again and again."""
    about = beginning.about(interview)
    given, once = {Ground.HEARD_BEFORE: heard_of(COMPLETED, SHARED, about=about)}, str(clock.today())
    tell(actor=actor, event=CORRECTED, about=about, given=given, once=once)


def words_now(interview: ReturnInterview) -> dict[str, str]:
    """What an interview says, by code; parts under which nothing stands are left out."""
    found = {str(code): str(said) for code, said in interview.answers.items() if said}
    return found | ({CARER: interview.carer_information} if interview.carer_information else {})


def words_at(interview: ReturnInterview, seen: int) -> dict[str, str]:
    """What it said when it had the version `seen`, from what every change since says of before it."""
    found = words_now(interview)
    later = (
        select(ReturnChange.before, ReturnChange.after)
        .where(ReturnChange.interview_id == interview.id, ReturnChange.number > seen)
        .order_by(ReturnChange.number.desc())
    )
    for before, after in db.session.execute(later):
        for key in before.keys() | after.keys():
            code = CARER if key == CARER else key.removeprefix(_IN_HISTORY)
            if key == CARER or key.startswith(_IN_HISTORY):
                found[code] = str(before.get(key) or "")
    return found


def check_back(episodes: Iterable[MissingEpisode], at: datetime, field: str) -> None:
    """Go on only with a time at which the child was back.

    Raises:
        DomainError: it is before one of the returns.
    """
    for one in episodes:
        if one.returned_at is not None and at < one.returned_at:
            raise DomainError(f"The child was still missing then ({one.reference})", field=field)


def check_talk(talk: InterviewHeld) -> None:
    """Go on only with a talk that counts: it is past, and was held by somebody who is independent.

    Raises:
        DomainError: it does not; `field` says why.
    """
    check_past(talk.at, "clock_time")
    require_text(talk.interviewer, "Enter who talked to the child", field="interviewer")
    if not talk.independent:
        raise DomainError(
            "A return interview is held by somebody who does not care for the child. Record what was said as"
            " an attempt, and let somebody else talk to the child",
            field="independent",
        )
    require_text(talk.independent_words, "Say how they are independent", field="independent_words")


def _late_reason(interview: ReturnInterview, late: Late | None) -> str | None:
    if late is None or not late.reason:
        return None
    chosen = beginning.rules_of(interview).late_reasons.get(late.reason)
    if chosen is None:
        raise DomainError("Choose why it was late", field="late_reason")
    if late.reason == OTHER and not late.words.strip():
        raise DomainError("Say why it was late", field="late_words")
    return ". ".join(filter(None, (chosen.label, late.words.strip())))


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
    tell_of_given_away(actor=actor, interview=interview)


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
