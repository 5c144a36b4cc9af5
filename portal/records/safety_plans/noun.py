"""What safety plans plug into the rest."""

from datetime import date
from typing import Any

from portal.pages.chronologies.reading import LineKind, Said
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import columns
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.entries.vocabulary import ChronologyPart
from portal.records.safety_plans.ending import tell_of_part_left, tell_of_warning
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.writing import tell_who_joins
from portal.registry import Noun, Record
from portal.web.filters import day


def _safety_plan(row: Any, _policy: Policy) -> Said:
    said = row.said
    until = f"Until {day(date.fromisoformat(said['until']))}." if said["until"] else ""
    agrees = "The child agrees." if said["child_agrees"] else "The child does not agree."
    first = said["edition"] == 1
    title = "Safety plan in force" if first else "Safety plan changed"
    ended = f"Ended since, on {day(date.fromisoformat(said['ended']))}." if said["ended"] else ""
    carer = "A carer has not agreed." if said["carer_agrees"] is False else ""
    return Said(title=title, words=[" ".join(filter(None, (until, agrees, carer))), ended])


_SAFETY_PLAN = """
select v.id, v.put_at as at, p.agency_id, v.put_by as by_id, c.id as case_id, p.reference,
       jsonb_build_object('edition', v.edition, 'until', p.valid_until,
                          'child_agrees', v.child_agrees, 'carer_agrees', v.carer_agrees,
                          'ended', (p.ended_at at time zone 'Europe/London')::date) as said
  from cre_case c join safety_plan p on p.case_id = c.id join safety_plan_version v on v.plan_id = p.id
 where c.child_id = :child"""

LINES = (LineKind(what="safety_plan", part=ChronologyPart.ACTION, says=_safety_plan, rows=_SAFETY_PLAN),)


NOUN = Noun(
    lines=LINES,
    team_joined=tell_who_joins,
    team_leaving=tell_of_part_left,
    alert_set=tell_of_warning,
    records=(
        Record(
            table=SafetyPlan,
            prefix=Prefix.SAFETY_PLAN,
            page="plans.safety_plan",
            permission="safety_plan:view",
            named=(
                columns(SafetyPlan)
                .join(Case, Case.id == SafetyPlan.case_id)
                .join(Child, Child.id == Case.child_id)
            ),
        ),
    ),
)
