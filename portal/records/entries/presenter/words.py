"""Entries of the chronology in words, and what stands in the place of words that may not leave the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for

from portal import clock
from portal.access.permissions import Facts, permitted
from portal.access.principal import current
from portal.pathway.deadlines import is_overdue
from portal.policy import Policy, current_policy
from portal.records.entries.policy import OTHER_MOMENT, Contributions, entry_label
from portal.records.entries.presenter.attachment import FileLine, file_lines
from portal.records.entries.presenter.grading import GradingLine, grading_line
from portal.records.entries.presenter.release_context import leaving
from portal.records.entries.reading.case_page import just_after
from portal.records.entries.reading.citations import contacts
from portal.records.entries.reading.handling_restrictions import bounds_of, holder_of, sentence
from portal.records.entries.rules.details import Detail, details_of
from portal.records.entries.rules.handling_restrictions import Bounds, held_back
from portal.records.entries.vocabulary.handling import FamilySafe, Handling
from portal.vocabulary.uses import Use
from portal.web.filters import day


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
        title=entry_label(policy, row.kind),
        by=f"{row.author}, {row.agency}",
        at=row.happened_at,
        written_at=row.created_at,
        text=held or row.text,
        held=held is not None,
        readers=_readers(row),
        family_safe=FamilySafe(row.family_safe).label,
        critical_moment=None if held else moment_words(policy, row),
        conditions="" if held else bound.in_words,
        on_paper=on_paper(row) if bound.forbids(Use.PRINT) else "",
        grading=grading_line(row.grading, policy) if row.grading else None,
        may_grade=permitted(person, "intelligence:grade", Facts(own_agency=own)),
        disclosure=row.disclosure,
        corrects=str(row.corrects_id) if row.corrects_id else None,
        correction_reason=None if held else row.correction_reason,
        corrected_by=str(row.corrected_by) if row.corrected_by else None,
        may_correct=own and row.corrected_by is None,
        files=() if held else _files(row, shut=bound.forbids(Use.EXPORT) and not own),
        may_add_files=own,
        details=() if held else details_of(policy.of(Contributions).kinds.get(row.kind), row.details),
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


def on_paper(row: Any) -> str:
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
    label = policy.of(Contributions).moments.label(row.moment)
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
    said = row.review["words"].rstrip(".")
    if row.review["assessment"]:
        return f"Then came the risk assessment {row.review['assessment']}, finalised on {at}"
    return f"{row.review['by']} looked at the risk assessment on {at}; nothing changes: {said}"


def _readers(row: Any) -> str:
    """Who else may read an entry."""
    match row.handling:
        case Handling.AGENCIES:
            return f"Only {', '.join((row.agency, *row.listed))}"
        case Handling.OWN:
            return f"Only {row.agency}"
        case _:
            return Handling.NETWORK.label
