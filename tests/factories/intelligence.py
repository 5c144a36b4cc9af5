"""Gradings and sources of entries, written straight into the tables."""

from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.policy import current_policy, uses_forbidden
from portal.records.cases.model import ChronologyEntry
from portal.records.intelligence.model import EntryGrading, EntrySource
from portal.records.people.model import User

#: Every use is forbidden.
READING_ONLY = "For reading in the portal only"


def make_grading(
    rows: Session, entry: ChronologyEntry, by: User, *conditions: str, **facts: Any
) -> EntryGrading:
    """An entry graded as intelligence under conditions, as the policy words them."""
    rules = uses_forbidden()
    listed = {one.label: one.code for one in current_policy().sharing.conditions}
    values: dict[str, Any] = {
        "source_grade": "2",
        "information_grade": "C",
        "handling_code": "C" if conditions else "P",
        "codes": [listed[one] for one in conditions if one in listed],
        "conditions": "\n".join(conditions),
        "forbids": sorted({use for one in conditions for use in rules.get(one, ())}),
        "graded_at": clock.now(),
        "policy_version": "test",
    } | facts
    found = EntryGrading(
        id=new_id(), entry_id=entry.id, graded_by=by.id, graded_agency_id=by.agency_id, **values
    )
    rows.add(found)
    rows.commit()
    return found


def make_source(rows: Session, entry: ChronologyEntry, author: User, text: str = "Told") -> EntrySource:
    """Who or what an entry came from."""
    found = EntrySource(
        entry_id=entry.id,
        text=text,
        author_id=author.id,
        author_agency_id=author.agency_id,
        written_at=clock.now(),
    )
    rows.add(found)
    rows.commit()
    return found
