"""What the end of a case plugs into the rest."""

from typing import Any

from sqlalchemy import select

from portal.pages.chronologies.reading import LineKind, Said
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.records.cases.model import Case
from portal.records.closing.model import HandOver
from portal.records.closing.policy import Closing
from portal.records.entries.vocabulary import ChronologyPart
from portal.registry import Noun, Reference
from portal.vocabulary import CaseState


def _ended(row: Any, policy: Policy) -> Said:
    said = row.said
    reason = policy.of(Closing).reasons.label(said["reason"])
    return Said(title=f"Case {CaseState(said['kind']).label.lower()}", words=[reason, said["words"]])


def _reopened(row: Any, _policy: Policy) -> Said:
    return Said(title="Case reopened", words=[row.said["words"]])


_ENDED = """
select e.id, e.closed_at as at, h.agency_id, e.asked_by as by_id, c.id as case_id, c.reference,
       jsonb_build_object('kind', e.kind, 'reason', e.reason, 'words', e.words) as said
  from cre_case c join case_closure e on e.case_id = c.id join app_user h on h.id = e.asked_by
 where c.child_id = :child and e.closed_at is not null"""

_REOPENED = """
select e.id, e.reopened_at as at, h.agency_id, e.reopened_by as by_id, c.id as case_id, c.reference,
       jsonb_build_object('words', e.reopen_reason) as said
  from cre_case c join case_closure e on e.case_id = c.id join app_user h on h.id = e.reopened_by
 where c.child_id = :child and e.reopened_at is not null"""

LINES = (
    LineKind(what="ended", part=ChronologyPart.CASE, says=_ended, rows=_ENDED),
    LineKind(what="reopened", part=ChronologyPart.CASE, says=_reopened, rows=_REOPENED),
)


NOUN = Noun(
    lines=LINES,
    references=(
        Reference(
            prefix=Prefix.HAND_OVER,
            rows=select(HandOver.reference, Case.reference.label("opens"), HandOver.kind).join(
                Case, Case.id == HandOver.case_id
            ),
            page="cases.hand_over",
        ),
    ),
)
