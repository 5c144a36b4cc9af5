"""What requests for information plug into the rest."""

from typing import Any

from portal.pages.chronologies.reading import LineKind, Said, readers
from portal.pages.workspaces.tasks import Task
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import columns
from portal.records.children.model import Child
from portal.records.entries.vocabulary import ChronologyPart
from portal.records.requests.answering import (
    tell_that_nobody_answers,
    withdraw_as_released,
    withdraw_by_link,
    withdraw_from_teams,
)
from portal.records.requests.model import AccessRequest, InformationRequest
from portal.records.requests.presenter import HELD_BACK
from portal.registry import Duty, Noun, Record
from portal.vocabulary import Sector


def _answer(row: Any, _policy: Policy) -> Said:
    said = row.said
    words = "Nothing held." if said["nothing"] else said["words"] or f"{HELD_BACK}."
    return Said(
        title="Answer to a question",
        words=[f"Asked: {said['question']}", words],
        readers="" if said["nothing"] else readers(row),
    )


_ANSWER = """
select a.id, a.answered_at as at, a.agency_id, a.author_id as by_id, a.case_id, q.reference,
       jsonb_build_object('question', q.question, 'nothing', a.nothing_held,
                          'words', case when a.locates = 'no' or (a.locates is distinct from 'held'
                                                                  and ctx.nothing_held_back(q.child_id))
                                        then a.text end,
                          'handling', a.handling,
                          'listed', array(select g.name from agency g
                                           where g.id = any (a.listed_agencies) order by g.name)) as said
  from information_request q join information_answer a on a.request_id = q.id
 where q.child_id = :child"""

LINES = (LineKind(what="answer", part=ChronologyPart.TOLD, says=_answer, rows=_ANSWER, others=("question",)),)


TASKS = (
    Task(
        endpoint="requests.week",
        label="Children asked about this week",
        hint="To look up in your own system",
        permission="request:view",
        at={Sector.HEALTH: 40},
    ),
)


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=InformationRequest,
            prefix=Prefix.REQUEST,
            page="requests.show",
            permission="request:view",
            named=columns(InformationRequest).outerjoin(Child, Child.id == InformationRequest.child_id),
            duty=Duty(own="request_id", reference=InformationRequest.reference, key=InformationRequest.id),
        ),
        Record(table=AccessRequest, page="cases.show", permission="case:notice"),
    ),
    case_sealed=withdraw_from_teams,
    records_linked=withdraw_by_link,
    entry_released=withdraw_as_released,
    gone=tell_that_nobody_answers,
)
