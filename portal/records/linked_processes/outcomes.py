"""What becomes of a linked process: its steps are taken or not needed, and it ends, or was a mistake."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, Versions, check_length, require_text
from portal.changes.versions import count_change, lock_row
from portal.deadlines.changes import finish_deadline, finish_deadlines
from portal.extensions import db
from portal.messages.telling import NOBODY, Whom, heard_of, tell, to_teams
from portal.messages.vocabulary import Ground
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import Size, current_policy
from portal.records.cases.facts import agencies_working_on
from portal.records.cases.model import Case
from portal.records.linked_processes.beginning import (
    Begun,
    check_outcome,
    is_fresh,
    owe,
    rule_of,
    running,
    sees_to,
    write_begun,
)
from portal.records.linked_processes.facts import about_process
from portal.records.linked_processes.history import (
    end_with,
    record,
    refuse_held,
    write_note,
    write_reference,
)
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.policy import LinkedKind, LinkedProcesses, LinkedStepRule
from portal.records.linked_processes.reading import discussions_held
from portal.records.linked_processes.rules import OVER, Taken, initiating
from portal.records.linked_processes.steps import (
    cancel_steps,
    check_moment,
    clock_of,
    drop,
    hold,
    of_process,
    require_to_step,
    sign,
)
from portal.records.linked_processes.vocabulary import (
    ENDED,
    ENQUIRY_BEGUN,
    MISTAKEN,
    PRESSING,
    STEP,
    LinkedNoteKind,
    LinkedState,
    LinkedStepState,
)
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import Sector


def _refuse_recorded(process: LinkedProcess, step: LinkedStep, mine: Mapping[str, Any]) -> None:
    """Go on only with a step of which nobody said meanwhile what became of it.

    Raises:
        Conflict: somebody did; carries what each says, by the words of the form.
    """
    lock_row(process)
    db.session.refresh(step)
    if step.state == LinkedStepState.OPEN:
        return
    who = db.session.scalar(select(User.name).where(User.id == step.recorded_by)) or "A colleague"
    ended_with_it = process.outcome if process.ended_at == step.done_at else None
    said = {
        "State": LinkedStepState(step.state).label,
        "done_on": step.done_at,
        "answer": step.answer,
        "outcome": ended_with_it,
        "words": step.words,
    }
    raise Conflict(
        f"{who} has recorded this meanwhile. Read both. Where yours says more, or something else, add it as a"
        " note on the process",
        Versions({name: said[name] for name in mine if said[name] or mine[name]}, dict(mine)),
        stands=True,
    )


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
    _begin_what_was_decided(actor, process, rule)


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
    about = about_process(process)
    # Whoever heard of it by e-mail, and at any hour, hears so that it was none.
    pressed, enquiry = heard_of(PRESSING, about=about), heard_of(ENQUIRY_BEGUN, about=about)
    elsewhere = _on_duty_elsewhere(process, enquiry)
    heard = (pressed | enquiry) - reduce(or_, elsewhere.values())
    given = {**_owner(process), **elsewhere, Ground.HEARD_BEFORE: heard}
    at_once = bool(pressed or (enquiry and is_fresh(process)))
    tell(actor=actor, event=MISTAKEN, about=about, given=given, at_once=at_once)
    for other in _brought(process):
        write_mistake(actor=actor, process=other, words=words)


def _on_duty_elsewhere(process: LinkedProcess, heard: Whom) -> dict[Ground, Whom]:
    """Of those who heard that an enquiry began the police and the social care who do not work on the case."""
    case = db.session.get_one(Case, process.case_id)
    working, theirs = agencies_working_on(case), Team.agency_id
    teams = select(Team.id).join(Agency, Agency.id == theirs).where(Team.id.in_(heard.teams))
    outside, police = teams.where(theirs.not_in(working)), Agency.sector == Sector.POLICE
    return {
        Ground.EXPLOITATION_DESK: to_teams(*db.session.scalars(outside.where(police))),
        Ground.SOCIAL_CARE: to_teams(*db.session.scalars(outside.where(~police))),
    }


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
    tell(actor=actor, event=ENDED, about=about_process(process), given=_owner(process))
    for other in _brought(process):
        ending = rule_of(other.kind).outcomes.offered[0].code
        write_end(
            actor=actor, process=other, outcome=ending, words=OVER, ended_at=max(ended_at, other.started_at)
        )


def _begin_what_was_decided(actor: Principal, process: LinkedProcess, rule: LinkedKind) -> None:
    """What the outcome of a process says has been decided is owed from then on, unless it runs already. On a
    case that is closed nothing begins; nor does what cannot be, of a child who is too old. That it ended is
    written all the same: the page says what did not begin (`not_begun`).
    """
    outcome = rule.outcomes.get(process.outcome)
    case = db.session.get_one(Case, process.case_id)
    if outcome is None or case.state not in OPEN_CASE_STATES:
        return
    for code in outcome.begins:
        decided = rule_of(code)
        if decided.retired or running(case_id=case.id, kind=code) is not None:
            continue
        since = process.ended_at or clock.now()
        if decided.counted_from:
            since = initiating(discussions_held(case_id=case.id), process.started_at)
        with suppress(DomainError), db.session.begin_nested():
            write_begun(actor=actor, case=case, said=Begun(kind=code, started_at=since, came_from=process))


def not_begun(*, process: LinkedProcess, begun: Iterable[Any]) -> list[LinkedKind]:
    """What the outcome of a process says has been decided, and that neither began with it nor runs.

    Args:
        begun: rows of `portal.records.linked_processes.reading.began_with`.
    """
    outcome = rule_of(process.kind).outcomes.get(process.outcome)
    with_it = {one.kind for one in begun}
    decided = [rule_of(code) for code in (outcome.begins if outcome else ()) if code not in with_it]
    return [
        one for one in decided if not one.retired and running(case_id=process.case_id, kind=one.code) is None
    ]


def _owner(process: LinkedProcess) -> dict[Ground, Whom]:
    return {Ground.OWNER: sees_to(process)}


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
    _refuse_recorded(
        process,
        step,
        {"State": LinkedStepState.DONE.label, "done_on": said.done_at}
        | {"answer": said.answer, "outcome": said.outcome, "words": said.words},
    )
    hold(process, version, "Done")
    of_process(process, step)
    rule = rule_of(process.kind)
    step_rule = rule.steps[step.kind]
    _check_taken(rule, step_rule, process, step, said)
    refuse_held(actor, process.case_id, said.words)
    write_taken(actor=actor, process=process, step=step, said=said)
    if ends_as := _ends_as(step_rule, said):
        finish(actor, process, rule, outcome=ends_as, words=said.words, ended_at=said.done_at)
        _begin_what_was_decided(actor, process, rule)


def _ends_as(step_rule: LinkedStepRule, said: Taken) -> str:
    """The outcome with which a step that was taken ends its process, if it does."""
    if step_rule.ends_with:
        return said.outcome or ""
    answer = step_rule.answers.get(said.answer)
    return answer.ends_as if answer else ""


def write_taken(*, actor: Principal, process: LinkedProcess, step: LinkedStep, said: Taken) -> None:
    """Write that a step was taken, and start what follows from it."""
    rule = rule_of(process.kind)
    step_rule = rule.steps[step.kind]
    step.state, step.done_at, step.words = LinkedStepState.DONE, said.done_at, said.words.strip()
    step.answer = said.answer
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
    answer = step_rule.answers.get(said.answer)
    done = f"{step_rule.label}. {answer.label}" if answer else step_rule.label
    write_note(actor=actor, process=process, kind=LinkedNoteKind.DONE, words=said.words, after=done)
    record(process, "linked:step", step=step.kind)
    _tell_of_step(actor, process, step, ends=bool(_ends_as(step_rule, said)))
    if step_rule.meets:
        finish_deadlines(subject=db.session.get_one(Case, process.case_id), kind=step_rule.meets)
    if step.number == 1 and not _ends_as(step_rule, said):
        for follower in rule.followers(step.kind):
            owe(process=process, step=follower, counted_from=said.done_at)
    owe_again(process=process, step=step, rule=step_rule)


def owe_again(*, process: LinkedProcess, step: LinkedStep, rule: LinkedStepRule) -> None:
    """A step that comes back is owed again, counted from when it was done."""
    if rule.again and step.done_at is not None:
        owe(process=process, step=rule, counted_from=step.done_at, done=step.number)


def _tell_of_step(actor: Principal, process: LinkedProcess, step: LinkedStep, *, ends: bool = False) -> None:
    """Whoever leads and whoever sees to it hear what became of a step; of the last, that it ended."""
    about, once = about_process(process), f"{step.kind}.{step.number}"
    given = {Ground.LEAD_PROFESSIONAL: NOBODY, Ground.OWNER: NOBODY} if ends else _owner(process)
    tell(actor=actor, event=STEP, about=about, given=given, once=once)


def not_needed(
    *, actor: Principal, process: LinkedProcess, step: LinkedStep, reason: str, version: int
) -> None:
    """Say that a step is not needed, and why. It counts as neither in time nor late.

    Raises:
        Forbidden, Conflict: as for `take_step`.
        DomainError: there is no reason, or it is a personal duty, which ends by being done.
    """
    require_to_step(actor, process)
    _refuse_recorded(process, step, {"State": LinkedStepState.NOT_NEEDED.label, "words": reason})
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
    _tell_of_step(actor, process, step)


def _check_taken(
    rule: LinkedKind, step_rule: LinkedStepRule, process: LinkedProcess, step: LinkedStep, said: Taken
) -> None:
    check_moment(process, said.done_at, "done_on")
    check_length(said.words, "words")
    if rule.needs_reference and not (said.their_reference.strip() or process.their_reference):
        raise DomainError(f"Enter this: {rule.reference}", field="their_reference")
    if step_rule.ends_with:
        check_outcome(rule, said.outcome)
    if step_rule.answers.offered and said.answer not in {one.code for one in step_rule.answers.offered}:
        raise DomainError("Choose what was decided", field="answer")
    reasons = {one.code for one in current_policy().of(LinkedProcesses).late_reasons.offered}
    if said.done_at > step.due_at and said.late_reason not in reasons:
        raise DomainError("It was done after it was due. Choose why", field="late_reason")
