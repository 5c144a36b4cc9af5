"""What binds the use of entries, and who holds what may not leave: asked wherever words are taken along.

held = held_from(entry_ids=ids, use=Use.EXPORT)   # one statement, a second only where something is held
text = held.get(entry_id) or entry.text           # the sentence in its place, or the words
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from portal.extensions import db
from portal.policy import uses_forbidden
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.disclosures.model.disclosures import Disclosure
from portal.records.entries.reading.citations import contacts, live_grading
from portal.records.entries.rules.handling_restrictions import Bounds, Graded, are_many, bounds, held_back
from portal.records.intelligence.model import EntryGrading
from portal.vocabulary.uses import Use


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
        return bounds(conditions=None, rules={})
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
    on_cases = select(Case.id).where(Case.child_id.in_(child_ids) | Case.id.in_(case_ids))
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
