"""What is said of a linked process: a step, a note, its reference, who sees to it, and how it ended."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from portal import clock
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, check_length, require_text
from portal.changes.versions import count_change, lock
from portal.deadlines.changes import cancel_deadline, finish_deadline, finish_deadlines
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.messages.telling import tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.policy import Size, current_policy
from portal.records.cases.model import Case
from portal.records.linked_processes.beginning import LedCase, case_facts, check_outcome, owe, rule_of
from portal.records.linked_processes.facts import about_process
from portal.records.linked_processes.history import (
    check_owner,
    end_with,
    owner_columns,
    record,
    refuse_held,
    write_note,
    write_reference,
)
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.policy import LinkedKind, LinkedProcesses, LinkedStepRule
from portal.records.linked_processes.rules import OVER, Taken
from portal.records.linked_processes.vocabulary import (
    ENDED,
    GIVEN,
    MISTAKEN,
    STEP,
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
    given = {Ground.OWNER_BEFORE: to_people(process.owner_id) | to_teams(process.owner_team_id)}
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


def end(
    *,
    actor: Principal,
    process: LinkedProcess,
    outcome: str,
    words: str,
    ended_at: datetime,
    version: int,
) -> None:
    """Say how a process ended. What was still owed on it is not needed any more, and the child's status that
    began with it ends.

    Raises:
        Forbidden: as for `take_step`; a status is ended by the agency that said it.
        Conflict: somebody changed it meanwhile.
        DomainError: the outcome or time does not fit, or it is a personal duty, which ends by being done.
    """
    require_to_step(actor, process)
    hold(process, version, "Ended")
    if process.personal:
        raise DomainError("This duty ends when it is done")
    rule = rule_of(process.kind)
    check_outcome(rule, outcome)
    check_moment(process, ended_at, "ended_on")
    check_length(words, "words")
    refuse_held(actor, process.case_id, words)
    finish(actor, process, rule, outcome=outcome, words=words, ended_at=ended_at)


def take_back(*, actor: Principal, process: LinkedProcess, reason: str, version: int) -> None:
    """A process was recorded by mistake. It stays to be read, with why; nothing is owed on it.

    Raises:
        Forbidden, Conflict: as for `take_step`.
        DomainError: there is no reason.
    """
    require_to_step(actor, process)
    hold(process, version, "Recorded by mistake")
    words = require_text(reason, "Say why it was a mistake", field="words", size=Size.NOTE)
    refuse_held(actor, process.case_id, words)
    write_mistake(actor=actor, process=process, words=words)


def write_mistake(*, actor: Principal, process: LinkedProcess, words: str) -> None:
    """Write that a process was recorded by mistake, with what it brought."""
    now = clock.now()
    cancel_steps(actor, process, words)
    end_with(actor, process, now)
    process.state, process.ended_at, process.ended_by = LinkedState.MISTAKEN, now, actor.user_id
    process.outcome_words = words
    count_change(process)
    write_note(actor=actor, process=process, kind=LinkedNoteKind.MISTAKEN, words=words)
    record(process, "linked:take_back")
    tell(actor=actor, event=MISTAKEN, about=about_process(process))
    for other in _brought(process):
        write_mistake(actor=actor, process=other, words=words)


def write_end(
    *, actor: Principal, process: LinkedProcess, outcome: str, words: str, ended_at: datetime
) -> None:
    """Write how a process ended, where another step of the work says so."""
    finish(actor, process, rule_of(process.kind), outcome=outcome, words=words, ended_at=ended_at)


def finish(
    actor: Principal,
    process: LinkedProcess,
    rule: LinkedKind,
    *,
    outcome: str,
    words: str,
    ended_at: datetime,
) -> None:
    """Write how a process ended, with what it brought and the child’s status."""
    cancel_steps(actor, process, OVER)
    end_with(actor, process, ended_at)
    process.state, process.outcome, process.outcome_words = LinkedState.ENDED, outcome, words.strip()
    process.ended_at, process.ended_by = ended_at, actor.user_id
    count_change(process)
    label = rule.outcomes.label(outcome)
    write_note(actor=actor, process=process, kind=LinkedNoteKind.ENDED, words=words, after=label)
    record(process, "linked:end", outcome=outcome)
    tell(actor=actor, event=ENDED, about=about_process(process))
    for other in _brought(process):
        ending = rule_of(other.kind).outcomes.offered[0].code
        write_end(
            actor=actor, process=other, outcome=ending, words=OVER, ended_at=max(ended_at, other.started_at)
        )


def _brought(process: LinkedProcess) -> Iterable[LinkedProcess]:
    """The processes that began with this one and end with it."""
    brings = rule_of(process.kind).brings
    if not brings:
        return ()
    return db.session.scalars(
        select(LinkedProcess).where(
            LinkedProcess.came_from_id == process.id,
            LinkedProcess.kind.in_(brings),
            LinkedProcess.state == LinkedState.RUNNING,
        )
    ).all()


def take_step(
    *, actor: Principal, process: LinkedProcess, step: LinkedStep, said: Taken, version: int
) -> None:
    """Say that a step was taken. Its clock ends, the clocks that follow it begin, and where it is the last
    the process ends with an outcome.

    Raises:
        Forbidden: the actor neither sees to it nor answers for the case; a personal duty is its owner’s.
        Conflict: somebody changed the process meanwhile.
        DomainError: the time, outcome, reference or reason for being late is missing or does not fit.
    """
    require_to_step(actor, process)
    hold(process, version, "Done")
    of_process(process, step)
    rule = rule_of(process.kind)
    step_rule = rule.steps[step.kind]
    _check_taken(rule, step_rule, process, step, said)
    refuse_held(actor, process.case_id, said.words)
    write_taken(actor=actor, process=process, step=step, said=said)
    if step_rule.ends_with and said.outcome:
        finish(actor, process, rule, outcome=said.outcome, words=said.words, ended_at=said.done_at)


def write_taken(*, actor: Principal, process: LinkedProcess, step: LinkedStep, said: Taken) -> None:
    """Write that a step was taken, and start what follows from it."""
    rule = rule_of(process.kind)
    step_rule = rule.steps[step.kind]
    step.state, step.done_at, step.words = LinkedStepState.DONE, said.done_at, said.words.strip()
    step.late_reason = said.late_reason if said.done_at > step.due_at else None
    process.version += 1
    sign(actor, step)
    if reference := said.their_reference.strip():
        write_reference(actor, process, reference)
    if deadline := clock_of(step):
        reasons = current_policy().of(LinkedProcesses).late_reasons
        finish_deadline(
            deadline=deadline,
            late_reason=reasons.label(step.late_reason) if step.late_reason else None,
        )
    write_note(
        actor=actor, process=process, kind=LinkedNoteKind.DONE, words=said.words, after=step_rule.label
    )
    record(process, "linked:step", step=step.kind)
    tell(actor=actor, event=STEP, about=about_process(process))
    if step_rule.meets:
        finish_deadlines(subject=db.session.get_one(Case, process.case_id), kind=step_rule.meets)
    if step.number == 1:
        for follower in rule.followers(step.kind):
            owe(process=process, step=follower, counted_from=said.done_at)
    owe_again(process=process, step=step, rule=step_rule)


def owe_again(*, process: LinkedProcess, step: LinkedStep, rule: LinkedStepRule) -> None:
    """A step that comes back is owed again, counted from when it was done."""
    if rule.again and step.done_at is not None:
        owe(process=process, step=rule, counted_from=step.done_at, done=step.number)


def not_needed(
    *, actor: Principal, process: LinkedProcess, step: LinkedStep, reason: str, version: int
) -> None:
    """Say that a step is not needed, and why. It counts as neither in time nor late.

    Raises:
        Forbidden, Conflict: as for `take_step`.
        DomainError: there is no reason, or it is a personal duty, which ends by being done.
    """
    require_to_step(actor, process)
    hold(process, version, "Not needed")
    of_process(process, step)
    if process.personal:
        raise DomainError("This duty ends when it is done")
    words = require_text(reason, "Say why it is not needed", field="words", size=Size.NOTE)
    refuse_held(actor, process.case_id, words)
    drop(actor, step, words)
    label = rule_of(process.kind).steps[step.kind].label
    write_note(actor=actor, process=process, kind=LinkedNoteKind.NOT_NEEDED, words=words, after=label)
    count_change(process)
    record(process, "linked:not_needed", step=step.kind)
    tell(actor=actor, event=STEP, about=about_process(process))


def _check_taken(
    rule: LinkedKind, step_rule: LinkedStepRule, process: LinkedProcess, step: LinkedStep, said: Taken
) -> None:
    check_moment(process, said.done_at, "done_on")
    check_length(said.words, "words")
    if rule.needs_reference and not (said.their_reference.strip() or process.their_reference):
        raise DomainError(f"Enter this: {rule.reference}", field="their_reference")
    if step_rule.ends_with:
        check_outcome(rule, said.outcome)
    reasons = {one.code for one in current_policy().of(LinkedProcesses).late_reasons.offered}
    if said.done_at > step.due_at and said.late_reason not in reasons:
        raise DomainError("It was done after it was due. Choose why", field="late_reason")
