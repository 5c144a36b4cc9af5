"""How an entry is and was graded, where it came from, and what waits to be released."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, any_, literal, or_, select

from portal import clock
from portal.access import principal
from portal.access.principal import Principal
from portal.extensions import db
from portal.queries.declared import BY_CHILD, AnyOf, Filter, Listing, Sort, heads, labels
from portal.queries.listing import Whole
from portal.queries.rows import MARKED, Rows, latest_on, name_of
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.intelligence.model import EntryGrading, EntrySource
from portal.records.people.model import Agency
from portal.vocabulary import Labelled, Sector, Use


def of_entry(*, entry_id: UUID) -> Rows:
    """Every grading of an entry, the newest first: its columns, by, agency, sector, and who released it."""
    g = EntryGrading
    return latest_on(
        g.entry_id,
        entry_id,
        g.graded_at,
        by=g.graded_by,
        agency=g.graded_agency_id,
        released_by_name=g.released_by,
        released_agency=g.released_agency_id,
    )


def source_of(*, entry_id: UUID) -> Any | None:
    """Who or what an entry came from, or the earlier text that it corrects: text, by, agency, written_at. Row
    security answers its author and coordinators, and nobody else.
    """
    earlier = (
        select(ChronologyEntry.id, ChronologyEntry.corrects_id)
        .where(ChronologyEntry.id == entry_id)
        .cte("earlier", recursive=True)
    )
    earlier = earlier.union_all(
        select(ChronologyEntry.id, ChronologyEntry.corrects_id).join(
            earlier, ChronologyEntry.id == earlier.c.corrects_id
        )
    )
    return db.session.execute(
        select(
            EntrySource.text,
            EntrySource.written_at,
            name_of(EntrySource.author_id, "by"),
            name_of(EntrySource.author_agency_id, "agency"),
        )
        .where(EntrySource.entry_id.in_(select(earlier.c.id)))
        .order_by(EntrySource.written_at.desc())
        .limit(1)
    ).one_or_none()


class Whose(Labelled):
    """Whose intelligence waits."""

    OWN = "own", "Your agency’s"
    OTHERS = "others", "Of other agencies, for the police to release"


def _whose() -> dict[Whose, ColumnElement[bool]]:
    own = EntryGrading.graded_agency_id == principal.current().agency_id
    return {Whose.OWN: own, Whose.OTHERS: ~own}


class Long(Labelled):
    """For how long it waits."""

    MONTH = "month", "For more than 30 days"
    QUARTER = "quarter", "For more than 90 days"


def _long() -> dict[Long, ColumnElement[bool]]:
    now = clock.now()
    return {
        Long.MONTH: EntryGrading.graded_at < now - timedelta(days=30),
        Long.QUARTER: EntryGrading.graded_at < now - timedelta(days=90),
    }


def _forbids() -> dict[Use, ColumnElement[bool]]:
    return {one: literal(one.value) == any_(EntryGrading.forbids) for one in Use}


#: Intelligence that is bound by conditions which may be ended.
TO_RELEASE = Listing(
    name="intelligence to release",
    noun=("entry to release", "entries to release"),
    key=EntryGrading.id,
    columns=heads(("Case", "child"), "Graded", "Conditions", "What they forbid", ("Waiting since", "waits")),
    sorts=(
        Sort("waits", "The longest waiting first", "The last graded first", by=(EntryGrading.graded_at,)),
        BY_CHILD,
    ),
    filters=(
        Filter("whose", "Whose", labels(Whose), AnyOf(_whose)),
        Filter("long", "Waiting", labels(Long), AnyOf(_long)),
        Filter("forbids", "What they forbid", labels(Use), AnyOf(_forbids)),
    ),
)


def waiting(person: Principal) -> Whole:
    """Intelligence that this person's agency may release: reference, given_name, family_name, happened_at,
    entry_id, the grading, by and agency.
    """
    found = waiting_for(person).add_columns(
        EntryGrading.id,
        EntryGrading.graded_at,
        EntryGrading.source_grade,
        EntryGrading.information_grade,
        EntryGrading.handling_code,
        EntryGrading.conditions,
        EntryGrading.forbids,
        EntryGrading.graded_agency_id,
        EntryGrading.entry_id,
        ChronologyEntry.happened_at,
        Case.reference,
        *MARKED,
        name_of(EntryGrading.graded_by, "by"),
        Agency.name.label("agency"),
    )
    return Whole(found.join(Case, Case.id == ChronologyEntry.case_id).join(Child, Child.id == Case.child_id))


def waiting_for(person: Principal) -> Select[Any]:
    """One row for each intelligence that waits for a release by this person's agency."""
    return (
        select(EntryGrading.entry_id.label("waits"))
        .join(ChronologyEntry, ChronologyEntry.id == EntryGrading.entry_id)
        .join(Agency, Agency.id == EntryGrading.graded_agency_id)
        .where(
            EntryGrading.replaced_at.is_(None),
            EntryGrading.released_at.is_(None),
            EntryGrading.conditions != "",
            or_(EntryGrading.graded_agency_id == person.agency_id, Agency.sector != Sector.POLICE),
        )
    )
