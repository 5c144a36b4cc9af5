"""What is said of a linked process: a step, a note, its reference, who sees to it, and how it ended."""

from datetime import datetime

from sqlalchemy import select

from portal import clock
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, require_text
from portal.changes.versions import count_change, lock
from portal.deadlines.changes import cancel_deadline
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.messages.telling import tell
from portal.messages.vocabulary import Ground
from portal.policy import Size, current_policy
from portal.records.cases.model import Case
from portal.records.linked_processes.beginning import (
    LedCase,
    case_facts,
    sees_to,
)
from portal.records.linked_processes.facts import about_process
from portal.records.linked_processes.history import (
    check_owner,
    owner_columns,
    record,
    refuse_held,
    write_note,
    write_reference,
)
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.policy import LinkedProcesses
from portal.records.linked_processes.vocabulary import (
    GIVEN,
    LinkedNoteKind,
    LinkedState,
    LinkedStepState,
)
from portal.records.people.model import Team, User


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


def add_note(*, actor: Principal, process: LinkedProcess, words: str) -> None:
    """Write how a process goes. Everybody who works on the case reads it.

    Raises:
        DomainError: there are no words.
    """
    require(actor, "linked:note")
    text = require_text(words, "Write how it goes", field="words", size=Size.NOTE)
    refuse_held(actor, process.case_id, text)
    write_note(actor=actor, process=process, kind=LinkedNoteKind.NOTE, words=text)
    record(process, "linked:note")


def set_reference(*, actor: Principal, process: LinkedProcess, reference: str, version: int) -> None:
    """Say the reference in the other service; what it was before stays in the history.

    Raises:
        Forbidden, Conflict: as for `take_step`.
        DomainError: there is none.
    """
    require_to_step(actor, process)
    hold(process, version, "Reference")
    reference = require_text(reference, "Write the reference", field="their_reference", size=Size.NOTE)
    write_reference(actor, process, reference)
    count_change(process)
    record(process, "linked:reference")


def hand_over(
    *, actor: Principal, process: LinkedProcess, owner: User | Team, reason: str, version: int
) -> None:
    """Somebody else sees to a process from now on, and to everything that is owed on it.

    Raises:
        Forbidden, Conflict: as for `take_step`.
        DomainError: it is a personal duty, there is no reason, or they cannot see to it.
    """
    require_to_step(actor, process)
    if process.personal:
        raise DomainError("This duty is personal. It cannot be handed over")
    hold(process, version, "Who sees to it")
    words = require_text(reason, "Say why somebody else sees to it", field="words", size=Size.NOTE)
    refuse_held(actor, process.case_id, words)
    check_owner(db.session.get_one(Case, process.case_id), owner)
    given = {Ground.OWNER_BEFORE: sees_to(process)}
    give_to(process=process, owner=owner)
    write_note(actor=actor, process=process, kind=LinkedNoteKind.OWNER, words=words, after=owner.name)
    count_change(process)
    record(process, "linked:hand_over")
    tell(actor=actor, event=GIVEN, about=about_process(process), given=given, once=str(process.version))


def give_to(*, process: LinkedProcess, owner: User | Team) -> None:
    """Write who sees to a process, with its clocks."""
    for name, value in owner_columns(owner).items():
        setattr(process, name, value)
    for step in open_steps(process):
        step.owner_agency_id = owner.agency_id
        if deadline := clock_of(step):
            deadline.owner_id, deadline.owner_team_id = process.owner_id, process.owner_team_id
            deadline.owner_agency_id = None
    db.session.flush()
