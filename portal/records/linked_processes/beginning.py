"""Processes of other services for the same child: recorded with their clocks, beside the case.

None of them changes the case, its level or its duties, except that a strategy discussion that is recorded
here meets the duty to hold one. A personal duty belongs to whoever found out, and to nobody else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, check_length
from portal.changes.idempotency import sent_before
from portal.changes.versions import insert_now, lock_row
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, Whom, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.calendar import age_on
from portal.pathway.references import Prefix, new_reference
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.cases.facts import agencies_working_on, refuse_closed
from portal.records.cases.grants import chairs_open_meeting
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord
from portal.records.linked_processes import history
from portal.records.linked_processes.facts import about_process
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.policy import START, LinkedKind, LinkedProcesses, LinkedStepRule
from portal.records.linked_processes.rules import ENQUIRY
from portal.records.linked_processes.vocabulary import (
    BEGUN,
    ENQUIRY_BEGUN,
    PRESSING,
    LinkedNoteKind,
    LinkedState,
    LinkedStepState,
)
from portal.records.people.agencies import teams_at
from portal.records.people.model import Team, User
from portal.vocabulary import Desk, Sensitivity

_A_DAY = timedelta(hours=24)


class LedCase(Protocol):
    """A case, or a row of one."""

    @property
    def id(self) -> Any: ...
    @property
    def lead_professional_id(self) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What somebody says of a process that has begun.

    Args:
        kind: a code of policy `linked_processes.processes`.
        started_at: from when its clocks run.
        status: the child's status that begins with it, where policy names several.
        owner: who sees to it; by default whoever works on the case for the service whose process it is.
        came_from: the process that led to it.
    """

    kind: str
    started_at: datetime
    words: str = ""
    their_reference: str = ""
    status: str | None = None
    owner: User | Team | None = None
    came_from: LinkedProcess | None = None
    meeting_id: UUID | None = None
    decision_id: UUID | None = None


def begin(*, actor: Principal, case: Case, said: Begun, once: UUID | None = None) -> LinkedProcess:
    """Record that a process of another service has begun. Its first clocks start, the child's status is
    written with it, and what it brings with it begins too.

    Args:
        once: made when the page was made, so that sending it twice records it once.

    Raises:
        Forbidden: the actor may not record this process; a personal duty only whoever has it.
        DomainError: it runs already, the time or the child's age does not fit, or the case is closed.
    """
    rule = rule_of(said.kind)
    if rule.retired:
        raise DomainError("Choose what has begun", field="kind")
    require_to_begin(actor, case, rule)
    history.refuse_held(actor, case.id, said.words)
    return write_begun(actor=actor, case=case, said=said, once=once)


def write_begun(*, actor: Principal, case: Case, said: Begun, once: UUID | None = None) -> LinkedProcess:
    """Write a process that has begun, also where another step of the work says so, such as a meeting.

    Raises:
        DomainError: as `begin`.
    """
    rule = rule_of(said.kind)
    process_id = uuid5(once, f"{case.id}{rule.code}") if once else new_id()
    if recorded_before := sent_before(actor, LinkedProcess, process_id):
        return recorded_before
    lock_row(case)
    refuse_closed(case)
    _check_time(rule, said.started_at)
    _check_age(rule, case, said.started_at)
    _check_words(said)
    owner = history.chosen_or_usual(actor, case, rule, said.owner)
    process = LinkedProcess(
        id=process_id,
        reference=new_reference(Prefix.LINKED_PROCESS),
        case_id=case.id,
        child_id=case.child_id,
        kind=rule.code,
        personal=rule.personal,
        started_at=said.started_at,
        words=said.words.strip(),
        their_reference=said.their_reference.strip(),
        state=LinkedState.RUNNING,
        meeting_id=said.meeting_id,
        decision_id=said.decision_id,
        came_from_id=said.came_from.id if said.came_from else None,
        author_id=actor.user_id,
        agency_id=actor.agency_id,
        created_at=clock.now(),
        policy_version=current_policy(case.authority).version,
        **history.owner_columns(owner),
    )
    if same := _write(process):
        return same
    history.write_note(actor=actor, process=process, kind=LinkedNoteKind.BEGUN, words=said.words)
    history.record(process, "linked:begin", kind=rule.code)
    history.begin_status(actor, process, rule, said.status)
    for step in rule.followers(START):
        owe(process=process, step=step, counted_from=said.started_at)
    for code in rule.brings:
        if not rule_of(code).retired and running(case_id=case.id, kind=code) is None:
            brought = Begun(
                kind=code, started_at=said.started_at, owner=said.owner, came_from=process, words=""
            )
            write_begun(actor=actor, case=case, said=brought)
    came_with = said.came_from is not None and rule.code in rule_of(said.came_from.kind).brings
    if not came_with:  # what it came with is told
        _tell(actor, case, process)
    return process


