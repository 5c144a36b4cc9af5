"""What the chronology of a child shows of decisions of the district panel."""

from typing import Any

from portal.policy import Policy
from portal.records.entries.vocabulary import ChronologyPart
from portal.web.chronology_says import LineKind, Said


def _panel_decision(row: Any, _policy: Policy) -> Said:
    return Said(title="Decided by the district panel", words=[row.said["words"], row.said["reason"]])


LINES = (
    LineKind(
        what="panel_decision",
        part=ChronologyPart.MEETING,
        says=_panel_decision,
        rows="""
select d.id, coalesce(m.held_at, d.recorded_at) as at, h.agency_id, d.recorded_by as by_id, p.case_id,
       p.reference, jsonb_build_object('words', d.text, 'reason', d.reason) as said
  from panel_item p join panel_decision d on d.item_id = p.id join app_user h on h.id = d.recorded_by
  left join meeting m on m.id = d.meeting_id
 where p.child_id = :child and d.withdrawn_at is null""",
    ),
)
