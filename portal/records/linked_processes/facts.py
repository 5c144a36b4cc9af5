"""What others ask of a linked process."""

from uuid import UUID

from sqlalchemy import select

from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import About
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.policy import LinkedKind, LinkedProcesses
from portal.records.linked_processes.vocabulary import LinkedStepState


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
