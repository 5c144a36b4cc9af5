"""What the chronology of a child shows of what a child is linked to."""

from typing import Any

from portal.policy import Policy
from portal.records.concerns.policy import Concerns
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.entries.vocabulary import ChronologyPart
from portal.web.chronology_says import LineKind, Said, readers


def _link(row: Any, policy: Policy) -> Said:
    said = row.said
    role = policy.of(Concerns).roles.label(said["role"])
    ended = "No longer so." if said["ended_at"] else ""
    return Said(
        title=f"{ConcernKind(said['kind']).label}: {said['name']}",
        words=[role, said["words"], ended],
        readers=readers(row),
    )


LINES = (
    LineKind(
        what="link",
        part=ChronologyPart.CONCERN,
        says=_link,
        rows="""
select l.id, coalesce((l.from_on + time '12:00') at time zone 'Europe/London', l.created_at) as at,
       l.agency_id, l.author_id as by_id, cast(null as uuid) as case_id, o.reference,
       jsonb_build_object('kind', o.kind, 'name', o.name, 'role', l.role, 'words', l.words,
                          'until', l.until_on, 'ended_at', l.ended_at, 'handling', l.handling,
                          'listed', array(select g.name from agency g
                                           where g.id = any (l.listed_agencies) order by g.name)) as said
  from concern_link l join concern o on o.id = l.concern_id
 where l.child_id = :child""",
    ),
)
