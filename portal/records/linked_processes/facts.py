"""What others ask of a linked process."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from portal.changes.errors import DomainError
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import About
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.policy import LinkedKind, LinkedProcesses
from portal.records.linked_processes.vocabulary import LinkedStepState
from portal.records.people.model import User


def personal_duties(case: Case) -> set[UUID]:
    """The clocks of personal duties on a case: they stay with whoever has them, whatever becomes of it."""
    return set(
        db.session.scalars(
            select(LinkedStep.deadline_id)
            .join(LinkedProcess, LinkedProcess.id == LinkedStep.process_id)
            .where(
                LinkedStep.case_id == case.id,
                LinkedStep.state == LinkedStepState.OPEN,
                LinkedProcess.personal,
                LinkedStep.deadline_id.is_not(None),
            )
        )
    )


def refuse_who_owes(case: Case, people: Iterable[UUID]) -> None:
    """Whoever owes a duty that is theirs alone goes on reading the case: nobody can do it for them, and they
    say there that it is done (Female Genital Mutilation Act 2003, section 5B).

    Raises:
        DomainError: one of these people, who still works here, has one.
    """
    found = db.session.execute(
        select(User.name, LinkedProcess.kind, LinkedStep.kind.label("step"))
        .join(LinkedProcess, LinkedProcess.owner_id == User.id)
        .join(LinkedStep, LinkedStep.process_id == LinkedProcess.id)
        .where(
            LinkedProcess.case_id == case.id,
            LinkedProcess.personal,
            LinkedStep.state == LinkedStepState.OPEN,
            User.id.in_(list(people)),
            User.active,
        )
        .order_by(User.name)
        .limit(1)
    ).one_or_none()
    if found is not None:
        raise DomainError(
            f"{found.name} still owes “{step_label(found.kind, found.step)}” on this case, which nobody can"
            " do for them. They read the case until they say here that it is done, or was recorded by mistake"
        )


def about_process(process: LinkedProcess) -> About:
    """What a message about a linked process is about."""
    return About("linked_process", process.id, process.reference, process.case_id)


_SOURCE = "linked_processes"


def kind_of(code: str) -> LinkedKind | None:
    """What policy says of a kind of process, where it knows it still."""
    return current_policy().of(LinkedProcesses).processes.get(code)


def step_label(kind: str, step: str) -> str:
    """What people read for a step of a kind."""
    rule = kind_of(kind)
    return rule.steps.label(step) if rule else step


def duty_label(kind: str, source: str) -> str:
    """What a duty asks for: for a linked process the step itself."""
    match str(source).split("."):
        case [name, process, step, *_] if kind == DeadlineKind.LINKED_STEP and name == _SOURCE:
            return step_label(process, step)
    return DeadlineKind(kind).label if kind in set(DeadlineKind) else kind.replace("_", " ").capitalize()
