"""The pack of a meeting: agenda, and for each child what this reader may read, as one document."""

from collections.abc import Iterable, Sequence
from typing import Any

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.documents.document import Document
from portal.policy import Policy, current_policy
from portal.records.assessments import reading as assessments
from portal.records.assessments.concluding import tool_of
from portal.records.assessments.document import assessment_blocks, title_of
from portal.records.cases.document import about_child, at_a_glance, entries_of, warnings_of
from portal.records.children.presenter import full_name
from portal.records.disclosures.vocabulary import CopyKind
from portal.records.entries.reading import case_page
from portal.records.entries.reading.case_page import entries_within
from portal.records.linked_processes.document import processes
from portal.records.meetings.presenter.day import ChildsPapers, child_papers
from portal.records.meetings.presenter.words import invited_lines, is_over, kind_words, when_words
from portal.records.meetings.reading import records as meetings
from portal.records.plans import reading as plans
from portal.records.plans.document import plan_blocks
from portal.records.requests import reading as requests
from portal.records.requests.document import answer_blocks, answers_on_case
from portal.web.filters import day

#: How many entries a pack holds of each child and in all; a longer chronology says that it goes on.
ENTRIES, IN_ALL = 200, 600


def pack(*, meeting: Any, children: Sequence[Any]) -> Document:
    """What the reader needs at a meeting. A child whose case they do not read is not in it, in no form.

    Args:
        meeting: the row of `portal.records.meetings.reading.records.page`.
        children: the rows of `portal.records.meetings.reading.records.children`.
    """
    read = [child for child in children if child.case_id]
    about = [f"{kind_words(meeting)}, {when_words(meeting)}"]
    return Document.of(
        meeting,
        CopyKind.PACK,
        called="pack",
        title="Meeting pack",
        about=about,
        case_ids=[child.case_id for child in read],
        blocks=[
            *blocks.facts(
                [
                    {"key": "Where", "value": meeting.place or "No place: by link"},
                    {"key": "Link", "value": meeting.link},
                    {"key": "Chair", "value": f"{meeting.chair}, {meeting.chair_agency}"},
                    {"key": "Note-taker", "value": f"{meeting.note_taker}, {meeting.note_taker_agency}"},
                    {"key": "On", "value": [about_child(child) for child in read]},
                ]
            ),
            *_agenda(meeting, read),
            *_invited(meeting),
            *_children(meeting, read),
        ],
    )


def _agenda(meeting: Any, read: Sequence[Any]) -> list[Block]:
    cases = {child.case_id for child in read}
    items = [
        f"{one.heading}: {full_name(one)}" if one.case_id and len(read) > 1 else one.heading
        for one in meetings.agenda(meeting_id=meeting.id)
        if one.case_id is None or one.case_id in cases
    ]
    return [blocks.heading("Agenda"), *(blocks.numbered(items) or blocks.words("Not written yet."))]


def _invited(meeting: Any) -> list[Block]:
    """Who comes, for whoever may know of the meeting as a whole."""
    if not meeting.full_reach:
        return []
    lines = invited_lines(meetings.invited(meeting_id=meeting.id), over=is_over(meeting))
    rows = [(one.whom, one.of, one.role, one.reply) for one in lines]
    listed = blocks.table(("Who", "Agency", "Role", "Reply"), rows, (2, 2, 2, 1))
    return [blocks.heading("Who is invited"), *listed] if listed else []


def _children(meeting: Any, read: Sequence[Any]) -> Iterable[Block]:
    reports = meetings.reports(meeting_id=meeting.id)
    papers = child_papers(read, meetings.papers(meeting_id=meeting.id), reports)
    answers = requests.answers_of(request_ids=[row.id for row in reports])
    cases = {child.case_id for child in read}
    yield from _reports([row for row in reports if row.case_id not in cases], answers, level=1)
    for child, listed in zip(read, papers, strict=True):
        on_child = [row for row in reports if row.case_id == child.case_id]
        yield from _child(child, listed, on_child, answers, most=min(ENTRIES, IN_ALL // len(read)))


def _child(
    child: Any, listed: ChildsPapers, asked: Sequence[Any], answers: Sequence[Any], *, most: int
) -> Iterable[Block]:
    case = case_page.head(reference=child.reference)
    if case is None:
        return
    policy = current_policy(case.authority)
    yield blocks.new_page()
    yield blocks.heading(f"{full_name(child)}, case {case.reference}")
    for text in warnings_of(case, policy, case_page.alerts(case_id=case.id)):
        yield blocks.warning(text)
    yield from at_a_glance(case, policy)
    yield from processes(case_id=case.id, level=2)
    yield from _papers(listed)
    yield from _reports(asked, answers, level=2)
    yield from _assessment(case, policy)
    yield from _plan(case, policy)
    found = entries_within(case_id=case.id, limit=most, share=most / IN_ALL)
    answered = answers_on_case(case_id=case.id, level=3, without=[one.id for one in asked])
    yield from entries_of(case, found, level=2, beside=answered)


def _papers(listed: ChildsPapers) -> list[Block]:
    rows = [(one.label, "\n".join(filter(None, (one.words, one.detail)))) for one in listed.papers]
    rows += [
        (
            f"Report of {one.whom}, {one.agency}",
            f"{one.words}{f', due {day(one.due_at)}' if one.awaited else ''}",
        )
        for one in listed.reports
    ]
    found = blocks.table(("Paper", "Is it there?"), rows)
    return [blocks.heading("Papers and reports", 2), *found] if found else []


def _reports(asked: Sequence[Any], answers: Sequence[Any], *, level: int) -> Iterable[Block]:
    """The reports that the reader may read, each with who else may."""
    for request in asked:
        for one in answers:
            if one.request_id != request.id:
                continue
            yield blocks.heading(f"Report of {request.team or request.person}, {request.agency}", level)
            yield from answer_blocks(one)


def _assessment(case: Any, policy: Policy) -> Iterable[Block]:
    """The last assessment that was finalised."""
    made = [one for one in assessments.of_case(case_id=case.id) if one.finalised_at]
    last = max(made, key=lambda one: one.finalised_at, default=None)
    found = assessments.find_assessment(reference=last.reference) if last else None
    if found is None:
        yield blocks.heading("Risk assessment", 2)
        yield from blocks.words("None is finalised yet.")
        return
    record, of_case = found
    yield blocks.heading(f"{title_of(record)} {record.reference}", 2)
    people = assessments.people_of(assessment=record)
    yield from assessment_blocks(record, tool_of(of_case, record), case, policy, people, level=3)


def _plan(case: Any, policy: Policy) -> Iterable[Block]:
    """The plan so far, where there is one."""
    found = plans.plan_of_case(case_id=case.id)
    if found is None:
        return
    yield blocks.heading(f"Plan {found.reference}", 2)
    yield from plan_blocks(found, policy, level=3)
