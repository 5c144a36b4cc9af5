"""A case in words: codes become labels here, so that templates only lay out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import url_for

from portal import clock
from portal.access.principal import current
from portal.pathway.deadlines import is_overdue
from portal.pathway.eligibility import age_on
from portal.policy import Policy, current_policy
from portal.services.due_dates import MOVABLE
from portal.vocabulary import CaseState, DeadlineKind, FamilySafe, GrantKind, Handling, RiskLevel, Sensitivity
from portal.web.attachment_words import FileLine, file_lines
from portal.web.due_sources import DueSource, due_source
from portal.web.filters import day, nhs_number

STATES = {state.value: state.label for state in CaseState}
LEVELS = {level.value: level.label for level in RiskLevel}
LEVEL_TAGS = {"high": "red", "medium": "orange", "low": "yellow"}
#: The due time of a case on which nothing is owed, as the scope table keeps it.
NOTHING_DUE = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Duty:
    """What is due, for whom, and whether it is late."""

    what: str
    due_at: datetime
    owner: str
    overdue: bool
    original: datetime | None  # the first due time, when it was moved
    id: UUID
    source: DueSource | None  # where the date of a duty of the case itself comes from


@dataclass(frozen=True)
class Entry:
    """One entry as the chronology shows it."""

    id: str
    title: str
    by: str
    at: datetime
    written_at: datetime
    text: str
    readers: str
    family_safe: str
    critical_moment: str | None
    conditions: str | None
    disclosure: str | None
    corrects: str | None
    correction_reason: str | None
    corrected_by: str | None
    may_correct: bool
    files: Sequence[FileLine]
    may_add_files: bool


def duties(rows: Iterable[Any], authority: str | None) -> Sequence[Duty]:
    """Open deadlines, earliest first."""
    now = clock.now()
    return [
        Duty(
            what=DeadlineKind(row.kind).label,
            due_at=row.due_at,
            owner=row.owner,
            overdue=is_overdue(row.due_at, now),
            original=row.original_due_at if row.original_due_at != row.due_at else None,
            id=row.id,
            source=due_source(row, authority)
            if row.kind in MOVABLE and row.subject_kind == "cre_case"
            else None,
        )
        for row in rows
    ]


def _by_policy(row: Any) -> bool:
    """Whether the page says where the date of a duty comes from: of the case itself, and to be moved."""
    return row.kind in MOVABLE and row.subject_kind == "cre_case"


def entry_items(rows: Iterable[Any], case: Any) -> list[Entry]:
    """Entries with their labels."""
    kinds = current_policy(case.authority).cases.entry_kinds
    own = current().agency_id
    return [
        Entry(
            id=str(row.id),
            title=kinds.label(row.kind) if row.kind in kinds else "Note",
            by=f"{row.author}, {row.agency}",
            at=row.happened_at,
            written_at=row.created_at,
            text=row.text,
            readers=_readers(row),
            family_safe=FamilySafe(row.family_safe).label,
            critical_moment=row.critical_moment,
            conditions=row.conditions,
            disclosure=row.disclosure,
            corrects=str(row.corrects_id) if row.corrects_id else None,
            correction_reason=row.correction_reason,
            corrected_by=str(row.corrected_by) if row.corrected_by else None,
            may_correct=row.agency_id == own and row.corrected_by is None,
            files=file_lines(row.files),
            may_add_files=row.agency_id == own,
        )
        for row in rows
    ]


def _readers(row: Any) -> str:
    """Who else may read an entry."""
    match row.handling:
        case Handling.AGENCIES:
            return f"Only {', '.join((row.agency, *row.listed))}"
        case Handling.OWN:
            return f"Only {row.agency}"
        case _:
            return Handling.NETWORK.label


def case_facts(case: Any, policy: Policy) -> list[dict[str, Any]]:
    """What a case is about, as rows of a summary list."""
    types, contexts = policy.exploitation.types, policy.exploitation.contexts
    districts = policy.areas.districts
    held = Sensitivity(case.sensitivity)
    return [
        {"key": "Where it stands", "value": CaseState(case.state).label},
        {"key": "Lead", "value": lead_words(case)},
        {"key": "Date of birth", "value": age_words(case)},
        {"key": "NHS number", "value": nhs_number(case.nhs_number)},
        {"key": "Types", "value": [types.label(code) for code in case.types] or ""},
        {"key": "Context", "value": [contexts.label(code) for code in case.contexts] or ""},
        {"key": "District", "value": districts.label(case.district) if case.district else ""},
        {"key": "Opened", "value": f"{day(case.opened_at)}: {case.reason}"},
        {
            "key": "Held",
            "value": f"{held.label}: {case.sensitivity_reason}" if case.sensitivity_reason else held.label,
        },
    ]


def lead_words(case: Any) -> str:
    """The lead professional with phone, and the agency."""
    if not case.lead_professional:
        return f"{case.lead_agency}. No lead professional named yet"
    phone = f", {case.lead_phone}" if case.lead_phone else ""
    return f"{case.lead_professional}{phone}, {case.lead_agency}"


def notice_contact(notice: Any) -> str:
    """Whom to ask about a case that one may not read."""
    if not notice.contact:
        return ""
    return f"{notice.contact}, {notice.contact_phone}" if notice.contact_phone else notice.contact


def grant_label(kind: str) -> str:
    """Why one person reads a case."""
    return GrantKind(kind).label


def case_table() -> dict[str, Any]:
    """What `cases/_table.html` needs beside its rows, worked out once for all of them."""
    return {
        "path": url_for("cases.index"),
        "now": clock.now(),
        "nothing_due": NOTHING_DUE,
        "states": STATES,
        "levels": LEVELS,
        "tags": LEVEL_TAGS,
    }


def strip_item(alert: Any, policy: Policy) -> dict[str, Any]:
    """An alert as the strip shows it: what kind, what to do, what is known, who answers for it."""
    rule = policy.cases.alerts.get(alert.kind)
    return {
        "label": rule.label if rule else alert.kind,
        "text": f"{rule.hint}. {alert.text}" if rule and rule.hint else alert.text,
        "danger": alert.review_on < clock.today(),
        "owner": alert.owner,
        "review_on": alert.review_on,
    }


def level_words(level: str | None) -> str:
    """A level for people; a case that has none is not yet assessed."""
    return RiskLevel(level).label if level else "Not yet assessed"


def age_words(case: Any) -> str:
    """A date of birth with the age, or that it is not known."""
    if case.dob is None:
        return ""
    years = age_on(case.dob, clock.today())
    return f"{case.dob.day} {case.dob:%B %Y}{' (estimated)' if case.dob_is_estimate else ''}, aged {years}"
