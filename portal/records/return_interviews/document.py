"""A completed return interview: each return that it is about, what was recorded, and what the child said."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.documents.document import Document
from portal.records.cases.document import about_child
from portal.records.disclosures.vocabulary import CopyKind
from portal.records.return_interviews import presenter as interview_words
from portal.records.return_interviews import reading as interviews
from portal.records.return_interviews.policy import ReturnInterviews
from portal.web.filters import day, lower_first, moment


def return_interview(
    *,
    found: interviews.InterviewFound,
    rules: ReturnInterviews,
    warnings: Iterable[Any],
    case_ids: Sequence[UUID],
) -> Document:
    """An interview as it stands, with what was corrected after it was completed.

    Args:
        warnings: the alerts that stand on the child’s cases, as at the head of a page.
        case_ids: the open cases of the child that the reader reads.
    """
    interview = found.interview
    return Document.of(
        interview,
        CopyKind.RETURN_INTERVIEW,
        title="Return interview",
        about=[about_child(found.child) if found.child else found.name],
        warnings=[f"{one['label']}: {one['text']}" for one in warnings],
        case_ids=case_ids,
        blocks=[
            *blocks.note(
                f"Begun by {found.opened_by}, {found.agency}, on {day(interview.opened_at)}; completed by"
                f" {found.completed_by} on {moment(interview.completed_at)}."
            ),
            *_returns(interview.id),
            *blocks.facts(interview_words.facts(rules, interview, reads_case=bool(case_ids))),
            *_said(rules, interview),
            *_around(rules, interview),
        ],
    )


def _returns(interview_id: UUID) -> list[Block]:
    rows = [
        (
            f"{moment(row.missing_since)}\n{row.reference}",
            moment(row.returned_at),
            moment(row.original_due_at) or "Not owed",
            "\n".join(filter(None, (interview_words.due_words(row), row.late_reason))),
        )
        for row in interviews.episodes_of(interview_id=interview_id)
    ]
    return [
        blocks.heading("Returns that it is about"),
        *blocks.table(("Missing", "Back", "Interview due", "In time?"), rows),
    ]


def _said(rules: ReturnInterviews, interview: Any) -> list[Block]:
    found: list[Block] = []
    for part in interview_words.parts(rules, interview):
        if part.said:
            found += [
                blocks.heading(part.label),
                *(blocks.said(label, words=words) for label, words in part.said),
            ]
    return found


def _around(rules: ReturnInterviews, interview: Any) -> list[Block]:
    tried = [
        f"{moment(one.at)}, {lower_first(rules.ways.label(one.way))}: {one.words}"
        f" ({one.made_by}, {one.agency})"
        for one in interviews.attempts(interview_id=interview.id)
    ]
    corrected = [
        f"{one.what}, {moment(one.at)}, {one.by}. Before: {one.before}"
        for one in interview_words.corrections(
            rules, interview, interviews.changes(interview_id=interview.id)
        )
    ]
    found: list[Block] = []
    for title, lines in (
        ("Attempts", tried),
        ("Told of it", interview_words.shared(interview)),
        ("Corrected, or read by others than before", corrected),
    ):
        if lines:
            found += [blocks.heading(title), *blocks.bullets(lines)]
    return found
