"""What cases plug into the rest."""

from typing import Any

from sqlalchemy import select

from portal.pages.chronologies.reading import LineKind, Said
from portal.pages.workspaces.tasks import Task
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import columns
from portal.records.cases.model import Alert, Case, CaseNotice
from portal.records.cases.reading.falling import Falling, waiting_for
from portal.records.children.model import Child
from portal.records.entries.vocabulary import ChronologyPart
from portal.registry import Duty, Noun, Record, Reference
from portal.vocabulary import Sector


def _alert(row: Any, policy: Policy) -> Said:
    ended = "Ended since." if row.said["ended_at"] else ""
    return Said(
        title=f"Alert: {policy.cases.alerts.label(row.said['kind'])}", words=[row.said["words"], ended]
    )


def _opened(row: Any, _policy: Policy) -> Said:
    return Said(title="Case opened", words=[row.said["words"]])


_ALERT = """
select l.id, l.created_at as at, h.agency_id, l.owner_id as by_id, c.id as case_id, null as reference,
       jsonb_build_object('kind', l.kind, 'words', l.text, 'ended_at', l.ended_at) as said
  from cre_case c join alert l on l.case_id = c.id join app_user h on h.id = l.owner_id
 where c.child_id = :child"""

_OPENED = """
select c.id, c.opened_at as at, h.agency_id, c.opened_by as by_id, c.id as case_id, c.reference,
       jsonb_build_object('words', c.reason) as said
  from cre_case c join app_user h on h.id = c.opened_by
 where c.child_id = :child"""

LINES = (
    LineKind(what="alert", part=ChronologyPart.CASE, says=_alert, rows=_ALERT, others=("words",)),
    LineKind(what="opened", part=ChronologyPart.CASE, says=_opened, rows=_OPENED),
)


def _falling_due(endpoint: str, what: Falling, hint: str, at: int) -> Task:
    return Task(
        endpoint=endpoint,
        label=what.label,
        hint=hint,
        permission="workspace:view",
        at={Sector.SOCIAL_CARE: at},
        waiting=lambda person: waiting_for(person, what),
    )


TASKS = (
    _falling_due(
        "social_care.assessments_to_finalise",
        Falling.FINALISE,
        "Risk assessments that are owed: begun, or still to be begun",
        40,
    ),
    _falling_due(
        "social_care.assessments_to_sign_off",
        Falling.SIGN_OFF,
        "Finalised risk assessments that a manager has not signed off yet",
        50,
    ),
    _falling_due(
        "social_care.safety_plans",
        Falling.SAFETY_PLANS,
        "Each has to be renewed or ended before its last day is over",
        60,
    ),
    _falling_due(
        "social_care.turning_adult",
        Falling.TRANSITION,
        "From the age of 17 on the hand-over for the time after 18 is prepared",
        70,
    ),
)


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=Case,
            prefix=Prefix.CASE,
            page="cases.show",
            permission="case:notice",
            # More people see that a case exists than who it is about: for them there is its reference alone.
            named=(
                columns(Case, key=CaseNotice.case_id, reference=CaseNotice.reference)
                .outerjoin(Case, Case.id == CaseNotice.case_id)
                .outerjoin(Child, Child.id == Case.child_id)
            ),
            duty=Duty(own="case_id"),
        ),
        Record(table=Alert, page="cases.show", permission="case:notice", duty=Duty(shared=("case_id",))),
    ),
    references=(
        Reference(  # of a case of which somebody sees no more than that it exists
            prefix=Prefix.CASE, rows=select(CaseNotice.reference, CaseNotice.reference.label("opens"))
        ),
    ),
)
