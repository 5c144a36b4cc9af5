"""What the chronology of a child shows of return interviews."""

from typing import Any

from portal.policy import Policy
from portal.records.entries.vocabulary import ChronologyPart
from portal.web.chronology_says import LineKind, Said


def _interview(row: Any, _policy: Policy) -> Said:
    said = row.said
    if said["held"]:
        by = f" by {said['interviewer']}" if said["interviewer"] else ""
        return Said(title="Return home interview held", words=[f"Held{by}." if by else ""])
    title = (
        "Return home interview declined" if said["accepted"] is False else "Return home interview not held"
    )
    return Said(title=title, words=[said["reason"]])


LINES = (
    LineKind(
        what="interview",
        part=ChronologyPart.MISSING,
        says=_interview,
        rows="""
select i.id, coalesce(i.done_at, i.completed_at) as at, i.agency_id, i.completed_by as by_id,
       cast(null as uuid) as case_id, i.reference,
       jsonb_build_object('held', i.done_at is not null, 'accepted', i.accepted,
                          'reason', i.declined_reason, 'interviewer', i.interviewer) as said
  from return_interview i where i.child_id = :child and i.completed_at is not null""",
    ),
)
