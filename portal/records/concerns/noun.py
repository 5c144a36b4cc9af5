"""What concerns plug into the rest."""

from typing import Any

from portal.pages.chronologies.reading import LineKind, Said, readers
from portal.pages.workspaces.tasks import Task
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import columns
from portal.records.concerns.model import Concern
from portal.records.concerns.policy import Concerns
from portal.records.concerns.reading import records
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.entries.vocabulary import ChronologyPart
from portal.registry import Duty, Noun, Record
from portal.vocabulary import Sector


def _link(row: Any, policy: Policy) -> Said:
    said = row.said
    role = policy.of(Concerns).roles.label(said["role"])
    ended = "No longer so." if said["ended_at"] else ""
    return Said(
        title=f"{ConcernKind(said['kind']).label}: {said['name']}",
        words=[role, said["words"], ended],
        readers=readers(row),
    )


_LINK = """
select l.id, coalesce((l.from_on + time '12:00') at time zone 'Europe/London', l.created_at) as at,
       l.agency_id, l.author_id as by_id, cast(null as uuid) as case_id, o.reference,
       jsonb_build_object('kind', o.kind, 'name', o.name, 'role', l.role, 'words', l.words,
                          'until', l.until_on, 'ended_at', l.ended_at, 'handling', l.handling,
                          'listed', array(select g.name from agency g
                                           where g.id = any (l.listed_agencies) order by g.name)) as said
  from concern_link l join concern o on o.id = l.concern_id
 where l.child_id = :child and not l.do_not_disclose"""

LINES = (LineKind(what="link", part=ChronologyPart.CONCERN, says=_link, rows=_LINK, others=("name",)),)


TASKS = (
    Task(
        endpoint="police.people",
        label="People of concern",
        hint="Say how police know each of them. Nobody else can",
        permission="concern:police_status",
        at={Sector.POLICE: 40},
        waiting=records.without_status,
    ),
    Task(
        endpoint="concerns.index",
        label="Places, people and things of concern",
        hint="Find or record one. The number is what your agency has to look at again",
        permission="concern:view",
        at={
            Sector.POLICE: 50,
            Sector.SOCIAL_CARE: 110,
            Sector.HEALTH: 80,
            Sector.COUNCIL: 40,
            Sector.HUB: 20,
            Sector.EDUCATION: 50,
            Sector.VOLUNTARY: 30,
            Sector.YOUTH_JUSTICE: 40,
        },
        waiting=records.to_look_at_again,
    ),
)


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=Concern,
            prefix=Prefix.CONCERN,
            page="concerns.show",
            permission="concern:view",
            named=columns(Concern, child=False, words=Concern.name, held=Concern.sensitivity),
            duty=Duty(own="concern_id", reference=Concern.reference, key=Concern.id),
            unseen=("concerns/_unseen.html", records.who_answers),
        ),
    ),
)
