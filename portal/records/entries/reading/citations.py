"""What records cite, as each reader sees it, and whom to ask about what one cannot see."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from portal.extensions import db
from portal.records.cases.model import ChronologyEntry
from portal.records.disclosures.model.disclosures import Disclosure
from portal.records.entries.model.citations import Citation, CitedEntry
from portal.records.entries.vocabulary.citations import CitationHolder
from portal.records.intelligence.model import EntryGrading
from portal.records.people.model.agencies import Agency, Team
from portal.records.people.model.people import User

Rows = Sequence[Any]  # rows named by their columns


@dataclass(frozen=True)
class Contact:
    """Whom to ask at an agency: its lead, else its duty line."""

    agency: str
    lead: str | None
    lead_phone: str | None
    duty_phone: str | None
    duty_email: str | None

    @property
    def ask(self) -> str:
        """A sentence."""
        line = ", ".join(one for one in (self.duty_phone, self.duty_email) if one)
        who = ", ".join(one for one in (self.lead, self.lead_phone) if one)
        return f"Ask {self.agency}: {who or line}." if who or line else f"Ask {self.agency}."


def contacts(ids: Collection[UUID]) -> Mapping[UUID, Contact]:
    """Whom to ask at each of some agencies; one statement, none for no agency."""
    if not ids:
        return {}
    first = (
        select(Team.agency_id, Team.duty_phone, Team.duty_email)
        .where(Team.active, Team.agency_id.in_(ids))
        .ext(distinct_on(Team.agency_id))
        .order_by(Team.agency_id, Team.name)
        .subquery()
    )
    rows = db.session.execute(
        select(
            Agency.id,
            Agency.name,
            User.name.label("lead"),
            User.phone,
            first.c.duty_phone,
            first.c.duty_email,
        )
        .outerjoin(User, (User.id == Agency.lead_id) & User.active)
        .outerjoin(first, first.c.agency_id == Agency.id)
        .where(Agency.id.in_(ids))
    )
    return {row[0]: Contact(*row[1:]) for row in rows}


def of_holders(*, kind: CitationHolder, ids: Iterable[UUID], part: str | None = None) -> Rows:
    """What some records cite, in the order it was cited: id, reference, holder_id, part, agency_id, agency;
    and, empty unless the person may read the entry: entry_id, text, kind, happened_at, conditions as they
    were, bound_by and grading as they are, entry_agency_id, giver_agency_id, cited_by, cited_agency_id,
    cited_agency, corrected.
    """
    by, by_agency, later = aliased(User), aliased(Agency), aliased(ChronologyEntry)
    found = (
        select(
            Citation.id,
            Citation.reference,
            Citation.holder_id,
            Citation.part,
            Citation.agency_id,
            Agency.name.label("agency"),
            ChronologyEntry.id.label("entry_id"),
            ChronologyEntry.text,
            ChronologyEntry.kind,
            ChronologyEntry.happened_at,
            CitedEntry.conditions,
            ChronologyEntry.conditions.label("bound_by"),
            ChronologyEntry.agency_id.label("entry_agency_id"),
            Disclosure.giver_agency_id,
            live_grading().label("grading"),
            by.name.label("cited_by"),
            CitedEntry.cited_agency_id,
            by_agency.name.label("cited_agency"),
            exists().where(later.corrects_id == ChronologyEntry.id).label("corrected"),
        )
        .join(Agency, Agency.id == Citation.agency_id)
        .outerjoin(CitedEntry, CitedEntry.citation_id == Citation.id)
        .outerjoin(ChronologyEntry, ChronologyEntry.id == CitedEntry.entry_id)
        .outerjoin(Disclosure, Disclosure.id == ChronologyEntry.disclosure_id)
        .outerjoin(by, by.id == CitedEntry.cited_by)
        .outerjoin(by_agency, by_agency.id == CitedEntry.cited_agency_id)
        .where(
            Citation.holder_kind == kind,
            Citation.holder_id.in_(list(ids)),
            Citation.withdrawn_at.is_(None),
        )
        .order_by(Citation.cited_at, Citation.id)
    )
    if part is not None:
        found = found.where(Citation.part == part)
    return db.session.execute(found).all()


def live_grading() -> Any:
    """The grading of an entry that holds now, as JSON; nothing where it is not graded."""
    return (
        select(
            func.json_build_object(
                "conditions",
                EntryGrading.conditions,
                "forbids",
                EntryGrading.forbids,
                "agency_id",
                EntryGrading.graded_agency_id,
                "released_at",
                EntryGrading.released_at,
                type_=JSON,
            )
        )
        .where(EntryGrading.entry_id == ChronologyEntry.id, EntryGrading.replaced_at.is_(None))
        .correlate(ChronologyEntry)
        .scalar_subquery()
    )


def find_citation(*, holder_id: UUID, citation_id: UUID) -> Citation | None:
    """A citation that stands in a record."""
    return db.session.scalar(
        select(Citation).where(
            Citation.id == citation_id, Citation.holder_id == holder_id, Citation.withdrawn_at.is_(None)
        )
    )
