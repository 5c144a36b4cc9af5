"""What linked processes plug into the rest."""

from collections.abc import Collection
from uuid import UUID

from portal.access.principal import Principal
from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.linked_processes.chronology import LINES
from portal.records.linked_processes.effects import give_processes_to_named, strategy_held
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.tasks import TASKS
from portal.records.people.model import User
from portal.registry import Duty, Noun, Record


def _give_to_named(*, actor: Principal, case: Case, named: Collection[UUID], person: User) -> None:  # noqa: ARG001  # whoever seals
    give_processes_to_named(case=case, named=named, person=person)


def _linked(ids: list[UUID]) -> Columns:
    return (
        columns("linked_process", LinkedProcess.id, LinkedProcess.reference)
        .join(Child, Child.id == LinkedProcess.child_id)
        .where(LinkedProcess.id.in_(ids))
    )


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=LinkedProcess,
            prefix=Prefix.LINKED_PROCESS,
            page="linked_processes.show",
            permission="linked:view",
            named=_linked,
            duty=Duty(shared=("case_id",), reference=LinkedProcess.reference, key=LinkedProcess.id),
        ),
    ),
    meeting_held=strategy_held,
    case_sealing=_give_to_named,
)
