"""The pack of a meeting: agenda, and for each child what this reader may read, as one document."""

from collections.abc import Iterable, Sequence
from typing import Any

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.documents.document import Document
from portal.pages.chronologies import reading as chronologies
from portal.pages.chronologies.document import lines_within
from portal.policy import Policy, current_policy
from portal.queries.paging import Page
from portal.records.assessments import reading as assessments
from portal.records.assessments.concluding import tool_of
from portal.records.assessments.document import assessment_blocks, title_of
from portal.records.cases.document import about_child, at_a_glance, warnings_of
from portal.records.cases.reading import records as cases
from portal.records.children.presenter import full_name
from portal.records.disclosures.vocabulary import CopyKind
from portal.records.entries.reading import case_page
from portal.records.linked_processes.document import processes
from portal.records.meetings.presenter.day import ChildsPapers, child_papers
from portal.records.meetings.presenter.words import invited_lines, is_over, kind_words, when_words
from portal.records.meetings.reading import records as meetings
from portal.records.plans import reading as plans
from portal.records.plans.document import plan_blocks
from portal.records.requests import reading as requests
from portal.records.requests.document import answer_blocks
from portal.records.safety_plans import reading as safety_plans
from portal.records.safety_plans.document import said_in_force
from portal.records.safety_plans.vocabulary import SafetyPlanState
from portal.records.safety_plans.writing import rules_of
from portal.web.filters import day

#: How many lines a pack holds of each child and in all; a longer chronology says that it goes on.
LINES, IN_ALL = 200, 600


def pack(*, meeting: Any, children: Sequence[Any]) -> Document:
    """What the reader needs at a meeting. Of a child whose case they do not read nothing is in it but what
    their invitation says: who it is, and the points of the agenda, so that both count them alike.

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
        case_ids=_cases_in(read),
        blocks=[
            *blocks.facts(
                [
                    {"key": "Where", "value": meeting.place or "No place: by link"},
                    {"key": "Link", "value": meeting.link},
                    {"key": "Chair", "value": f"{meeting.chair}, {meeting.chair_agency}"},
                    {"key": "Note-taker", "value": f"{meeting.note_taker}, {meeting.note_taker_agency}"},
                    {"key": "On", "value": [about_child(child) for child in children]},
                ]
            ),
            *_agenda(meeting, children),
            *_invited(meeting),
            *_children(meeting, read),
        ],
    )


def _cases_in(read: Sequence[Any]) -> list[Any]:
    """Every case of which it holds something: a chronology has lines of the other cases of its child, too."""
    found = [one.id for child in read for one in cases.cases_of(child_id=child.child_id)]
    return list(dict.fromkeys([*(child.case_id for child in read), *found]))


def _agenda(meeting: Any, children: Sequence[Any]) -> list[Block]:
    """The points that the reader sees on the pages, in the same numbers."""
    items = [
        f"{one.heading}: {full_name(one)}" if one.given_name and len(children) > 1 else one.heading
        for one in meetings.agenda(meeting_id=meeting.id)
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
    of_pack = {child.case_id for child in read}
    yield from _reports([row for row in reports if row.case_id not in of_pack], answers, level=1)
    for child, listed in zip(read, papers, strict=True):
        on_child = [row for row in reports if row.case_id == child.case_id]
        yield from _child(child, listed, on_child, answers, most=min(LINES, IN_ALL // len(read)))


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
    yield from _safety_plan(case)
    yield from _plan(case, policy)
    yield blocks.heading("Chronology", 2)
    found = chronologies.lines(child_id=case.child_id, limit=most, share=most / IN_ALL)
    above = {one.reference for one in asked}
    beside = [row for row in found.rows if row.what != "answer" or row.reference not in above]
    yield from lines_within(Page(beside, found.next), policy, level=3)


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


def _safety_plan(case: Any) -> Iterable[Block]:
    """What keeps the child safe until the first meeting, where a plan is in force that the reader reads."""
    standing = case.safety_plan
    if not standing or standing["state"] != SafetyPlanState.IN_FORCE:
        return
    found = safety_plans.find_safety_plan(reference=standing["reference"])
    if found is None:
        return
    plan, of_case = found
    yield blocks.heading(f"Safety plan {plan.reference}", 2)
    versions = safety_plans.versions(plan_id=plan.id)
    yield from said_in_force(plan, rules_of(of_case, plan), versions, level=3)


def _plan(case: Any, policy: Policy) -> Iterable[Block]:
    """The plan so far, where there is one."""
    found = plans.plan_of_case(case_id=case.id)
    if found is None:
        return
    yield blocks.heading(f"Plan {found.reference}", 2)
    yield from plan_blocks(found, policy, level=3)
