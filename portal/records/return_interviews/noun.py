"""What return interviews plug into the rest."""

from typing import Any

from portal.pages.chronologies.reading import LineKind, Said
from portal.pages.workspaces.tasks import Task
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import columns
from portal.records.children.model import Child
from portal.records.entries.vocabulary import ChronologyPart
from portal.records.return_interviews import lists
from portal.records.return_interviews.model import ReturnInterview
from portal.records.return_interviews.reading import who_holds
from portal.registry import Duty, Noun, Record
from portal.vocabulary import Sector


def _interview(row: Any, _policy: Policy) -> Said:
    said = row.said
    if said["held"]:
        by = f" by {said['interviewer']}" if said["interviewer"] else ""
        return Said(title="Return home interview held", words=[f"Held{by}." if by else ""])
    title = (
        "Return home interview declined" if said["accepted"] is False else "Return home interview not held"
    )
    return Said(title=title, words=[said["reason"]])


_INTERVIEW = """
select i.id, coalesce(i.done_at, i.completed_at) as at, i.agency_id, i.completed_by as by_id,
       cast(null as uuid) as case_id, i.reference,
       jsonb_build_object('held', i.done_at is not null, 'accepted', i.accepted,
                          'reason', i.declined_reason, 'interviewer', i.interviewer) as said
  from return_interview i where i.child_id = :child and i.completed_at is not null"""

LINES = (LineKind(what="interview", part=ChronologyPart.MISSING, says=_interview, rows=_INTERVIEW),)


TASKS = (
    Task(
        endpoint="social_care.return_interviews",
        label="Return interviews",
        hint=(
            "With children who were missing and are back: due, overdue, offered, to be held, to be written up"
        ),
        permission="interview:view",
        at={Sector.SOCIAL_CARE: 30},
        waiting=lists.waiting_for,
    ),
)


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=ReturnInterview,
            prefix=Prefix.INTERVIEW,
            page="return_interviews.show",
            permission="interview:view",
            named=columns(ReturnInterview).join(Child, Child.id == ReturnInterview.child_id),
            duty=Duty(shared=("child_id",), reference=ReturnInterview.reference, key=ReturnInterview.id),
            unseen=("return_interviews/_unseen.html", who_holds),
        ),
    ),
)
