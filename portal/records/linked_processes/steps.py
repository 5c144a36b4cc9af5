"""A step of a linked process was taken, or is not needed."""

from portal.access.principal import Principal
from portal.extensions import db
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.linked_processes.beginning import owe, rule_of
from portal.records.linked_processes.changes import write_reference
from portal.records.linked_processes.ending import finish
from portal.records.linked_processes.history import record, refuse_held, write_note
from portal.records.linked_processes.holding import (
    check_moment,
    check_outcome,
    clock_of,
    drop,
    hold,
    of_process,
    require_to_step,
    said_words,
    sign,
)
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.policy import LinkedKind, LinkedProcesses, LinkedStepRule
from portal.records.linked_processes.rules import Taken
from portal.records.linked_processes.vocabulary import LinkedNoteKind, LinkedStepState
from portal.services.deadlines import finish_deadline, finish_deadlines
from portal.services.errors import DomainError
from portal.services.limits import check_length


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
    words = said_words(reason, "Say why it is not needed")
    refuse_held(actor, process.case_id, words)
    drop(actor, step, words)
    label = rule_of(process.kind).steps[step.kind].label
    write_note(actor=actor, process=process, kind=LinkedNoteKind.NOT_NEEDED, words=words, after=label)
    process.version += 1
    db.session.flush()
    record(process, "linked:not_needed", step=step.kind)


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
