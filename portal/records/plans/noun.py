"""What plans and actions plug into the rest."""

from typing import Any

from sqlalchemy import func, select

from portal.pages.chronologies.reading import LineKind, Said
from portal.pages.workspaces.tasks import Task
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import columns
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.entries.vocabulary import ChronologyPart
from portal.records.plans import reading as plans
from portal.records.plans.action_changes import give_to_named
from portal.records.plans.actions import tell_what_was_given
from portal.records.plans.model import Action, Plan
from portal.registry import Duty, Noun, Record, Reference
from portal.vocabulary import Sector


def _action(row: Any, policy: Policy) -> Said:
    effect = policy.plans.effects.label(row.said["effect"])
    return Said(
        title="Action done",
        words=[row.said["what"], row.said["words"], f"What came of it: {effect}" if effect else ""],
    )


_ACTION = """
select a.id, a.done_at as at, a.owner_agency_id as agency_id, a.done_by as by_id, c.id as case_id,
       a.reference,
       jsonb_build_object('what', a.what, 'words', a.done_words, 'effect', a.effect) as said
  from action a left join cre_case c on c.id = a.case_id
 where a.child_id = :child and a.done_at is not null"""

LINES = (LineKind(what="action", part=ChronologyPart.ACTION, says=_action, rows=_ACTION, others=("what",)),)


TASKS = (
    Task(
        endpoint="plans.on_concerns",
        label="Licensing and disruption",
        hint="Actions on places and people of concern, and which of yours are overdue",
        permission="action:view",
        at={Sector.POLICE: 60, Sector.COUNCIL: 50, Sector.HUB: 30},
        waiting=plans.overdue_on_concerns,
    ),
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
            named=(
                columns(Action, words=Concern.name, held=func.coalesce(Concern.sensitivity, 0))
                .outerjoin(Child, Child.id == Action.child_id)
                .outerjoin(Concern, Concern.id == Action.concern_id)
            ),
            duty=Duty(shared=("case_id", "concern_id"), reference=Action.reference, key=Action.id),
        ),
    ),
    references=(
        Reference(
            prefix=Prefix.PLAN,
            rows=select(Plan.reference, Case.reference.label("opens")).join(Case, Case.id == Plan.case_id),
            page="plans.show",
        ),
    ),
    case_sealing=give_to_named,
    meeting_over=tell_what_was_given,
)
