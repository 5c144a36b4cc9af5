"""How a linked process ends: with an outcome, or because it was recorded by mistake."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.linked_processes.beginning import rule_of
from portal.records.linked_processes.history import record, refuse_held, write_note
from portal.records.linked_processes.holding import (
    check_moment,
    check_outcome,
    drop_all,
    hold,
    require_to_step,
    said_words,
)
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.policy import LinkedKind
from portal.records.linked_processes.statuses import end_with
from portal.records.linked_processes.vocabulary import LinkedNoteKind, LinkedState
from portal.services.errors import DomainError
from portal.services.limits import check_length

ENDED = "The process has ended"


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
    words = said_words(reason, "Say why it was a mistake")
    refuse_held(actor, process.case_id, words)
    write_mistake(actor=actor, process=process, words=words)


def write_mistake(*, actor: Principal, process: LinkedProcess, words: str) -> None:
    """Write that a process was recorded by mistake, with what it brought."""
    now = clock.now()
    drop_all(actor, process, words)
    end_with(actor, process, now)
    process.state, process.ended_at, process.ended_by = LinkedState.MISTAKEN, now, actor.user_id
    process.outcome_words = words
    process.version += 1
    db.session.flush()
    write_note(actor=actor, process=process, kind=LinkedNoteKind.MISTAKEN, words=words)
    record(process, "linked:take_back")
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
    drop_all(actor, process, ENDED)
    end_with(actor, process, ended_at)
    process.state, process.outcome, process.outcome_words = LinkedState.ENDED, outcome, words.strip()
    process.ended_at, process.ended_by = ended_at, actor.user_id
    process.version += 1
    db.session.flush()
    label = rule.outcomes.label(outcome)
    write_note(actor=actor, process=process, kind=LinkedNoteKind.ENDED, words=words, after=label)
    record(process, "linked:end", outcome=outcome)
    for other in _brought(process):
        ending = rule_of(other.kind).outcomes.offered[0].code
        write_end(
            actor=actor, process=other, outcome=ending, words=ENDED, ended_at=max(ended_at, other.started_at)
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
