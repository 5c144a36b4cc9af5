"""Citations as a page shows them to its reader, and the entries that one may choose to cite.

Whatever cites entries (a section of an assessment, minutes) shows them with `citations/_cited.html` and lets
people choose with `citations/choose.html` and `citations/confirm.html`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.access.permissions import Facts, permitted
from portal.access.principal import current
from portal.policy import current_policy
from portal.queries.paging import MomentCursor, Page
from portal.records.entries.policy import entry_label
from portal.records.entries.presenter.words import Entry, entry_items, entry_page, leaving
from portal.records.entries.reading import case_page, citations
from portal.records.entries.reading.case_page import just_after
from portal.records.entries.reading.citations import bounds_of, holder_of, sentence
from portal.records.entries.rules import Bounds, Ruling, may_cite
from portal.records.entries.vocabulary import CitationHolder, Handling
from portal.vocabulary import Use
from portal.web.filters import day


@dataclass(frozen=True)
class Cited:
    """One citation. Without an entry the reader may not see it, and `ask` says whom to ask."""

    id: str
    reference: str
    agency: str
    ask: str = ""
    title: str = ""
    at: datetime | None = None
    text: str = ""
    conditions: str = ""
    by: str = ""
    corrected: bool = False
    page: str = ""
    withdraw: str = ""


@dataclass(frozen=True)
class Choosable:
    """An entry that the reader may see, whether it may be cited, and where one goes on to cite it."""

    entry: Entry
    ruling: Ruling
    page: str


def cited_in(
    *,
    kind: CitationHolder,
    ids: Iterable[UUID],
    case: Any,
    withdraw: Callable[[UUID], str] | None = None,
) -> Mapping[tuple[UUID, str], list[Cited]]:
    """What some records of a case cite, by the record and its part.

    Args:
        withdraw: the address at which a citation is taken back, while the record is written.
    """
    rows = citations.of_holders(kind=kind, ids=ids)
    unread = {row.agency_id for row in rows if row.entry_id is None}
    bound = {row.id: bounds_of(row.bound_by, row.grading) for row in rows if row.entry_id}
    held = {row.id: _holder(row) for row in rows if row.entry_id and _stays(bound[row.id])}
    contacts = citations.contacts(unread | set(held.values()))
    found: dict[tuple[UUID, str], list[Cited]] = {}
    for row in rows:
        hidden = row.entry_id is None
        one = (
            Cited(str(row.id), row.reference, row.agency, ask=contacts[row.agency_id].ask)
            if hidden
            else _seen(
                row,
                case,
                withdraw,
                bound[row.id],
                held=sentence(contacts[held[row.id]]) if row.id in held else "",
            )
        )
        found.setdefault((row.holder_id, row.part), []).append(one)
    return found


def choices(entries: Page[MomentCursor], case: Any, page: Callable[[UUID], str]) -> list[Choosable]:
    """The entries of a page of the chronology, each with whether it may be cited.

    Args:
        page: the address at which one confirms.
    """
    return [
        Choosable(entry, ruling_of(row), page(row.id))
        for row, entry in zip(entries.rows, entry_items(entries.rows, case), strict=True)
        if not entry.corrected_by
    ]


def find_choice(*, case: Any, happened_at: datetime, entry_id: UUID) -> tuple[Entry, Ruling] | None:
    """One entry of a case that the reader may see, with whether it may be cited."""
    rows = case_page.entries(case_id=case.id, before=just_after(happened_at, entry_id), limit=1).rows
    if not rows or rows[0].id != entry_id:
        return None
    return entry_items(rows, case)[0], ruling_of(rows[0])


def ruling_of(row: Any) -> Ruling:
    """Whether an entry of the chronology may be cited."""
    return may_cite(
        Handling(row.handling),
        agency=row.agency,
        listed=list(row.listed),
        bounds=bounds_of(row.conditions, row.grading),
    )


def _holder(row: Any) -> UUID:
    return holder_of(agency_id=row.entry_agency_id, giver_id=row.giver_agency_id, grading=row.grading)


def _stays(bound: Bounds) -> bool:
    """Whether the words stay out of the record: they came to be bound after they were cited, or the record is
    printed or taken out as a file. Whoever may read them reads them on the page of the case.
    """
    return bound.forbids(Use.CITE) or bound.forbids(leaving())


def _conditions(row: Any, bound: Bounds) -> str:
    """Those under which it was cited, those that came since, and that they have ended."""
    since = [one for one in bound.conditions if one not in row.conditions]
    released = (row.grading or {}).get("released_at")
    ended = f"The police released it on {day(datetime.fromisoformat(released))}." if released else ""
    return " ".join(one for one in (row.conditions, *since, ended) if one)


def _seen(row: Any, case: Any, withdraw: Callable[[UUID], str] | None, bound: Bounds, *, held: str) -> Cited:
    policy = current_policy(case.authority)
    ours = current().agency_id in {row.agency_id, row.cited_agency_id}
    offered = withdraw is not None and permitted(current(), "citation:withdraw", Facts(own_agency=ours))
    return Cited(
        str(row.id),
        row.reference,
        row.agency,
        title=entry_label(policy, row.kind),
        at=row.happened_at,
        text=held or row.text,
        conditions="" if held else _conditions(row, bound),
        by=f"{row.cited_by}, {row.cited_agency}",
        corrected=row.corrected,
        page=entry_page(case.reference, row.entry_id),
        withdraw=withdraw(row.id) if withdraw is not None and offered else "",
    )
