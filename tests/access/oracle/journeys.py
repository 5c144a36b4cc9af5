"""Who sees what of the pathway of a case, from the words of the design: assessments, levels, what they cite.

All of it is full reach on the case. What may not be seen by all is an entry with handling, and is cited: that
something is cited is for all who read the record; what, by the rule of the entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """For each table, who sees a row of it."""

    def of_case(row: R) -> bool:
        return who.full(row.case_id)

    def of_assessment(row: R) -> bool:
        return of_case(who.truth.one("risk_assessment", row.assessment_id))

    def cited(row: R) -> bool:
        entry = who.truth.one("chronology_entry", row.entry_id)
        return who.handled(entry) and of_case(entry)

    return {
        **dict.fromkeys(("risk_assessment", "level_decision", "citation"), of_case),
        **dict.fromkeys(("assessment_section", "assessment_answer"), of_assessment),
        "cited_entry": cited,
    }
