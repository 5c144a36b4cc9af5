"""What becomes of a question that is not answered: more time for it, or it is withdrawn."""

from datetime import datetime

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.requests.model import InformationRequest
from portal.services.deadlines import cancel_deadlines, move_deadline, open_deadlines
from portal.services.errors import DomainError
from portal.services.versions import lock_row
from portal.vocabulary.deadlines import DeadlineKind

SEALED = "The case was sealed: people are asked by name"


def withdraw(*, actor: Principal, request: InformationRequest, reason: str) -> None:
    """Take a question back: nothing is owed any more, and the team loses sight of the child with it.

    Raises:
        Forbidden: the actor did not ask it and is neither a coordinator nor the lead professional.
        DomainError: there is no reason, or the question is answered.
    """
    _hold(actor, request)
    if request.withdrawn_at is not None and request.withdrawn_reason == reason.strip():
        return
    if request.withdrawn_at is not None:
        raise DomainError("Somebody has just withdrawn this question")
    if not reason.strip():
        raise DomainError("Say why it is withdrawn", field="reason")
    _refuse_answered(request)
    take_back(request=request, reason=reason.strip())


def give_more_time(*, actor: Principal, request: InformationRequest, due_at: datetime, reason: str) -> None:
    """Move the date on, with a reason. The first date stays on record; reminders follow the new one.

    Raises:
        Forbidden: as for `withdraw`.
        DomainError: there is no reason, the date is not later, or nothing is owed any more.
    """
    _hold(actor, request)
    if request.withdrawn_at is not None:
        raise DomainError("This question was withdrawn")
    _refuse_answered(request)
    if due_at <= max(request.due_at, clock.now()):
        raise DomainError("Choose a date later than the one now", field="due_on")
    if not reason.strip():
        raise DomainError("Say why there is more time", field="reason")
    move_date(request=request, due_at=due_at, reason=reason)


def move_date(*, request: InformationRequest, due_at: datetime, reason: str) -> None:
    """Move the date of a question that waits, whoever may; the first date stays on record."""
    for deadline in open_deadlines(subject=request, kind=DeadlineKind.INFORMATION_REQUEST):
        move_deadline(deadline=deadline, due_at=due_at, reason=reason)
    request.due_at = due_at
    db.session.flush()
    _record(request, "request:give_time")


def withdraw_from_teams(*, case: Case) -> None:
    """A case is about to be sealed: from then on people are asked by name, and teams lose sight of it."""
    waiting = select(InformationRequest).where(
        InformationRequest.child_id == case.child_id,
        InformationRequest.asked_team_id.is_not(None),
        InformationRequest.answered_at.is_(None),
        InformationRequest.withdrawn_at.is_(None),
    )
    for request in db.session.scalars(waiting):
        take_back(request=request, reason=SEALED)


def take_back(*, request: InformationRequest, reason: str) -> None:
    """Withdraw a question that waits, whoever may: it is owed no more, and its team no longer sees it."""
    # Whoever was asked still sees that they owed something, and no longer what: the reason is not for them
    cancel_deadlines(subject=request, kind=DeadlineKind.INFORMATION_REQUEST, reason="Withdrawn")
    request.withdrawn_at = clock.now()
    request.withdrawn_reason = reason
    db.session.flush()
    _record(request, "request:withdraw")


def changing_facts(*, actor: Principal, request: InformationRequest) -> Facts:
    """What decides whether somebody may withdraw a question, or give more time for it."""
    case = db.session.get(Case, request.case_id) if request.case_id else None
    return Facts(
        owner=request.asked_by == actor.user_id,
        lead_professional=case is not None and case.lead_professional_id == actor.user_id,
    )


def _hold(actor: Principal, request: InformationRequest) -> None:
    require(actor, "request:withdraw", changing_facts(actor=actor, request=request))
    lock_row(request)


def _refuse_answered(request: InformationRequest) -> None:
    if request.answered_at is not None:
        raise DomainError("This question is answered")


def _record(request: InformationRequest, action: str) -> None:
    audit.record(
        action,
        subject_kind="information_request",
        subject_id=request.id,
        child_id=request.child_id,
        case_id=request.case_id,
    )
