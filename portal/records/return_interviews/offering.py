"""Offering a child a return interview, what they answered, and every attempt to reach them."""

from datetime import datetime

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes import errors
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import count_change, insert_now, lock_row
from portal.extensions import db
from portal.messages.telling import About, tell
from portal.messages.unseen import Unseen
from portal.records.missing.model import SAID_IN_INTERVIEW
from portal.records.missing.vocabulary import GIVES_AWAY
from portal.records.return_interviews.beginning import (
    covered_by,
    facts_of,
    record,
    refuse_completed,
    rules_of,
    tell_cases,
    work_on,
)
from portal.records.return_interviews.model import ReturnAttempt, ReturnInterview
from portal.records.return_interviews.vocabulary import STEP, InterviewOffer

OTHER = "other"


#: What was typed beside an answer that has no place for it is not lost without a word.
NOT_KEPT = (
    "What they said is kept here only where the child does not want to talk. Take it out, and write it where"
    " the talk is recorded"
)


def offer_interview(
    *,
    actor: Principal,
    interview: ReturnInterview,
    offered: InterviewOffer,
    at: datetime | None = None,
    by: str = "",
    how: str = "",
    why_not: str = "",
    version: int,
) -> None:
    """Record whether the child was offered an interview: when, by whom and how, or why not.

    Args:
        by: the name of whoever offered it.
        how: a code of policy `return_interview.ways`.
        why_not: why it was not offered, or does not apply.

    Raises:
        Forbidden: see permission `interview:record`.
        Conflict: somebody changed it meanwhile.
        DomainError: it was held already, or what has to be said is missing; `field` says what.
    """
    work_on(actor, interview, version)
    if interview.done_at is not None:
        raise DomainError("This interview was held. That it was offered stands")
    is_offered = offered == InterviewOffer.YES
    if is_offered:
        check_offer(interview, at, by, how)
    elif not why_not.strip():
        raise DomainError("Say why it was not offered", field="why_not")
    interview.offered = offered
    interview.offered_at = at if is_offered else None
    interview.offered_by = by.strip() if is_offered else ""
    interview.offered_how = how if is_offered else ""
    interview.accepted = interview.accepted if is_offered else None
    interview.declined_reason = interview.declined_reason if is_offered else why_not.strip()
    _changed(actor, interview, "interview:offer", offered=offered.value)


def answer_offer(
    *,
    actor: Principal,
    interview: ReturnInterview,
    accepted: bool,
    reason: str = "",
    words: str = "",
    version: int,
) -> None:
    """Record whether the child wants to talk. Until the interview is completed they may think again.

    Args:
        reason: for one who does not, a code of policy `return_interview.decline_reasons`.
        words: what they said.

    Raises:
        Forbidden: see permission `interview:record`.
        Conflict: somebody changed it meanwhile.
        DomainError: it was not offered, was held already, or the reason is missing; `field` says what.
    """
    work_on(actor, interview, version)
    if interview.offered != InterviewOffer.YES:
        raise DomainError("Record first that the interview was offered")
    if interview.done_at is not None:
        raise DomainError("This interview was held, so the child accepted it")
    if accepted and words.strip():
        raise DomainError(NOT_KEPT, field="words")
    interview.accepted = accepted
    interview.declined_reason = "" if accepted else declined_because(interview, reason, words)
    _changed(actor, interview, "interview:accept" if accepted else "interview:decline")


def offer_with_answer(
    *,
    actor: Principal,
    interview: ReturnInterview,
    at: datetime,
    by: str,
    how: str,
    accepted: bool | None,
    reason: str = "",
    words: str = "",
    version: int,
) -> None:
    """Record in one step that it was offered, and what the child answered; None for nothing yet.

    Raises:
        Forbidden, Conflict, DomainError: as `offer_interview` and `answer_offer`.
    """
    offered = InterviewOffer.YES
    offer_interview(actor=actor, interview=interview, offered=offered, at=at, by=by, how=how, version=version)
    if accepted is None and words.strip():
        raise DomainError(NOT_KEPT, field="words")
    if accepted is not None:
        answer_offer(
            actor=actor,
            interview=interview,
            accepted=accepted,
            reason=reason,
            words=words,
            version=interview.version,
        )


