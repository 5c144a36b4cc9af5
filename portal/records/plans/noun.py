"""What plans and actions plug into the rest."""

from uuid import UUID

from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.plans.action_changes import give_to_named
from portal.records.plans.chronology import LINES
from portal.records.plans.model import Action
from portal.records.plans.tasks import TASKS
from portal.registry import Duty, Noun, Record


def _actions(ids: list[UUID]) -> Columns:
    return (
        columns("action", Action.id, Action.reference, words=Concern.name)
        .outerjoin(Child, Child.id == Action.child_id)
        .outerjoin(Concern, Concern.id == Action.concern_id)
        .where(Action.id.in_(ids))
    )


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=Action,
            prefix=Prefix.ACTION,
            page="plans.action",
            permission="action:view",
            named=_actions,
            duty=Duty(shared=("case_id", "concern_id"), reference=Action.reference, key=Action.id),
        ),
    ),
    case_sealing=give_to_named,
)
