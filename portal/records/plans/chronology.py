"""What the chronology of a child shows of actions."""

from typing import Any

from portal.policy import Policy
from portal.records.entries.vocabulary import ChronologyPart
from portal.web.chronology_says import LineKind, Said


def _action(row: Any, policy: Policy) -> Said:
    effect = policy.plans.effects.label(row.said["effect"])
    return Said(
        title="Action done",
        words=[row.said["what"], row.said["words"], f"What came of it: {effect}" if effect else ""],
    )


LINES = (
    LineKind(
        what="action",
        part=ChronologyPart.ACTION,
        says=_action,
        rows="""
select a.id, a.done_at as at, a.owner_agency_id as agency_id, a.done_by as by_id, c.id as case_id,
       a.reference,
       jsonb_build_object('what', a.what, 'words', a.done_words, 'effect', a.effect) as said
  from action a left join cre_case c on c.id = a.case_id
 where a.child_id = :child and a.done_at is not null""",
    ),
)
