"""Processes of other services in words: codes become labels here, so that templates only lay out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal import clock
from portal.deadlines.rules import due as counted
from portal.deadlines.rules import is_overdue
from portal.policy import Policy, current_policy
from portal.queries.rows import filled
from portal.records.linked_processes.facts import kind_of, step_label
from portal.records.linked_processes.policy import LinkedKind, LinkedProcesses, LinkedStepRule
from portal.records.linked_processes.vocabulary import LinkedNoteKind, LinkedState, LinkedStepState
from portal.records.plans.presenter import Event
from portal.web.due_presenter import DueSource, due_source
from portal.web.filters import day, due, moment

_TAGS = {LinkedState.RUNNING: "blue", LinkedState.ENDED: "grey", LinkedState.MISTAKEN: "yellow"}


@dataclass(frozen=True)
class Owed:
    """A step that is still owed."""

    what: str
    due_at: datetime
    overdue: bool


@dataclass(frozen=True)
class ProcessLine:
    """A process as lists, the page of a case and documents show it."""

    reference: str
    label: str
    since: datetime
    state: str
    tag: str
    running: bool
    owner: str
    owed: Sequence[Owed]
    ended: str  # how and when, for one that has


@dataclass(frozen=True)
class ProcessStep:
    """A step on the page of its process."""

    id: Any
    what: str
    hint: str
    state: LinkedStepState
    due_at: datetime
    overdue: bool
    done_at: datetime | None
    done: str  # when: a moment where the hour counts, else the day, because nobody was asked for more
    answer: str
    in_time: bool
    words: str
    late: str
    by: str
    source: DueSource | None
    not_before: datetime | None


@dataclass(frozen=True)
class DueLine:
    """A step in the list of what an agency owes."""

    reference: str
    label: str
    what: str
    child: str
    case_reference: str
    owner: str
    due_at: datetime
    overdue: bool
    missing_now: Any


@dataclass(frozen=True)
class BegunWith:
    """A process that began because of how another ended."""

    reference: str
    label: str
    due_at: datetime | None


def begun_with(rows: Iterable[Any]) -> list[BegunWith]:
    """Rows of `portal.records.linked_processes.reading.began_with` in words."""
    return [filled(BegunWith, row, label=label_of(row.kind)) for row in rows]


def saved(
    rows: Iterable[Any], *, leads_on: bool, not_begun: Iterable[LinkedKind] = (), is_open: bool = True
) -> str:
    """What the page says once a process has gone on.

    Args:
        rows: of `portal.records.linked_processes.reading.began_with`.
        leads_on: how it ended leads to another process, which somebody has still to record.
        not_begun: what was decided and did not begin.
        is_open: whether the case is.
    """
    said = [
        f"{one.label}, {one.reference}{f', due by {due(one.due_at)}' if one.due_at else ''}"
        for one in begun_with(rows)
    ]
    parts = ["Saved"]
    if said:
        parts.append(f"With it began: {'; '.join(said)}")
    if waits := "; ".join(one.label for one in not_begun):
        parts.append(
            f"This did not begin with it: {waits}. Record it, if it has begun"
            if is_open
            else f"The case is not open, so this did not begin with it: {waits}. Record it once the case is"
        )
    elif leads_on and not said:
        parts.append("It asks for something else to begin: record it when it does")
    return ". ".join(parts)


def kinds_of(codes: Iterable[str]) -> list[LinkedKind]:
    """What policy says of some kinds, of those that it knows still."""
    return [kind for kind in map(kind_of, codes) if kind is not None]


def label_of(code: str) -> str:
    """What people read for a kind."""
    return current_policy().of(LinkedProcesses).processes.label(code)


def line(row: Any) -> ProcessLine:
    """A row of `portal.records.linked_processes.reading` in words."""
    now, rule, state = clock.now(), kind_of(row.kind), LinkedState(row.state)
    owner = row.owner if row.owner == row.owner_agency else f"{row.owner}, {row.owner_agency}"
    return ProcessLine(
        reference=row.reference,
        label=rule.label if rule else row.kind,
        since=row.started_at,
        state=state.label,
        tag=_TAGS[state],
        running=state is LinkedState.RUNNING,
        owner=owner,
        owed=[_owed(row.kind, one, now) for one in row.steps or ()],
        ended=_ended(row, rule, state),
    )


def of_head(case: Any) -> list[ProcessLine]:
    """The processes that run beside a case, as they came with its head."""
    now = clock.now()
    return [
        ProcessLine(
            reference=one["reference"],
            label=label_of(one["kind"]),
            since=datetime.fromisoformat(one["started_at"]),
            state=LinkedState.RUNNING.label,
            tag=_TAGS[LinkedState.RUNNING],
            running=True,
            owner=one["owner"],
            owed=[_owed(one["kind"], step, now) for step in one["steps"] or ()],
            ended="",
        )
        for one in case.linked or ()
    ]


@dataclass(frozen=True)
class Wanted:
    """An alert that a process asks for and that does not stand yet."""

    kind: str
    because: str  # the process


def alert_wanted(kinds: Iterable[str], alerts: Iterable[Any]) -> Wanted | None:
    """The alert that one of these processes asks for and that does not stand yet."""
    standing = {one.kind for one in alerts}
    for code in kinds:
        rule = kind_of(code)
        if rule and rule.alert and rule.alert not in standing:
            return Wanted(rule.alert, rule.label)
    return None


def steps(rows: Iterable[Any], kind: str, authority: str | None) -> list[ProcessStep]:
    """Rows of `portal.records.linked_processes.reading.steps_of` in words."""
    return [_step(row, kind, authority) for row in rows]


def history(rows: Iterable[Any]) -> list[Event]:
    """What happened to a process, as a timeline shows it."""
    return [_event(row) for row in rows]


def due_lines(rows: Iterable[Any]) -> list[DueLine]:
    """Rows of `reading.records.owed_by` in words."""
    now = clock.now()
    return [
        filled(
            DueLine,
            row,
            label=label_of(row.kind),
            what=step_label(row.kind, row.step),
            child=f"{row.given_name} {row.family_name}".strip(),
            overdue=is_overdue(row.due_at, now),
        )
        for row in rows
    ]


def _owed(kind: str, step: Any, now: datetime) -> Owed:
    due_at = datetime.fromisoformat(step["due_at"])
    return Owed(step_label(kind, step["kind"]), due_at, is_overdue(due_at, now))


def _ended(row: Any, rule: LinkedKind | None, state: LinkedState) -> str:
    if row.ended_at is None:
        return ""
    if state is LinkedState.MISTAKEN:
        return f"{day(row.ended_at)}: {row.outcome_words}"
    said = rule.outcomes.label(row.outcome) if rule else str(row.outcome)
    return f"{day(row.ended_at)}: {said}"


def _step(row: Any, kind: str, authority: str | None) -> ProcessStep:
    state, rule = LinkedStepState(row.state), kind_of(kind)
    step_rule = rule.steps.get(row.kind) if rule else None
    reasons = current_policy().of(LinkedProcesses).late_reasons
    earliest = counted(step_rule.earliest, row.counted_from) if step_rule and step_rule.earliest else None
    return ProcessStep(
        id=row.id,
        what=step_rule.label if step_rule else row.kind,
        hint=step_rule.hint if step_rule else "",
        state=state,
        due_at=row.due_at,
        overdue=state is LinkedStepState.OPEN and is_overdue(row.due_at, clock.now()),
        done_at=row.done_at,
        done=_when(row.done_at, step_rule) if row.done_at else "",
        answer=step_rule.answers.label(row.answer) if step_rule and row.answer else "",
        in_time=row.done_at is not None and not is_overdue(row.due_at, row.done_at),
        words=row.words,
        late=reasons.label(row.late_reason) if row.late_reason else "",
        by=f"{row.recorder}, {row.recorder_agency}" if row.recorder else "",
        source=due_source(row, authority) if row.source else None,
        not_before=earliest if state is LinkedStepState.OPEN else None,
    )


def _when(done_at: datetime, rule: LinkedStepRule | None) -> str:
    return moment(done_at) if rule is None or rule.by_the_hour else day(done_at)


def _event(row: Any) -> Event:
    kind = LinkedNoteKind(row.kind)
    title, text = kind.label, row.words
    match kind:
        case LinkedNoteKind.DONE | LinkedNoteKind.NOT_NEEDED | LinkedNoteKind.ENDED:
            title = f"{kind.label}: {row.after}"
        case LinkedNoteKind.OWNER:
            title = f"{row.after} sees to it"
        case LinkedNoteKind.REFERENCE:
            text = f"{row.after}, before: {row.before}" if row.before else row.after
    return Event(title, f"{row.author}, {row.agency}", row.written_at, text)


def offered(policy: Policy) -> Sequence[LinkedKind]:
    """The kinds that can be recorded."""
    return policy.of(LinkedProcesses).processes.offered
