"""What the chronology of a child shows of answers to questions."""

from typing import Any

from portal.policy import Policy
from portal.records.entries.vocabulary import ChronologyPart
from portal.web.chronology_says import LineKind, Said, readers


def _answer(row: Any, _policy: Policy) -> Said:
    said = row.said
    words = "Nothing held." if said["nothing"] else said["words"]
    return Said(
        title="Answer to a question",
        words=[f"Asked: {said['question']}", words],
        readers="" if said["nothing"] else readers(row),
    )


LINES = (
    LineKind(
        what="answer",
        part=ChronologyPart.TOLD,
        says=_answer,
        rows="""
select a.id, a.answered_at as at, a.agency_id, a.author_id as by_id, a.case_id, q.reference,
       jsonb_build_object('question', q.question, 'words', a.text, 'nothing', a.nothing_held,
                          'handling', a.handling,
                          'listed', array(select g.name from agency g
                                           where g.id = any (a.listed_agencies) order by g.name)) as said
  from information_request q join information_answer a on a.request_id = q.id
 where q.child_id = :child""",
    ),
)
