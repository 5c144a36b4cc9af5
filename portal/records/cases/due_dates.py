"""When a case's duties are due, changed by a person with a reason. The first date stays."""

from datetime import date, datetime, time
from types import MappingProxyType

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, NotFound, Versions, require_text
from portal.changes.versions import lock_row
from portal.deadlines.changes import move_deadline
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.messages.telling import tell
from portal.pathway.calendar import at_local, end_of_day
from portal.policy import current_policy
from portal.records.cases.facts import about_case
from portal.records.cases.grants import chairs_open_meeting
from portal.records.cases.model import Case
from portal.records.cases.vocabulary import DATE_CHANGED

#: Duties whose date a person may change; whether an hour is part of it.
MOVABLE = MappingProxyType(
    {
        DeadlineKind.MEETING: False,
        DeadlineKind.REVIEW: False,
        DeadlineKind.ASSESSMENT: False,
        DeadlineKind.STRATEGY: True,
    }
)


def change_due_date(
    *,
    actor: Principal,
    case: Case,
    deadline: Deadline,
    on: date,
    at: time | None = None,
    code: str,
    reason: str,
    seen: datetime,
) -> None:
    """Let a duty of a case be due on another day.

    Args:
        at: the hour, for what is counted in hours; everything else is due with the end of the day.
        code: of policy `cases.due_date_reasons`.
        reason: in words.
        seen: when it was due as the actor saw it.

    Raises:
        Forbidden: the actor neither coordinates nor leads the case nor chairs an open meeting on it.
        NotFound: it is no duty of this case whose date can be changed.
        Conflict: somebody else moved it meanwhile.
        DomainError: it is not due any more, the new time is past or the same, or the reason is missing.
    """
    require(actor, "due_date:change", moving_facts(actor, case))
    if not may_move(deadline, case):
        raise NotFound("There is no such duty on this case")
    lock_row(case)
    lock_row(deadline)
    if deadline.due_at != seen:
        raise Conflict(
            "Somebody else changed this date meanwhile. Look at it again",
            Versions(theirs={"Due": clock.local(deadline.due_at)}, mine={"Due": on}),
        )
    if code not in current_policy(case.authority).cases.due_date_reasons:
        raise DomainError("Choose why the date changes", field="code")
    require_text(reason, "Say in a few words why the date changes", field="reason")
    due_at = _when(DeadlineKind(deadline.kind), on, at)
    if due_at <= clock.now():
        raise DomainError("Choose a time that is still to come", field="on")
    if due_at == deadline.due_at:
        raise DomainError("It is due then already. Choose another day", field="on")
    before = deadline.due_at
    move_deadline(actor=actor, deadline=deadline, due_at=due_at, reason=reason, code=code)
    audit.record(
        "due_date:change",
        deadline,
        case=case,
        kind=deadline.kind,
        before=before.isoformat(),
        after=due_at.isoformat(),
        code=code,
    )
    tell(actor=actor, event=DATE_CHANGED, about=about_case(case), once=str(deadline.id))


def may_move(deadline: Deadline, case: Case) -> bool:
    """Whether a duty is one of the case itself whose date a person may change."""
    return (
        deadline.subject_kind == Case.__tablename__
        and deadline.case_id == case.id
        and deadline.kind in MOVABLE
    )


def moving_facts(actor: Principal, case: Case) -> Facts:
    """What decides who changes a due date."""
    return Facts(
        lead_professional=case.lead_professional_id == actor.user_id,
        chairs_open_meeting=chairs_open_meeting(actor=actor, case_id=case.id),
    )


def _when(kind: DeadlineKind, on: date, at: time | None) -> datetime:
    if not MOVABLE[kind]:
        return end_of_day(on)
    if at is None:
        raise DomainError("Enter the time of day", field="at")
    return at_local(on, at)
