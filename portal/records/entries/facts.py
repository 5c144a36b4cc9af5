"""What others ask of an entry: what a message calls it, and who of those around its case may read it."""

from sqlalchemy import select

from portal.extensions import db
from portal.messages.telling import NOBODY, About, Whom, around_case, of_agencies, to_people
from portal.messages.vocabulary import OF_CASE, Event, Ground
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.model import Citation, CitedEntry
from portal.records.entries.vocabulary import CORRECTED, CORRECTED_NOW, FROM_RED_FORM, Handling
from portal.records.intelligence.model import EntryGrading


def about_entry(case: Case, entry: ChronologyEntry) -> About:
    """An entry as what a message is about: it goes by the reference of its case."""
    return About("chronology_entry", entry.id, case.reference, case.id)


def around_entry(entry: ChronologyEntry) -> dict[Ground, Whom]:
    """Who is around the case of an entry, of those agencies that may read it."""
    around = around_case(entry.case_id)
    found = {ground: around.get(ground, NOBODY) for ground in OF_CASE}
    if entry.handling == Handling.NETWORK:
        return found
    listed = entry.listed_agencies if entry.handling == Handling.AGENCIES else ()
    return {ground: of_agencies(whom, {entry.agency_id, *listed}) for ground, whom in found.items()}


def event_of_correction(entry: ChronologyEntry, earlier: ChronologyEntry) -> Event:
    """What happened when one entry corrects another: of intelligence, also of what came by a form and was
    graded, of a red form, and of what calls or called for a fast response, somebody may act on the first
    words before the morning.
    """
    fast = entry.kind in {"intelligence", FROM_RED_FORM} or entry.critical_moment or earlier.critical_moment
    return CORRECTED_NOW if fast or _is_graded(earlier) else CORRECTED


def _is_graded(entry: ChronologyEntry) -> bool:
    graded = select(EntryGrading.id).filter_by(entry_id=entry.id, replaced_at=None)
    return db.session.scalar(graded.limit(1)) is not None


def who_cited(entry: ChronologyEntry) -> Whom:
    """Whoever cited an entry in something that still cites it, as far as the actor may know."""
    cited = select(CitedEntry.cited_by).join(Citation, Citation.id == CitedEntry.citation_id)
    standing = cited.where(CitedEntry.entry_id == entry.id, Citation.withdrawn_at.is_(None))
    return to_people(*db.session.scalars(standing))