def add_attempt(
    *, actor: Principal, interview: ReturnInterview, at: datetime, way: str, words: str
) -> ReturnAttempt:
    """Record that somebody tried to reach the child, and how it went. Sending it twice adds it once.

    Args:
        way: a code of policy `return_interview.ways`.

    Raises:
        Forbidden: see permission `interview:record`.
        DomainError: the interview is completed, the time is to come, or words are missing.
    """
    require(actor, "interview:record", facts_of(actor, interview))
    lock_row(interview)
    refuse_completed(interview)
    check_past(at, "clock_time")
    _check_way(interview, way, "way")
    words = require_text(words, "Say how it went", field="words")
    same = {"interview_id": interview.id, "at": at, "way": way, "words": words}
    if sent_before := db.session.query(ReturnAttempt).filter_by(made_by=actor.user_id, **same).first():
        return sent_before
    attempt = ReturnAttempt(
        child_id=interview.child_id,
        made_by=actor.user_id,
        agency_id=actor.agency_id,
        written_at=clock.now(),
        **same,
    )
    insert_now(attempt)
    record(interview, "interview:attempt")
    tell_cases(actor, interview, STEP)
    tell_of_given_away(actor=actor, interview=interview)
    return attempt


def tell_of_given_away(*, actor: Principal, interview: ReturnInterview) -> None:
    """Tell, once of an interview, whoever answers for an alert “do not disclose”, or leads a case of the
    child, that words in it give away what that holds back, of who was not asked. The database looks whether
    they do, and holds them back; no page says anything of it.
    """
    away = {"each": "gives_away", "fields": [SAID_IN_INTERVIEW], "all": False, "enquiries": []}
    for episode in covered_by(interview):
        about = About("missing_episode", episode.id, episode.reference)
        once = f"interview-{interview.id.hex}"
        tell(actor=actor, event=GIVES_AWAY, about=about, once=once, unseen=Unseen("gives_away", away))


def check_past(at: datetime | None, field: str) -> None:
    """Something happened at a time that is not to come.

    Raises:
        DomainError: no time is given, or it is to come.
    """
    if at is None:
        raise DomainError("Enter the day and the time", field=field)
    errors.check_past(at, "The time must be in the past", field=field)


def check_offer(
    interview: ReturnInterview, at: datetime | None, by: str, how: str, field: str = "clock_time"
) -> None:
    """Go on only with an offer that says when, by whom and how.

    Args:
        field: that of its time.

    Raises:
        DomainError: it does not; `field` says what is missing.
    """
    check_past(at, field)
    require_text(by, "Enter who offered it", field="by")
    _check_way(interview, how, "how")


def _check_way(interview: ReturnInterview, way: str, field: str) -> None:
    if way not in rules_of(interview).ways:
        raise DomainError("Choose how", field=field)


def declined_because(interview: ReturnInterview, reason: str, words: str) -> str:
    """Why the child does not want to talk, as it is kept.

    Raises:
        DomainError: no reason was chosen, or words are missing; `field` says what.
    """
    chosen = rules_of(interview).decline_reasons.get(reason)
    if chosen is None:
        raise DomainError("Choose why the child does not want to talk", field="reason")
    if reason == OTHER and not words.strip():
        raise DomainError("Say why", field="words")
    return ". ".join(filter(None, (chosen.label, words.strip())))


def _changed(actor: Principal, interview: ReturnInterview, action: str, **details: str) -> None:
    count_change(interview)
    record(interview, action, **details)
    tell_cases(actor, interview, STEP)
    tell_of_given_away(actor=actor, interview=interview)
