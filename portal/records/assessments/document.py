"""A finalised risk assessment, alone or within a pack."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.documents.document import Document
from portal.policy import Policy
from portal.records.assessments import reading as assessments
from portal.records.assessments.policy import Assessment
from portal.records.assessments.presenter import Said, whole
from portal.records.assessments.vocabulary import AssessmentKind
from portal.records.cases.document import about_child, warnings_of
from portal.records.disclosures.vocabulary import CopyKind
from portal.records.entries.document import cited_blocks
from portal.vocabulary import Answer
from portal.web.filters import day, lower_first, moment


def assessment(
    *,
    found: Any,
    tool: Assessment,
    case: Any,
    policy: Policy,
    alerts: Iterable[Any],
    people: Mapping[UUID, str],
) -> Document:
    """A finalised assessment: the conclusion, and each answer with who wrote it.

    Args:
        found: the assessment.
        tool: what it was begun with.
        case: the row of `portal.records.entries.reading.case_page.head`.
        people: those whom the assessment names.
    """
    return Document.of(
        found,
        CopyKind.ASSESSMENT,
        title=title_of(found),
        about=[about_child(case), f"Case {case.reference}"],
        warnings=warnings_of(case, policy, alerts),
        case_ids=[case.id],
        blocks=assessment_blocks(found, tool, case, policy, people),
    )


def title_of(found: Any) -> str:
    """What an assessment is called."""
    return "Screening" if found.kind == AssessmentKind.SCREENING else "Risk assessment"


def assessment_blocks(
    found: Any, tool: Assessment, case: Any, policy: Policy, people: Mapping[UUID, str], *, level: int = 1
) -> list[Block]:
    """Everything of an assessment, its headings from `level` on."""
    seen = whole(found, tool, assessments.answers(assessment_id=found.id), case=case)
    written = [f"{one.name} ({day(one.last)})" for one in seen["contributors"]]
    made: list[Block] = [
        *blocks.facts(
            [
                {"key": "Why it was made", "value": tool.triggers.label(found.trigger)},
                {"key": "Begun", "value": f"{day(found.started_at)}, by {people[found.assessor_id]}"},
                {"key": "Finalised", "value": _by(found.finalised_at, people.get(found.concluded_by))},
                {"key": "Written by", "value": ", ".join(written)},
                {"key": "Tool", "value": f"Policy of {found.policy_version}"},
            ]
        ),
        blocks.heading("Conclusion", level),
        *blocks.facts(_conclusion(found, policy, people, seen)),
    ]
    if seen["changed"]:
        made.append(blocks.heading("What changed since the assessment before", level))
        changed = [f"{one.sign.label}: {lower_first(seen['change_words'](one))}" for one in seen["changed"]]
        made += blocks.bullets(changed)
    for part in seen["parts"]:
        made.append(blocks.heading(part.label, level))
        made += [_said(one) for one in part.questions]
        for kind, signs in part.signs.items():
            made.append(blocks.heading(kind, level + 1))
            made += [_said(one) for one in signs]
        made += cited_blocks(seen["cited_in"].get(part.code, ()))
        made += blocks.labelled("Also asked", "; ".join(part.not_there))
    return made


def _conclusion(
    found: Any, policy: Policy, people: Mapping[UUID, str], seen: Mapping[str, Any]
) -> list[dict[str, Any]]:
    label = seen["level_label"]
    screening = None
    if found.needs_full is not None:
        screening = (
            "A full assessment is needed" if found.needs_full else "No exploitation and no risk of it found"
        )
    before = f", before: {lower_first(label(found.level_before))}" if found.level_before else ""
    return [
        {"key": "Screening", "value": screening},
        {"key": "Level", "value": f"{label(found.level)}{before}" if found.level else None},
        {"key": "Why", "value": found.level_reason},
        {"key": "The answers suggested", "value": _suggested(found, seen)},
        {"key": "Why it differs", "value": found.difference_reason},
        {"key": "Types", "value": ", ".join(policy.exploitation.types.labels(found.types))},
        {"key": "Section 47 considered", "value": _considered(found.s47_considered, found.s47_reason)},
        {"key": "National Referral considered", "value": _considered(found.nrm_considered, found.nrm_reason)},
        {"key": "Done at once", "value": found.safety_steps},
        {"key": "Agreed to the lower level", "value": _by(found.second_at, people.get(found.second_id))},
        {"key": "Signed off", "value": _by(found.signed_off_at, people.get(found.signed_off_by))},
        {"key": "Note of whoever signed off", "value": found.signed_off_note},
    ]


def _suggested(found: Any, seen: Mapping[str, Any]) -> list[str] | None:
    if seen["nothing_suggested"]:
        return [seen["nothing_suggested"]]
    if not found.suggested_level:
        return None
    rule = f": {lower_first(seen['rule'].label)}" if seen["rule"] else ""
    higher = f". {seen['may_be_higher']}" if seen["may_be_higher"] else ""
    return [f"{seen['level_label'](found.suggested_level)}{rule}{higher}", *seen["suggested_signs"]]


def _considered(answer: str | None, reason: str) -> str | None:
    return f"{Answer(answer).label}: {reason}" if answer else None


def _by(at: Any, person: str | None) -> str | None:
    return f"{moment(at)}, by {person}" if at and person else moment(at)


def _said(one: Said) -> Block:
    source = f"Source: {one.source}. " if one.source else ""
    by = f"{source}{one.by}, {moment(one.at)}"
    return blocks.said(one.label, answer=one.answer, words=one.words, by=by)
