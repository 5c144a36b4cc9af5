"""What records cite, as each reader sees it, and what binds the use of entries."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, exists, func, select, union
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from portal.extensions import db
from portal.policy import uses_forbidden
from portal.queries.rows import Rows, name_of
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.disclosures.model import Disclosure
from portal.records.entries.model import Citation, CitedEntry
from portal.records.entries.rules import FREE, Bounds, Graded, are_many, bounds, held_back
from portal.records.entries.vocabulary import CitationHolder
from portal.records.intelligence.model import EntryGrading
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import Use


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
    later = aliased(ChronologyEntry)
    found = (
        select(
            Citation.id,
            Citation.reference,
            Citation.holder_id,
            Citation.part,
            Citation.agency_id,
            name_of(Citation.agency_id, "agency"),
            ChronologyEntry.id.label("entry_id"),
            ChronologyEntry.text,
            ChronologyEntry.kind,
            ChronologyEntry.happened_at,
            CitedEntry.conditions,
            ChronologyEntry.conditions.label("bound_by"),
            ChronologyEntry.agency_id.label("entry_agency_id"),
            Disclosure.giver_agency_id,
            live_grading().label("grading"),
            name_of(CitedEntry.cited_by, "cited_by"),
            CitedEntry.cited_agency_id,
            name_of(CitedEntry.cited_agency_id, "cited_agency"),
            exists().where(later.corrects_id == ChronologyEntry.id).label("corrected"),
        )
        .outerjoin(CitedEntry, CitedEntry.citation_id == Citation.id)
        .outerjoin(ChronologyEntry, ChronologyEntry.id == CitedEntry.entry_id)
        .outerjoin(Disclosure, Disclosure.id == ChronologyEntry.disclosure_id)
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
    wanted = select(Citation).filter_by(id=citation_id, holder_id=holder_id, withdrawn_at=None)
    return db.session.scalar(wanted)


@dataclass(frozen=True)
class Held:
    """What binds the words of an entry, and which agency to ask about their use."""

    bounds: Bounds
    holder: UUID


def bounds_of(conditions: str | None, grading: Mapping[str, Any] | None) -> Bounds:
    """What binds an entry now.

    Args:
        conditions: those under which it was told, one a line.
        grading: the live grading as a row of JSON: conditions, forbids, released_at.
    """
    if conditions is None and grading is None:
        return FREE
    return bounds(conditions=conditions, rules=uses_forbidden(), graded=_graded(grading))


def holder_of(*, agency_id: UUID, giver_id: UUID | None, grading: Mapping[str, Any] | None) -> UUID:
    """Whom to ask about the use of an entry: whoever graded it, until it is released; else whoever passed its
    words on, else whoever wrote it.
    """
    if grading and grading["forbids"] and not grading["released_at"]:
        return UUID(str(grading["agency_id"]))
    return giver_id or agency_id


def of_entries(*, entry_ids: Iterable[UUID]) -> Mapping[UUID, Held]:
    """What binds each of some entries that one may read, by its id; one statement, and none for none."""
    ids = list(entry_ids)
    if not ids:
        return {}
    return _read(ChronologyEntry.id.in_(ids))


def held_from(*, entry_ids: Iterable[UUID], use: Use | None) -> Mapping[UUID, str]:
    """The sentence in the place of each entry whose words may not leave in this way, by its id."""
    if use is None:
        return {}
    found = {one: held for one, held in of_entries(entry_ids=entry_ids).items() if held.bounds.forbids(use)}
    ask = contacts({one.holder for one in found.values()})
    return {one: sentence(ask[held.holder]) for one, held in found.items()}


def sentence(contact: Any) -> str:
    """The sentence in the place of words that may not leave.

    Args:
        contact: of the agency that holds them, from `portal.records.entries.reading.citations.contacts`.
    """
    return held_back(agency=contact.agency, ask=contact.ask)


def held_words(
    *, use: Use, child_ids: Collection[UUID] = (), case_ids: Collection[UUID] = ()
) -> list[tuple[str, UUID]]:
    """What one may read on some cases, and on the cases of some children, also those that ended, and what may
    not be put to a use: the words, those said in fields beside them too, and which agency holds them.
    """
    on_cases = union(  # each by its index, which an `or` has not
        select(Case.id).where(Case.child_id.in_(child_ids)), select(Case.id).where(Case.id.in_(case_ids))
    )
    graded = exists().where(EntryGrading.entry_id == ChronologyEntry.id, EntryGrading.replaced_at.is_(None))
    bound = ChronologyEntry.conditions.is_not(None) | graded
    return [
        (words, _held(row).holder)
        for row in db.session.execute(_SELECT.where(ChronologyEntry.case_id.in_(on_cases), bound))
        if _held(row).bounds.forbids(use)
        for words in (row.text, *_beside(row))
    ]


def _beside(row: Any) -> list[str]:
    """What an entry says in sentences beside its words; the name of a place or a thing is nobody's."""
    said = [*(row.details or {}).values(), row.critical_moment]
    return [one for one in said if isinstance(one, str) and are_many(one)]


_SELECT = select(
    ChronologyEntry.id,
    ChronologyEntry.text,
    ChronologyEntry.details,
    ChronologyEntry.critical_moment,
    ChronologyEntry.conditions,
    ChronologyEntry.agency_id,
    Disclosure.giver_agency_id,
    live_grading().label("grading"),
).outerjoin(Disclosure, Disclosure.id == ChronologyEntry.disclosure_id)


def _read(which: Any) -> Mapping[UUID, Held]:
    return {row.id: _held(row) for row in db.session.execute(_SELECT.where(which))}


def _held(row: Any) -> Held:
    holder = holder_of(agency_id=row.agency_id, giver_id=row.giver_agency_id, grading=row.grading)
    return Held(bounds_of(row.conditions, row.grading), holder)


def _graded(grading: Mapping[str, Any] | None) -> Graded | None:
    if grading is None:
        return None
    return Graded(
        conditions=grading["conditions"],
        forbids=frozenset(Use(one) for one in grading["forbids"]),
        released=grading["released_at"] is not None,
    )
