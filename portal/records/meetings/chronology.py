"""What the chronology of a child shows of meetings."""

from typing import Any

from portal.policy import Policy
from portal.records.entries.vocabulary import ChronologyPart
from portal.web.chronology_says import LineKind, Said


def _meeting(row: Any, policy: Policy) -> Said:
    return Said(title=f"{policy.meetings.kinds.label(row.said['kind'])} held")


LINES = (
    LineKind(
        what="meeting",
        part=ChronologyPart.MEETING,
        says=_meeting,
        rows="""
select m.id, m.starts_at as at, h.agency_id, m.chair_id as by_id, c.id as case_id, m.reference,
       jsonb_build_object('kind', m.kind) as said
  from meeting_case k join meeting m on m.id = k.meeting_id join app_user h on h.id = m.chair_id
  left join cre_case c on c.id = k.case_id
 where k.child_id = :child and m.held_at is not null""",
    ),
)
