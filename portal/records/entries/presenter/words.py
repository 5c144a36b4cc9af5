"""Entries of the chronology in words, with their files.

What stands in the place of words that may not leave the page.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app, has_request_context, request, url_for

from portal import clock
from portal.access.guard import rule_of
from portal.access.permissions import Facts, permitted
from portal.access.principal import current
from portal.deadlines.rules import is_overdue
from portal.policy import Policy, current_policy
from portal.records.attachments.vocabulary import AttachmentState, FileKind
from portal.records.children.presenter import full_name
from portal.records.entries.policy import OTHER_MOMENT, Contributions, entry_label
from portal.records.entries.presenter.grading import GradingLine, grading_line
from portal.records.entries.reading.citations import bounds_of, contacts, holder_of, sentence
from portal.records.entries.rules import (
    Bounds,
    Detail,
    details_of,
    facts_in_words,
    held_back,
    who_reads,
)
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.vocabulary import Answer, Use
from portal.web.filters import day

_KILOBYTE = 1024

#: What is said beside a file.
_NOTES = {
    AttachmentState.CLEAN: "",
    AttachmentState.NOT_SCANNED: "Not scanned for viruses",
    AttachmentState.QUARANTINED: "Waiting to be checked for viruses",
    AttachmentState.REFUSED: "Refused: a virus or something else harmful was found in it",
}


@dataclass(frozen=True)
class FileLine:
    """One file beside the words of an entry."""

    reference: str
    name: str
    what: str
    note: str
    opens: bool
    is_email: bool  # read on a page, where others are saved


@dataclass(frozen=True)
class FileItem:
    """One file."""

    reference: str
    name: str
    kind: str
    size: str
    added: str  # by whom
    added_at: datetime
    note: str  # what is known of whether it is harmful, where that is worth saying
    opens: bool  # whether there is something to open, perhaps after a look
    shows_source: bool
    case_reference: str | None
    withdrawn: str  # by whom and why; empty where it was not
    may_withdraw: bool
    is_email: bool  # read on a page, where others are saved
    came_with_email: bool
    left_out: str  # how many files of an e-mail were not kept; empty for none

    @property
    def what(self) -> str:
        """Kind and size, and where it came from."""
        return f"{self.kind}, {self.size}{', came with an e-mail' if self.came_with_email else ''}"


#: What a file is called in a list where the words of its answer do not stand.
HELD_BACK = "A file on an answer that is held back: its name is on the page of the question"


def file_items(rows: Iterable[Any], *, runs_meeting: bool = False) -> list[FileItem]:
    """Files with their labels.

    Args:
        runs_meeting: they hang on a meeting of which the person is chair or note-taker.
    """
    person = current()
    return [
        FileItem(
            reference=row.reference,
            name=HELD_BACK if getattr(row, "held_back", False) else row.name,
            kind=FileKind(row.kind).label,
            size=size_words(row.size),
            added=f"{row.added_by}, {row.agency}",
            added_at=row.added_at,
            note=_NOTES[AttachmentState(row.state)],
            opens=row.removed_at is None and row.state != AttachmentState.REFUSED,
            shows_source=row.shows_source,
            case_reference=row.case_reference,
            withdrawn=f"Withdrawn by {row.removed_by}: {row.removed_reason}" if row.removed_at else "",
            is_email=row.kind == FileKind.EMAIL,
            came_with_email=row.part_of_id is not None,
            left_out=left_out_words(row.left_out),
            may_withdraw=row.removed_at is None
            and row.state != AttachmentState.REFUSED
            and permitted(
                person,
                "attachment:withdraw",
                Facts(own_agency=row.added_agency_id == person.agency_id, runs_meeting=runs_meeting),
            ),
        )
        for row in rows
    ]


def file_lines(files: Iterable[Mapping[str, Any]] | None) -> list[FileLine]:
    """Files of an entry, as the statement that reads it brings them; those that were withdrawn say so.

    Args:
        files: of each its reference, name, kind, size, state and whether it was removed; None for none.
    """
    return [
        FileLine(
            reference=one["reference"],
            name=one["name"],
            what=f"{FileKind(one['kind']).label}, {size_words(one['size'])}",
            note="Withdrawn" if one["removed"] else _NOTES[AttachmentState(one["state"])],
            opens=not one["removed"] and one["state"] != AttachmentState.REFUSED,
            is_email=one["kind"] == FileKind.EMAIL,
        )
        for one in files or ()
    ]


def left_out_words(number: int) -> str:
    """How many files of an e-mail were not kept, for people; nothing for none."""
    if not number:
        return ""
    return "1 file in it was not kept" if number == 1 else f"{number} files in it were not kept"


def size_words(size: int) -> str:
    """How large a file is, for people.

    Args:
        size: in bytes.
    """
    if size < _KILOBYTE * _KILOBYTE:
        return f"{max(1, round(size / _KILOBYTE))} KB"
    return f"{size / _KILOBYTE / _KILOBYTE:.1f} MB"


_USES = {"print": Use.PRINT, "export": Use.EXPORT}


def leaving() -> Use | None:
    """The use that the present answer makes of the words that it holds; none of a page that is read."""
    if not has_request_context() or request.endpoint is None:
        return None
    rule = rule_of(current_app, request.endpoint)
    return _USES.get(rule.releases) if rule and rule.releases else None


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
    may_record: bool  # something of concern from it: what more people read than the case
    readers: str
    readers_unusual: bool  # fewer than everybody on the case
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
        by=said_by(row),
        at=row.happened_at,
        written_at=row.created_at,
        text=held or row.text,
        held=held is not None,
        may_record=held is None and (own or not bound.forbids(Use.PASS_ON)),
        readers=who_reads(row.handling, row.agency, row.listed),
        readers_unusual=row.handling != Handling.NETWORK,
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


def said_by(row: Any) -> str:
    """Who wrote an entry, and whose words it is where it came by an information form."""
    wrote = f"{row.author}, {row.agency}"
    return f"{row.sender}, by an information form; added by {wrote}" if row.sender else wrote


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


@dataclass(frozen=True)
class ChangeLine:
    """How an entry was put right once: what became of what, why, by whom."""

    lines: Sequence[str]
    reason: str
    by: str
    at: datetime


def change_items(rows: Sequence[Any], policy: Policy) -> list[ChangeLine]:
    """How an entry was put right, the latest first."""
    return [ChangeLine(_changed(row, policy), row.reason, row.by, row.at) for row in rows]


def _changed(row: Any, policy: Policy) -> list[str]:
    before, after = (facts_in_words(one, policy, row.names or {}) for one in (row.before, row.after))
    return [f"{name}: {was} → {after[name]}" for name, was in before.items() if was != after[name]]


def entry_page(reference: str, entry_id: UUID) -> str:
    """The page of an entry."""
    return url_for("cases.entry", reference=reference, entry_id=entry_id)


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
        return (
            f"Whoever leads the case is to look at the risk assessment again by {day(row.review_due)}{late}"
        )
    if not row.review:
        return ""
    at = day(datetime.fromisoformat(row.review["at"]))
    said = row.review["words"].rstrip(".")
    if row.review["assessment"]:
        return f"Then came the risk assessment {row.review['assessment']}, finalised on {at}"
    return f"{row.review['by']} looked at the risk assessment on {at}; nothing changes: {said}"


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
    """Rows of `portal.pages.contributions.lately` in words."""
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
        page=entry_page(row.reference, row.id),
        correct=url_for("cases.correct", reference=row.reference, entry_id=row.id)
        if own and unfollowed
        else "",
    )
