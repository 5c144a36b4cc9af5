"""Something of concern is looked at again, ends, or is of concern again."""

from datetime import date

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.policy import current_policy
from portal.records.concerns.model import Concern
from portal.records.concerns.policy import Concerns
from portal.records.concerns.records import (
    check_code,
    check_review,
    concern_facts,
    note_change,
    refuse_ended,
    start_review_clock,
    told,
)
from portal.records.concerns.vocabulary import ConcernChangeKind
from portal.records.plans.reading.concern_actions import open_on
from portal.services.deadlines import cancel_deadlines, finish_deadlines
from portal.services.errors import DomainError
from portal.services.limits import check_length
from portal.services.versions import lock, lock_row
from portal.vocabulary.deadlines import DeadlineKind


def review_concern(
    *, actor: Principal, concern: Concern, words: str, review_on: date, risk: str | None, version: int
) -> None:
    """Say that somebody looked and that it still holds, what they found, and when to look again.

    Raises:
        Forbidden: the actor is not of the agency that owns it, and no coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it has ended, the words are missing, or the day is too late.
    """
    require(actor, "concern:keep", concern_facts(actor, concern))
    lock(
        concern,
        version,
        lambda now: {"Look at it again by": now.review_on},
        first=refuse_ended,
        mine={"Look at it again by": review_on},
    )
    if not words.strip():
        raise DomainError("Say what you looked at and what you found", field="words")
    policy = current_policy()
    check_review(review_on, policy)
    check_code(risk, policy.of(Concerns).risks.codes, "risk", "Choose how dangerous it is")
    before = {"review_on": concern.review_on, "risk": concern.risk}
    concern.review_on, concern.risk = review_on, risk or concern.risk
    concern.version += 1
    db.session.flush()
    finish_deadlines(subject=concern, kind=DeadlineKind.CONCERN_REVIEW)
    start_review_clock(concern, policy)
    after = {"review_on": concern.review_on, "risk": concern.risk}
    note_change(
        actor, concern, ConcernChangeKind.REVIEWED, before=told(before), after=told(after), reason=words
    )


def end_concern(*, actor: Principal, concern: Concern, reason: str, version: int) -> None:
    """Say that something is no longer of concern. It stays on record and is found again.

    Raises:
        Forbidden: the actor is not of the agency that owns it, and no coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it has ended, no reason was given, or an action on it is still to do.
    """
    require(actor, "concern:keep", concern_facts(actor, concern))
    lock(
        concern,
        version,
        lambda now: {"Name": now.name, "Look at it again by": now.review_on},
        first=refuse_ended,
        mine={"It is no longer of concern": reason.strip()},
    )
    if not reason.strip():
        raise DomainError("Say why it is no longer of concern", field="words")
    check_length(reason, "words")
    if open_ := open_on(concern_id=concern.id):
        raise DomainError(f"First end what is still to do about it: {', '.join(open_)}", field="words")
    concern.ended_at, concern.ended_by, concern.ended_reason = clock.now(), actor.user_id, reason.strip()
    concern.version += 1
    db.session.flush()
    cancel_deadlines(subject=concern, kind=DeadlineKind.CONCERN_REVIEW, reason=reason.strip())
    note_change(actor, concern, ConcernChangeKind.ENDED, reason=reason)


def reopen_concern(*, actor: Principal, concern: Concern, reason: str, review_on: date) -> None:
    """Something is of concern again.

    Raises:
        Forbidden: the actor is not of the agency that owns it, and no coordinator.
        DomainError: it has not ended, the reason is missing, or the day is too late.
    """
    require(actor, "concern:keep", concern_facts(actor, concern))
    lock_row(concern)
    if concern.ended_at is None:
        raise DomainError("This has not ended")
    if not reason.strip():
        raise DomainError("Say why it is of concern again", field="words")
    policy = current_policy()
    check_review(review_on, policy)
    concern.ended_at = concern.ended_by = concern.ended_reason = None
    concern.review_on = review_on
    concern.version += 1
    db.session.flush()
    start_review_clock(concern, policy)
    note_change(actor, concern, ConcernChangeKind.REOPENED, reason=reason)