def _tell(actor: Principal, case: Case, process: LinkedProcess) -> None:
    """Whoever leads the case, has it to do or works on it; at any hour where something of it is due within a
    day or late, or an enquiry was decided within one. One who leads and sees to it is told what they have to
    do.
    """
    given: dict[Ground, Whom] = {Ground.OWNER: sees_to(process)}
    if process.owner_id is not None and process.owner_id == case.lead_professional_id:
        given[Ground.LEAD_PROFESSIONAL] = NOBODY
    event, at_once = BEGUN, False
    if process.kind == ENQUIRY:
        event, given = ENQUIRY_BEGUN, given | _on_duty_elsewhere(case)
        at_once = is_fresh(process)
    elif process.meeting_id is None and _presses(process):  # what a meeting held was done there
        event, at_once = PRESSING, True
    tell(actor=actor, event=event, about=about_process(process), given=given, at_once=at_once)


def is_fresh(process: LinkedProcess) -> bool:
    """Whether it was recorded within a day after it began."""
    return process.started_at > process.created_at - _A_DAY


def sees_to(process: LinkedProcess) -> Whom:
    """Who sees to a process: a person or a team."""
    return to_people(process.owner_id) | to_teams(process.owner_team_id)


def _presses(process: LinkedProcess) -> bool:
    """Whether something of it is still to be done within a day, or should have been done."""
    soon = select(LinkedStep.id).where(
        LinkedStep.process_id == process.id,
        LinkedStep.state == LinkedStepState.OPEN,
        LinkedStep.due_at <= clock.now() + _A_DAY,
    )
    return db.session.scalar(soon.limit(1)) is not None


def _on_duty_elsewhere(case: Case) -> dict[Ground, Whom]:
    """The police and the social care who have to take part in an enquiry, of agencies that do not work on the
    case. That there is one on a case which is closely held is for those who read it.
    """
    if case.sensitivity != Sensitivity.NORMAL:
        return {}
    record = db.session.get(ChildRecord, case.child_id)
    known = (record.responsible_authority, record.host_authority) if record else ()
    authorities = {case.authority, *known} - {None}
    at_door = [team for one in authorities for team in teams_at(Desk.FRONT_DOOR, authority=one)]
    there = {Ground.EXPLOITATION_DESK: teams_at(Desk.EXPLOITATION), Ground.SOCIAL_CARE: at_door}
    elsewhere = select(Team.id).where(Team.agency_id.not_in(agencies_working_on(case)))
    return {
        ground: to_teams(*db.session.scalars(elsewhere.where(Team.id.in_(teams))))
        for ground, teams in there.items()
    }


def owe(*, process: LinkedProcess, step: LinkedStepRule, counted_from: datetime, done: int = 0) -> None:
    """Start the clock of a step, where policy has one for the time that it comes back.

    Args:
        done: how often it was done before.
    """
    figure = step.within_after(done)
    if figure is None:
        return
    case = db.session.get_one(Case, process.case_id)
    due_at = due(figure, counted_from)
    deadline = None
    if process.personal or case.state in OPEN_CASE_STATES:  # of one that ended, once it is reopened
        deadline = open_deadline(
            kind=DeadlineKind.LINKED_STEP,
            subject=process,
            owner=Owner(process.owner_id, process.owner_team_id, _agency_where_nobody(process)),
            started_at=counted_from,
            due_at=due_at,
            source=f"linked_processes.{process.kind}.{step.code}.{min(done, len(step.again))}",
            confirmed=figure.confirmed,
            policy=current_policy(case.authority),
        )
    db.session.add(
        LinkedStep(
            process_id=process.id,
            case_id=process.case_id,
            kind=step.code,
            number=done + 1,
            owner_agency_id=process.owner_agency_id,
            counted_from=counted_from,
            due_at=due_at,
            deadline_id=deadline.id if deadline else None,
            state=LinkedStepState.OPEN,
        )
    )
    db.session.flush()


