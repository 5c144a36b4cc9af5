"""What disclosures plug into the rest."""

from typing import Any

from sqlalchemy import select

from portal.pages.chronologies.reading import LineKind, Said, bounds_of_line
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import by_children, columns
from portal.records.disclosures.facts import withdrawn_behind
from portal.records.disclosures.model import Disclosure, DisclosureChild, TakenCopy
from portal.records.entries.vocabulary import ChronologyPart
from portal.registry import Duty, Noun, Record, Reference


def _told(row: Any, _policy: Policy) -> Said:
    return Said(
        title=f"Passed on to {row.said['receiver']}",
        words=[row.said["words"] or ""],
        conditions=bounds_of_line(row).in_words,
    )


_TOLD = """
select d.id, d.decided_at as at, d.giver_agency_id as agency_id, d.giver_id as by_id,
       cast(null as uuid) as case_id, d.reference,
       jsonb_build_object('receiver', r.name, 'words', t.text, 'conditions', d.conditions,
                          'giver_agency_id', d.giver_agency_id) as said
  from disclosure_child k join disclosure d on d.id = k.disclosure_id
  join agency r on r.id = d.receiver_agency_id
  left join disclosure_text t on t.disclosure_id = d.id
 where k.child_id = :child and d.decision <> 'refuse' and d.withdrawn_at is null"""

LINES = (LineKind(what="told", part=ChronologyPart.TOLD, says=_told, rows=_TOLD),)


NOUN = Noun(
    lines=LINES,
    records=(
        Record(
            table=Disclosure,
            prefix=Prefix.DISCLOSURE,
            page="disclosures.show",
            permission="disclosure:view",
            named=by_children(columns(Disclosure), DisclosureChild.disclosure_id, Disclosure.id),
            unseen=("disclosures/_withdrawn.html", withdrawn_behind),
            duty=Duty(own="disclosure_id", reference=Disclosure.reference, key=Disclosure.id),
        ),
    ),
    references=(
        Reference(
            prefix=Prefix.COPY,
            rows=select(TakenCopy.reference, TakenCopy.subject_reference.label("opens")),
        ),
    ),
)
