"""What the chronology of a child shows of a case and its alerts."""

from typing import Any

from portal.policy import Policy
from portal.records.entries.vocabulary import ChronologyPart
from portal.web.chronology_says import LineKind, Said


def _alert(row: Any, policy: Policy) -> Said:
    ended = "Ended since." if row.said["ended_at"] else ""
    return Said(
        title=f"Alert: {policy.cases.alerts.label(row.said['kind'])}", words=[row.said["words"], ended]
    )


def _opened(row: Any, _policy: Policy) -> Said:
    return Said(title="Case opened", words=[row.said["words"]])


LINES = (
    LineKind(
        what="alert",
        part=ChronologyPart.CASE,
        says=_alert,
        rows="""
select l.id, l.created_at as at, h.agency_id, l.owner_id as by_id, c.id as case_id, null as reference,
       jsonb_build_object('kind', l.kind, 'words', l.text, 'ended_at', l.ended_at) as said
  from cre_case c join alert l on l.case_id = c.id join app_user h on h.id = l.owner_id
 where c.child_id = :child""",
    ),
    LineKind(
        what="opened",
        part=ChronologyPart.CASE,
        says=_opened,
        rows="""
select c.id, c.opened_at as at, h.agency_id, c.opened_by as by_id, c.id as case_id, c.reference,
       jsonb_build_object('words', c.reason) as said
  from cre_case c join app_user h on h.id = c.opened_by
 where c.child_id = :child""",
    ),
)
