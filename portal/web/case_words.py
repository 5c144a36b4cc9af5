"""A case in words: codes become labels here, so that templates only lay out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import url_for

from portal import clock
from portal.access.permissions import Facts, permitted
from portal.access.principal import current
from portal.pathway.deadlines import is_overdue
from portal.pathway.details import Detail, details_of
from portal.pathway.eligibility import age_on
from portal.pathway.uses import Bounds, held_back
from portal.policy import Policy, current_policy
from portal.policy.contributing import OTHER_MOMENT
from portal.queries.case_page import just_after
from portal.queries.citations import contacts
from portal.queries.uses import bounds_of, holder_of, sentence
from portal.services.due_dates import MOVABLE
from portal.vocabulary import (
    CaseState,
    DeadlineKind,
    FamilySafe,
    GrantKind,
    Handling,
    RiskLevel,
    Sensitivity,
    Use,
)
from portal.web.attachment_words import FileLine, file_lines
from portal.web.due_sources import DueSource, due_source
from portal.web.filters import day, nhs_number
from portal.web.grading_words import GradingLine, grading_line
from portal.web.leaving import leaving

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
    text: str  # where the words may not leave with the page, the sentence that stands in their place
    held: bool  # whether it is that sentence
    readers: str
    family_safe: str
    critical_moment: str | None
    conditions: str
    on_paper: str  # what stands in the place of the words where somebody prints the page that they read
    grading: GradingLine | None
    may_grade: bool
    disclosure: str | None
    corrects: str | None
    correction_reason: str | None
    corrected_by: str | None
    may_correct: bool
    files: Sequence[FileLine]
    may_add_files: bool
    details: Sequence[Detail]
    review: str  # what became of the assessment after a critical moment, or by when somebody looks at it
    review_open: bool
    answer_review: bool


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


def entry_items(rows: Sequence[Any], case: Any) -> list[Entry]:
    """Entries with their labels. On a print or in a file, words that may not leave in that way have a
    sentence in their place, and nothing else of them is there.
    """
    policy, use = current_policy(case.authority), leaving()
    bound = {row.id: bounds_of(row.conditions, row.grading) for row in rows}
    sentences = _sentences([row for row in rows if bound[row.id].forbids(use)])
    leads = Facts(
        lead_professional=case.lead_professional_id == current().user_id,
        own_agency=case.lead_agency_id == current().agency_id,
    )
    answers = permitted(current(), "moment:review", leads)
    return [_entry(row, bound[row.id], sentences, policy, answers=answers) for row in rows]


def _entry(row: Any, bound: Bounds, sentences: Mapping[UUID, str], policy: Policy, *, answers: bool) -> Entry:
    person, held = current(), sentences.get(row.id)
    own = row.agency_id == person.agency_id
    return Entry(
        id=str(row.id),
        title=policy.entry_label(row.kind),
        by=f"{row.author}, {row.agency}",
        at=row.happened_at,
        written_at=row.created_at,
        text=held or row.text,
        held=held is not None,
        readers=_readers(row),
        family_safe=FamilySafe(row.family_safe).label,
        critical_moment=None if held else moment_words(policy, row),
        conditions="" if held else bound.in_words,
        on_paper=_on_paper(row) if bound.forbids(Use.PRINT) else "",
        grading=grading_line(row.grading, policy) if row.grading else None,
        may_grade=permitted(person, "intelligence:grade", Facts(own_agency=own)),
        disclosure=row.disclosure,
        corrects=str(row.corrects_id) if row.corrects_id else None,
        correction_reason=None if held else row.correction_reason,
        corrected_by=str(row.corrected_by) if row.corrected_by else None,
        may_correct=own and row.corrected_by is None,
        files=() if held else _files(row, shut=bound.forbids(Use.EXPORT) and not own),
        may_add_files=own,
        details=() if held else details_of(policy.contributions.kinds.get(row.kind), row.details),
        review="" if held else review_words(row),
        review_open=row.review_due is not None,
        answer_review=row.review_due is not None and answers,
    )


def _files(row: Any, *, shut: bool) -> Sequence[FileLine]:
    """The files of an entry. One that may not leave is opened by nobody but the agency whose it is."""
    found = file_lines(row.files)
    return (
        [replace(one, opens=False, note=f"Held back. Ask {row.agency}") for one in found] if shut else found
    )


def _sentences(rows: Sequence[Any]) -> Mapping[UUID, str]:
    """The sentence in the place of each of some entries; one statement, none for none."""
    holders = {row.id: holder_of_row(row) for row in rows}
    ask = contacts(set(holders.values()))
    return {entry_id: sentence(ask[holder]) for entry_id, holder in holders.items()}


def holder_of_row(row: Any) -> UUID:
    """Whom to ask about the use of an entry of the chronology."""
    return holder_of(agency_id=row.agency_id, giver_id=row.giver_agency_id, grading=row.grading)


def _on_paper(row: Any) -> str:
    """Said without a further question to the database: the page that is read says it only to the printer."""
    graded = row.grading and row.grading["forbids"] and not row.grading["released_at"]
    agency = row.grading["agency"] if graded else row.agency
    return held_back(agency=agency, ask=f"Ask {agency}.")


def entry_page(reference: str, happened_at: datetime, entry_id: UUID) -> str:
    """Where an entry stands on the page of its case."""
    before = str(just_after(happened_at, entry_id))
    return url_for("cases.show", reference=reference, before=before, _anchor=f"entry-{entry_id}")


def moment_words(policy: Policy, row: Any) -> str | None:
    """What makes an entry a critical moment: its kind, and what somebody wrote."""
    if not row.critical_moment or not row.moment:
        return str(row.critical_moment) if row.critical_moment else None
    label = policy.contributions.moments.label(row.moment)
    if row.critical_moment == label or row.moment == OTHER_MOMENT:
        return str(row.critical_moment)
    return f"{label}: {row.critical_moment}"


def review_words(row: Any) -> str:
    """What became of the risk assessment after a critical moment."""
    if row.review_due is not None:
        late = ", overdue" if is_overdue(row.review_due, clock.now()) else ""
        return f"Whoever leads the case looks at the risk assessment again by {day(row.review_due)}{late}"
    if not row.review:
        return ""
    at = day(datetime.fromisoformat(row.review["at"]))
    if row.review["assessment"]:
        return f"Then came the risk assessment {row.review['assessment']}, finalised on {at}"
    return f"{row.review['by']} looked at the risk assessment on {at}; nothing changes: {row.review['words']}"


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
