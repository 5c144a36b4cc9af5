"""What meetings, and the end of a case, do to linked processes."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.pathway.calendar import end_of_day
from portal.policy import Policy
from portal.records.cases.model import Case
from portal.records.linked_processes.beginning import Begun, rule_of, running, write_begun
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.outcomes import write_end, write_mistake, write_taken
from portal.records.linked_processes.rules import ENQUIRY, Taken
from portal.records.linked_processes.steps import give_to, open_steps
from portal.records.linked_processes.vocabulary import LinkedState, LinkedStepState
from portal.records.meetings.model import Meeting
from portal.records.meetings.rules import MEETS
from portal.records.minutes.model import Decision
from portal.records.people.model import User

#: Codes of policy `linked_processes` that meetings write.
STRATEGY, HELD = "strategy_discussion", "held"


def enquiry_decided(*, actor: Principal, meeting: Meeting, case: Case, decision: Decision) -> None:
    """A meeting decided on a Section 47 enquiry: it runs from the meeting, unless one runs already."""
    held_at = meeting.held_at or min(meeting.starts_at, decision.recorded_at)
    discussion = running(case_id=case.id, kind=STRATEGY)
    if running(case_id=case.id, kind=ENQUIRY) is None:
        said = Begun(
            kind=ENQUIRY,
            started_at=held_at,
            words=decision.text,
            came_from=discussion,
            meeting_id=meeting.id,
            decision_id=decision.id,
        )
        write_begun(actor=actor, case=case, said=said)
    if discussion is not None and not open_steps(discussion):
        _end_with_enquiry(actor, discussion, decision)


def take_enquiry_back(*, actor: Principal, decision: Decision) -> None:
    """The decision is no longer so: the enquiry that it began was recorded by mistake, unless it went on."""
    found = select(LinkedProcess).filter_by(decision_id=decision.id, state=LinkedState.RUNNING)
    for process in db.session.scalars(found).all():
        wanted = select(LinkedStep.id).filter_by(process_id=process.id, state=LinkedStepState.DONE)
        went_on = db.session.scalar(wanted.limit(1))
        if went_on is None:
            words = f"The decision {decision.reference} was changed"
            write_mistake(actor=actor, process=process, words=words)


def strategy_held(*, actor: Principal, meeting: Meeting, case: Case) -> None:
    """A strategy meeting was held: it is the strategy discussion, whether or not one was recorded before."""
    if MEETS.get(meeting.kind) is not DeadlineKind.STRATEGY or meeting.held_at is None:
        return
    process = running(case_id=case.id, kind=STRATEGY)
    if process is None:
        said = Begun(kind=STRATEGY, started_at=meeting.held_at, meeting_id=meeting.id)
        process = write_begun(actor=actor, case=case, said=said)
    for step in open_steps(process):
        if step.kind == HELD:
            done_at = max(meeting.held_at, process.started_at)
            write_taken(
                actor=actor,
                process=process,
                step=step,
                said=Taken(done_at=done_at, words=f"Meeting {meeting.reference}"),
            )
    decision = db.session.scalar(
        select(Decision).where(
            Decision.meeting_id == meeting.id,
            Decision.case_id == case.id,
            Decision.outcome == ENQUIRY,
            Decision.withdrawn_at.is_(None),
        )
    )
    if decision is not None:
        _end_with_enquiry(actor, process, decision)


def restart_clocks(*, case: Case, policy: Policy, instead: Owner) -> None:
    """A case goes on: what its running processes owe is due by its day, or today where that is over.

    Args:
        instead: who sees to what somebody owned who has left.
    """
    owed = (
        select(LinkedStep, LinkedProcess, User.active)
        .join(LinkedProcess, LinkedProcess.id == LinkedStep.process_id)
        .outerjoin(User, User.id == LinkedProcess.owner_id)
        .where(
            LinkedStep.case_id == case.id,
            LinkedStep.state == LinkedStepState.OPEN,
            LinkedProcess.personal.is_(False),
        )
    )
    for step, process, is_here in db.session.execute(owed).all():
        left = process.owner_id is not None and not is_here
        own = Owner(process.owner_id, process.owner_team_id)
        nobody = process.owner_id is None and process.owner_team_id is None
        deadline = open_deadline(
            kind=DeadlineKind.LINKED_STEP,
            subject=process,
            owner=instead if left or nobody else own,
            due_at=max(step.due_at, end_of_day(clock.today())),
            policy=policy,
        )
        step.deadline_id = deadline.id
    db.session.flush()


def give_processes_to_named(*, case: Case, named: Collection[UUID], person: User) -> None:
    """On a sealed case only somebody who is named sees to a process. A personal duty stays where it is."""
    found = select(LinkedProcess).where(
        LinkedProcess.case_id == case.id,
        LinkedProcess.state == LinkedState.RUNNING,
        LinkedProcess.personal.is_(False),
    )
    for process in db.session.scalars(found).all():
        if process.owner_id not in named:
            give_to(process=process, owner=person)
            process.version += 1
    db.session.flush()


def _end_with_enquiry(actor: Principal, process: LinkedProcess, decision: Decision) -> None:
    if rule_of(process.kind).outcomes.get(ENQUIRY) is None:
        return
    write_end(
        actor=actor,
        process=process,
        outcome=ENQUIRY,
        words=f"Decision {decision.reference}",
        ended_at=max(process.started_at, min(clock.now(), decision.recorded_at)),
    )
