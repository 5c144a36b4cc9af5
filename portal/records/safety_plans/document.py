"""An interim safety plan: the record of it for workers, and the one side for the child and the carer."""

from collections.abc import Iterable, Sequence
from typing import Any

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.documents.document import Document
from portal.policy import Policy
from portal.records.cases.document import about_child, warnings_of
from portal.records.disclosures.vocabulary import CopyKind
from portal.records.safety_plans import reading as safety_plans
from portal.records.safety_plans.policy import SafetyPlanning
from portal.records.safety_plans.presenter import FamilyPage, agreement, groups, standing
from portal.web.filters import day, moment


def safety_plan(
    *,
    plan: Any,
    case: Any,
    policy: Policy,
    alerts: Iterable[Any],
    rules: SafetyPlanning,
    versions: Sequence[Any],
) -> Document:
    """A plan as its last version in force says it, with what is for workers, who wrote it and who agreed.

    Args:
        rules: the policy that it was begun under.
        versions: those that were in force, the newest first; at least one.
    """
    return Document(
        kind=CopyKind.SAFETY_PLAN,
        subject_id=plan.id,
        reference=plan.reference,
        title="Safety plan",
        about=[about_child(case), f"Case {case.reference}"],
        warnings=warnings_of(case, policy, alerts),
        case_ids=[case.id],
        blocks=[*said_in_force(plan, rules, versions), *_history(plan, versions)],
    )


def said_in_force(
    plan: Any, rules: SafetyPlanning, versions: Sequence[Any], *, level: int = 1
) -> list[Block]:
    """Where a plan stands, and what its last version in force says.

    Args:
        rules, versions: as of `safety_plan`.
        level: of its headings.
    """
    said = safety_plans.written(plan_id=plan.id, up_to=versions[0].number)
    now = standing(plan)
    ended = f"{day(plan.ended_at)}: {plan.ended_reason}" if plan.ended_at else ""
    return [
        *blocks.facts(
            [
                {"key": "Where it stands", "value": f"{now.tag} {now.until}".strip()},
                {"key": "In force from", "value": day(plan.valid_from)},
                {"key": "Until", "value": day(plan.valid_until)},
                {"key": "Ended", "value": ended},
            ]
        ),
        *(block for one in groups(rules, said) for block in _group(one, level)),
    ]


def for_family(*, plan: Any, case: Any, printed: FamilyPage) -> Document:
    """The one side for the child and the carer: what policy says is printed, and nothing else of the plan."""
    return Document(
        kind=CopyKind.SAFETY_PLAN,
        subject_id=plan.id,
        reference=plan.reference,
        name=f"{plan.reference}-for-the-family",
        title="Safety plan",
        case_ids=[case.id],
        blocks=[],
        template="family",
        more={
            "whose": f"{printed.given_name}: my safety plan",
            "until": f"It holds until {day(printed.valid_until)}. If you are in danger now, call 999.",
            "foot": f"{printed.reference}, version {printed.edition}",
            "columns": 2,
            "parts": [{"label": part.label, "words": part.words} for part in printed.parts],
        },
    )


def _group(group: Any, level: int) -> list[Block]:
    if not group.parts:
        return []
    return [
        blocks.heading(group.label, level),
        *blocks.note(group.note),
        *(blocks.said(part.label, words=part.words, by=part.by) for part in group.parts),
    ]


def _history(plan: Any, versions: Sequence[Any]) -> list[Block]:
    put = [
        (f"Version {one.edition}", f"{moment(one.put_at)}, {one.by}, {one.agency}", agreement(one))
        for one in versions
    ]
    renewed = [
        f"From {day(one.before)} to {day(one.until)}: {one.reason} ({one.by}, {one.agency})"
        for one in safety_plans.renewals(plan_id=plan.id)
    ]
    return [
        blocks.heading("Versions that were in force"),
        *blocks.table(("Version", "Put in force", "Who agreed"), put, (1, 2, 3)),
        *([blocks.heading("Renewed")] if renewed else ()),
        *blocks.bullets(renewed),
    ]
