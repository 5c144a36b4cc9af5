"""What others ask of an entry: what a message calls it, who of those around its case may read it, and whose
one is that somebody reads no more.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.telling import NOBODY, About, Whom, around_case, of_agencies, to_people
from portal.messages.vocabulary import OF_CASE, Event, Ground
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.model import Citation, CitedEntry
from portal.records.entries.vocabulary import CORRECTED, CORRECTED_NOW, FROM_RED_FORM, Handling
from portal.records.intelligence.model import EntryGrading
from portal.records.people.model import Agency, Team, TeamMember, User


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


def who_narrowed(*, message_id: UUID) -> Any:
    """Whose the entry is of which a message says that fewer read it, with the team of whoever put that right
    and its number (`agency`, `team`, `team_phone`), its case, and the entry where it is read again. For
    whoever was told, who had read whose it is, and still reads the case; None for everybody else.
    """
    told, about = OutboxMessage, OutboxSubject
    found = (
        select(
            Agency.name.label("agency"),
            Team.name.label("team"),
            Team.duty_phone.label("team_phone"),
            Case.reference.label("case"),
            ChronologyEntry.id.label("entry_id"),
        )
        .select_from(told)
        .join(about, about.message_id == told.id)
        .join(Case, Case.id == about.case_id)
        .join(User, User.id == told.caused_by)
        .join(Agency, Agency.id == User.agency_id)
        .outerjoin(TeamMember, TeamMember.user_id == User.id)
        .outerjoin(Team, and_(Team.id == TeamMember.team_id, Team.agency_id == Agency.id, Team.active))
        .outerjoin(ChronologyEntry, ChronologyEntry.id == about.subject_id)
        .where(told.id == message_id, told.kind == "entry_withheld")
    )
    return db.session.execute(found.order_by(Team.duty_phone.is_(None), Team.name).limit(1)).one_or_none()
