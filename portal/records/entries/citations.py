"""Citing an entry in a record that everyone working on the case reads.

Its words are never copied or typed anew.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound
from portal.changes.versions import insert_now
from portal.extensions import db
from portal.messages.telling import About, tell, to_people
from portal.messages.vocabulary import Ground
from portal.pathway.references import Prefix, new_reference
from portal.records.assessments.facts import still_written
from portal.records.assessments.model import RiskAssessment
from portal.records.assessments.vocabulary import AssessmentState
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.model import Citation, CitedEntry
from portal.records.entries.reading import citations
from portal.records.entries.reading.citations import contacts, held_words
from portal.records.entries.rules import Ruling, may_cite, repeated
from portal.records.entries.vocabulary import CITATION_WITHDRAWN, CitationHolder, Handling
from portal.records.minutes.model import Minute
from portal.records.people.model import Agency
from portal.vocabulary import Use


@dataclass(frozen=True, kw_only=True)
class Holder:
    """The record, or the part of one, that cites.

    Args:
        part: the code of a section, for a record that has parts.
        open: whether it is still being written.
    """

    kind: CitationHolder
    id: UUID
    case: Case
    part: str = ""
    open: bool


def section_of(*, assessment: RiskAssessment, case: Case, section: str) -> Holder:
    """A section of a risk assessment as what cites."""
    return Holder(
        kind=CitationHolder.ASSESSMENT,
        id=assessment.id,
        case=case,
        part=section,
        open=assessment.state == AssessmentState.DRAFT,
    )


def minute_of(*, minute: Minute, case: Case, recorded: bool) -> Holder:
    """What was said under one heading on a child as what cites. What is on no single child cites nothing.

    Args:
        recorded: whether the meeting is being recorded, as the database says it (`ctx.is_recorded`).
    """
    return Holder(
        kind=CitationHolder.MINUTE,
        id=minute.id,
        case=case,
        open=recorded and minute.case_id == case.id,
    )


def cite(*, actor: Principal, holder: Holder, entry: ChronologyEntry) -> Citation:
    """Cite an entry of the same case, under its conditions as they are now. Citing it twice cites it once.

    Args:
        entry: one that the actor may read.

    Raises:
        Forbidden: the actor's role does not let them.
        NotFound: the entry is another case's.
        DomainError: the record is no longer written, the entry was corrected, or its handling refuses it; the
            refusal names the agency and whom to ask there.
    """
    require(actor, "entry:cite")
    if entry.case_id != holder.case.id:
        raise NotFound("There is no such entry on this case")
    _still_open(holder)
    ruling = ruling_on(entry=entry)
    if not ruling.allowed:
        raise DomainError(f"{ruling.refusal} {whom_to_ask(entry=entry)}")
    if db.session.scalar(select(ChronologyEntry.id).where(ChronologyEntry.corrects_id == entry.id)):
        raise DomainError("This entry was corrected. Cite the later one")
    cited_before = _standing(holder, entry)
    if cited_before is not None:
        return cited_before
    citation = Citation(
        reference=new_reference(Prefix.CITATION),
        case_id=holder.case.id,
        holder_kind=holder.kind,
        holder_id=holder.id,
        part=holder.part,
        agency_id=entry.agency_id,
        cited_at=clock.now(),
    )
    insert_now(citation)
    insert_now(
        CitedEntry(
            citation_id=citation.id,
            entry_id=entry.id,
            conditions=ruling.conditions,
            cited_by=actor.user_id,
            cited_agency_id=actor.agency_id,
        )
    )
    audit.record("entry:cite", citation, case=holder.case, holder=holder.kind.value)
    return citation


def withdraw(*, actor: Principal, holder: Holder, citation: Citation) -> None:
    """Take a citation back while the record is written: the agency that cited, or that wrote the entry.

    Raises:
        NotFound: it is another record's, it was taken back, or the actor may not read what it cites.
        Forbidden: it is neither agency's.
        DomainError: the record is no longer written.
    """
    cited = db.session.get(CitedEntry, citation.id)
    here = (citation.holder_kind, citation.holder_id) == (holder.kind, holder.id)
    if cited is None or not here or citation.withdrawn_at is not None:
        raise NotFound("There is no such citation here")
    require(actor, "citation:withdraw", Facts(own_agency=actor.agency_id in _whose(citation, cited)))
    _still_open(holder)
    cited.withdrawn_by = actor.user_id
    db.session.flush()
    citation.withdrawn_at = clock.now()
    db.session.flush()
    audit.record("citation:withdraw", citation, case=holder.case, holder=holder.kind.value)
    about = About("chronology_entry", cited.entry_id, holder.case.reference, holder.case.id)
    given = {Ground.CITES: to_people(cited.cited_by)}
    tell(actor=actor, event=CITATION_WITHDRAWN, about=about, given=given, once=str(citation.id))


def ruling_on(*, entry: ChronologyEntry) -> Ruling:
    """Whether an entry may be cited, with its agencies by name."""
    names = {
        row.id: row.name
        for row in db.session.execute(
            select(Agency.id, Agency.name).where(Agency.id.in_([entry.agency_id, *entry.listed_agencies]))
        )
    }
    return may_cite(
        Handling(entry.handling),
        agency=names[entry.agency_id],
        listed=sorted(names[one] for one in entry.listed_agencies),
        bounds=citations.of_entries(entry_ids=[entry.id])[entry.id].bounds,
    )


def whom_to_ask(*, entry: ChronologyEntry) -> str:
    """Whom to ask about the use of an entry, a sentence: who graded it, passed its words on, or wrote it."""
    holder = citations.of_entries(entry_ids=[entry.id])[entry.id].holder
    return contacts({holder})[holder].ask


def _whose(citation: Citation, cited: CitedEntry) -> set[UUID]:
    return {citation.agency_id, cited.cited_agency_id}


def _still_open(holder: Holder) -> None:
    if not holder.open or not _still_written(holder):
        raise DomainError(f"{holder.kind.label}: this is no longer being written")


def _still_written(holder: Holder) -> bool:
    """An assessment may be concluded while somebody looks for what to cite; from here on nobody does."""
    if holder.kind != CitationHolder.ASSESSMENT:
        return True
    return still_written(holder.id)


def _standing(holder: Holder, entry: ChronologyEntry) -> Citation | None:
    return db.session.scalar(
        select(Citation)
        .join(CitedEntry, CitedEntry.citation_id == Citation.id)
        .where(
            Citation.holder_kind == holder.kind,
            Citation.holder_id == holder.id,
            Citation.part == holder.part,
            Citation.withdrawn_at.is_(None),
            CitedEntry.entry_id == entry.id,
        )
    )


_NOT = {
    Use.CITE: "put into minutes and other records",
    Use.PASS_ON: "passed on",
    Use.FAMILY: "told to the child or family",
}


def check_no_restricted_quotes(
    *,
    texts: Mapping[str, str],
    use: Use,
    child_ids: Collection[UUID] = (),
    case_ids: Collection[UUID] = (),
    holder: UUID | None = None,
) -> None:
    """Go on only if no text repeats what may not be put to a use, of some cases and of the cases of some
    children.

    Args:
        texts: by the name of the form's field, which is empty where there is none.
        holder: the agency whose own words are theirs to use.

    Raises:
        DomainError: one does; it says which words, and whom to ask.
    """
    typed = {field: text for field, text in texts.items() if text.strip()}
    if not typed or not (child_ids or case_ids):
        return
    for words, held_by in held_words(use=use, child_ids=child_ids, case_ids=case_ids):
        if held_by == holder:
            continue
        for field, text in typed.items():
            if found := repeated(text, words):
                raise DomainError(
                    f"Take out “{found}”: it stands in an entry that may not be {_NOT[use]}."
                    f" {contacts({held_by})[held_by].ask}",
                    field=field or None,
                )
