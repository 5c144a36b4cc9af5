"""Holding a linked process to say something of it: who may, what is owed on it, and whether a time fits."""

from datetime import datetime

from sqlalchemy import select

from portal import clock
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound
from portal.changes.versions import lock
from portal.deadlines.changes import cancel_deadline
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.linked_processes.beginning import LedCase, case_facts
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.policy import LinkedKind, LinkedProcesses
from portal.records.linked_processes.vocabulary import LinkedState, LinkedStepState


def require_to_step(actor: Principal, process: LinkedProcess) -> None:
    """Go on only if the actor may say how a process goes.

    Raises:
        Forbidden: they may not.
    """
    if process.personal:
        require(actor, "linked:personal", Facts(owner=process.owner_id == actor.user_id))
    else:
        case = db.session.get_one(Case, process.case_id)
        require(actor, "linked:step", step_facts(actor, process, case))


def step_facts(actor: Principal, process: LinkedProcess, case: LedCase) -> Facts:
    """What decides who says how a process goes."""
    rule = current_policy().of(LinkedProcesses).processes.get(process.kind)
    ours = process.owner_agency_id == actor.agency_id or (rule is not None and actor.sector in rule.keepers)
    return case_facts(actor, case, own_agency=ours, owner=process.owner_id == actor.user_id)


def open_steps(process: LinkedProcess) -> list[LinkedStep]:
    """What is still owed on a process, the earliest first."""
    found = select(LinkedStep).filter_by(process_id=process.id, state=LinkedStepState.OPEN)
    return list(db.session.scalars(found.order_by(LinkedStep.due_at, LinkedStep.id)))


def hold(process: LinkedProcess, version: int, mine: str) -> None:
    """Hold a process, so that one step follows the other.

    Raises:
        Conflict: somebody changed it since `version`.
        DomainError: it has ended.
    """
    lock(process, version, lambda now: {"State": LinkedState(now.state).label}, mine={"State": mine})
    if process.state != LinkedState.RUNNING:
        raise DomainError("This has ended already")


def of_process(process: LinkedProcess, step: LinkedStep) -> None:
    """Go on only with a step of this very process that is still owed.

    Raises:
        NotFound, DomainError: it is not.
    """
    if step.process_id != process.id:
        raise NotFound("There is no such step")
    if step.state != LinkedStepState.OPEN:
        raise DomainError("This was recorded already")


def cancel_steps(actor: Principal, process: LinkedProcess, words: str) -> None:
    """Nothing is owed on a process any more."""
    for step in open_steps(process):
        drop(actor, step, words)


def drop(actor: Principal, step: LinkedStep, words: str) -> None:
    """A step is not needed, and counts as neither in time nor late."""
    step.state, step.words = LinkedStepState.NOT_NEEDED, words
    sign(actor, step)
    if deadline := clock_of(step):
        cancel_deadline(deadline=deadline, reason=words)


def sign(actor: Principal, step: LinkedStep) -> None:
    """Write who recorded a step, and when."""
    step.recorded_by, step.recorded_agency_id = actor.user_id, actor.agency_id
    step.recorded_at = clock.now()
    db.session.flush()


def clock_of(step: LinkedStep) -> Deadline | None:
    """The clock of a step, while it runs."""
    deadline = db.session.get(Deadline, step.deadline_id) if step.deadline_id else None
    return deadline if deadline is not None and deadline.state == DeadlineState.OPEN else None


def check_moment(process: LinkedProcess, moment: datetime, field: str) -> None:
    """A moment lies between the day on which the process began and now.

    Raises:
        DomainError: it does not.
    """
    if moment > clock.now():
        raise DomainError("This cannot be in the future", field=field)
    if clock.local(moment).date() < clock.local(process.started_at).date():
        raise DomainError("This cannot be before it began", field=field)


def check_outcome(rule: LinkedKind, outcome: str | None) -> None:
    """An outcome is one of those of the kind.

    Raises:
        DomainError: it is not.
    """
    if outcome not in {one.code for one in rule.outcomes.offered}:
        raise DomainError("Choose how it ended", field="outcome")
