"""What health found, or another sector added, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from portal.access.principal import current
from portal.policy import Policy
from portal.records.children.presenter import full_name
from portal.records.entries.policy import Contributions, entry_label
from portal.records.entries.presenter.words import entry_page, on_paper
from portal.records.entries.reading.handling_restrictions import bounds_of
from portal.records.entries.rules.details import Detail, details_of
from portal.vocabulary import Answer
from portal.vocabulary.uses import Use


@dataclass(frozen=True)
class FoundLine:
    """One attendance, report, exclusion or the like on a list."""

    title: str
    child: str
    case: str
    at: datetime
    text: str
    details: Sequence[Detail]
    by: str
    critical: bool
    conditions: str
    on_paper: str  # what stands in the place of the words where somebody prints the page that they read
    unfollowed: bool  # an appointment that nobody followed up yet
    page: str
    correct: str  # where one’s own agency says that it was followed up


def found_lines(rows: Iterable[Any], policy: Policy) -> list[FoundLine]:
    """Rows of `portal.queries.contributions.lately` in words."""
    return [_line(row, policy) for row in rows]


def _line(row: Any, policy: Policy) -> FoundLine:
    kind = policy.of(Contributions).kinds.get(row.kind)
    unfollowed = row.kind == "missed_appointment" and row.details.get("followed_up") != Answer.YES
    own = row.agency_id == current().agency_id
    bound = bounds_of(row.conditions, row.grading)
    return FoundLine(
        title=entry_label(policy, row.kind),
        child=full_name(row),
        case=row.reference,
        at=row.at,
        text=row.text,
        details=details_of(kind, row.details),
        by=f"{row.author}, {row.agency}",
        conditions=bound.in_words,
        on_paper=on_paper(row) if bound.forbids(Use.PRINT) else "",
        critical=bool(row.critical_moment),
        unfollowed=unfollowed,
        page=entry_page(row.reference, row.at, row.id),
        correct=url_for("cases.correct", reference=row.reference, entry_id=row.id)
        if own and unfollowed
        else "",
    )
