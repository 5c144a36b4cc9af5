"""The plan of a case: what it says, the child's own goal first, and every action with where it stands."""

from collections.abc import Iterable, Sequence
from typing import Any

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.documents.document import Document
from portal.policy import Policy
from portal.records.cases.document import about_child, warnings_of
from portal.records.disclosures.vocabulary import CopyKind
from portal.records.plans import reading as plans
from portal.records.plans.presenter import ActionLine, Group, groups
from portal.records.plans.vocabulary import PlanPart
from portal.web.filters import day, moment


def plan(*, plan: Any, case: Any, policy: Policy, alerts: Iterable[Any]) -> Document:
    """A plan as it stands now, for somebody who reads its case.

    Args:
        case: the row of `portal.records.entries.reading.case_page.head`.
    """
    ended = [f"This plan ended on {day(plan.ended_at)}."] if plan.ended_at else []
    return Document.of(
        plan,
        CopyKind.PLAN,
        title="Plan",
        about=[about_child(case), f"Case {case.reference}", *ended],
        warnings=warnings_of(case, policy, alerts),
        case_ids=[case.id],
        blocks=plan_blocks(plan, policy),
    )


def plan_blocks(plan: Any, policy: Policy, *, level: int = 1) -> list[Block]:
    """What a plan says and its actions, their headings from `level` on."""
    rows = plans.actions_of_case(case_id=plan.case_id)
    return [
        blocks.heading("What the plan says", level),
        *(_part(part, said) for part, said in plans.texts_of(plan_id=plan.id).items()),
        blocks.heading("Actions", level),
        *(block for one in groups(rows, policy) for block in _group(one, level + 1)),
        *([] if rows else blocks.words("No action was given yet.")),
    ]


def _part(part: PlanPart, said: Sequence[Any]) -> Block:
    if not said:
        return blocks.said(part.label, answer="Nothing yet")
    now = said[0]
    return blocks.said(
        part.label,
        answer="Nobody could ask the child" if now.not_obtained else "",
        words=now.text,
        by=f"{now.author}, {now.agency}, {moment(now.said_at)}",
    )


def _group(group: Group, level: int) -> list[Block]:
    return [
        blocks.heading(group.label, level),
        *blocks.table(
            ("What", "Who", "By when", "Where it stands"),
            [_cells(line) for line in group.lines],
            (4, 2, 0, 3),
        ),
    ]


def _cells(line: ActionLine) -> tuple[Any, ...]:
    state = f"{line.state} (overdue)" if line.overdue else line.state
    return (
        [line.what, f"How we will know: {line.measure}", f"{line.reference}. About: {line.target}"],
        line.owner,
        day(line.due_on),
        [part for part in (state, line.more, line.effect) if part],
    )
