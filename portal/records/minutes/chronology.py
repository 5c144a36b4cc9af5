"""What the chronology of a child shows of decisions of meetings."""

from typing import Any

from portal.policy import Policy
from portal.records.entries.vocabulary import ChronologyPart
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.web.chronology_says import LineKind, Said


def _decision(row: Any, _policy: Policy) -> Said:
    said = row.said
    outcome = MeetingOutcome(said["outcome"]).label if said["outcome"] else ""
    return Said(title=f"Decided: {outcome}" if outcome else "Decided", words=[said["words"], said["reason"]])


LINES = (
    LineKind(
        what="decision",
        part=ChronologyPart.MEETING,
        says=_decision,
        rows="""
select d.id, coalesce(m.held_at, d.recorded_at) as at, h.agency_id, d.recorded_by as by_id, c.id as case_id,
       m.reference, jsonb_build_object('words', d.text, 'reason', d.reason, 'outcome', d.outcome) as said
  from cre_case c join decision d on d.case_id = c.id join app_user h on h.id = d.recorded_by
  left join meeting m on m.id = d.meeting_id
 where c.child_id = :child and d.withdrawn_at is null""",
    ),
)
