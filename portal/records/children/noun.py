"""What children's records plug into the rest."""

from datetime import date
from typing import Any

from portal.pages.chronologies.reading import LineKind, Said
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import columns
from portal.records.children.model import Child
from portal.records.entries.vocabulary import ChronologyPart
from portal.registry import Noun, Record
from portal.vocabulary import StatementKind
from portal.web.filters import day


def _until(row: Any) -> str:
    ends = row.said["ends_on"]
    return f"Until {day(date.fromisoformat(ends))}" if ends else ""


def _status(row: Any, policy: Policy) -> Said:
    return Said(title=f"Status: {policy.people.statuses.label(row.said['status'])}", words=[_until(row)])


def _statement(row: Any, _policy: Policy) -> Said:
    return Said(title=StatementKind(row.said["kind"]).label, words=[row.said["value"], _until(row)])


_STATUS = """
select s.id, coalesce((s.starts_on + time '12:00') at time zone 'Europe/London', s.created_at) as at,
       s.agency_id, cast(null as uuid) as by_id, cast(null as uuid) as case_id, null as reference,
       jsonb_build_object('status', s.status, 'ends_on', s.ends_on) as said
  from child_status s where s.child_id = :child"""

_STATEMENT = """
select s.id, coalesce((s.starts_on + time '12:00') at time zone 'Europe/London', s.created_at) as at,
       s.agency_id, s.author_id as by_id, cast(null as uuid) as case_id, null as reference,
       jsonb_build_object('kind', s.kind, 'value', s.value, 'ends_on', s.ends_on) as said
  from child_statement s
 where s.child_id = :child and not s.do_not_disclose
   and not exists (select 1 from child_statement n where n.replaces_id = s.id)"""

LINES = (
    LineKind(what="status", part=ChronologyPart.PROCESS, says=_status, rows=_STATUS),
    LineKind(what="statement", part=ChronologyPart.PROCESS, says=_statement, rows=_STATEMENT),
)


NOUN = Noun(
    lines=LINES,
    records=(
        Record(
            table=Child,
            prefix=Prefix.CHILD,
            page="children.show",
            permission="child:view",
            named=columns(Child),
        ),
    ),
)