def rule_of(kind: str) -> LinkedKind:
    """What policy says of a kind of process, also of one that begins no more: what runs of it goes on.

    Raises:
        DomainError: policy has no such kind.
    """
    rule = current_policy().of(LinkedProcesses).processes.get(kind)
    if rule is None:
        raise DomainError("Choose what has begun", field="kind")
    return rule


def check_outcome(rule: LinkedKind, outcome: str | None) -> None:
    """An outcome is one of those of the kind.

    Raises:
        DomainError: it is not.
    """
    if outcome not in {one.code for one in rule.outcomes.offered}:
        raise DomainError("Choose how it ended", field="outcome")


def require_to_begin(actor: Principal, case: Case, rule: LinkedKind) -> None:
    """Go on only if the actor may record a process of this kind.

    Raises:
        Forbidden: they may not.
    """
    keeps = actor.sector in rule.keepers
    if rule.personal:
        require(actor, "linked:personal", Facts(owner=keeps))
    else:
        require(actor, "linked:begin", case_facts(actor, case, own_agency=keeps))


def case_facts(actor: Principal, case: LedCase, **more: bool) -> Facts:
    """What decides verbs on the linked processes of a case."""
    return Facts(
        lead_professional=case.lead_professional_id == actor.user_id,
        chairs_open_meeting=chairs_open_meeting(actor=actor, case_id=case.id),
        **more,
    )


def running(*, case_id: UUID, kind: str) -> LinkedProcess | None:
    """The process of a kind that runs on a case; of those that are personal there may be several."""
    wanted = select(LinkedProcess).filter_by(case_id=case_id, kind=kind, state=LinkedState.RUNNING)
    return db.session.scalar(wanted.order_by(LinkedProcess.started_at).limit(1))


def _write(process: LinkedProcess) -> LinkedProcess | None:
    """Write a process; of two that are recorded at once, the first counts and is given back.

    Raises:
        DomainError: one of its kind runs already.
    """
    if not process.personal and (other := running(case_id=process.case_id, kind=process.kind)):
        raise DomainError(f"This runs already: {other.reference}", field="kind")
    try:
        with db.session.begin_nested():
            insert_now(process)
    except IntegrityError:
        if same := db.session.get(LinkedProcess, process.id):
            return same
        raise DomainError("This runs already", field="kind") from None
    return None


def _agency_where_nobody(process: LinkedProcess) -> UUID | None:
    return process.owner_agency_id if process.owner_id is None and process.owner_team_id is None else None


def _check_time(rule: LinkedKind, started_at: datetime) -> None:
    if started_at > clock.now():
        raise DomainError(f"{rule.began.rstrip('?')}? It cannot be in the future", field="started_on")


def _check_age(rule: LinkedKind, case: Case, started_at: datetime) -> None:
    child = db.session.get_one(Child, case.child_id)
    if child.dob is None:
        return
    age = age_on(child.dob, clock.local(started_at).date())
    if rule.under_age is not None and age >= rule.under_age:
        raise DomainError(f"This is for somebody under {rule.under_age}", field="kind")
    if rule.from_age is not None and age < rule.from_age:
        raise DomainError(f"This is for somebody aged {rule.from_age} or over", field="kind")


def _check_words(said: Begun) -> None:
    check_length(said.words, "words")
    if len(said.their_reference) > 100:  # noqa: PLR2004 - room for any reference
        raise DomainError("Shorten the reference to 100 characters", field="their_reference")
