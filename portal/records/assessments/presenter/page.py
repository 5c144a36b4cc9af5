"""What the page, the print and the document of an assessment show of it, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from portal.policy import current_policy, policy_of
from portal.records.assessments import reading as assessments
from portal.records.assessments.policy.section import Assessment
from portal.records.assessments.presenter.words import change_words, led_to, level_label, parts
from portal.records.assessments.rules import Change, changes
from portal.records.assessments.vocabulary import AssessmentKind, AssessmentState, SignAnswer
from portal.records.entries.presenter.citation import cited_in
from portal.records.entries.vocabulary import CitationHolder
from portal.vocabulary import RiskLevel


def whole(assessment: Any, tool: Assessment, answers: Mapping[str, Any], *, case: Any) -> dict[str, Any]:
    """Everything that was said and cited, the suggestion, and what changed since the assessment before.

    Args:
        tool: what the assessment was begun with.
        answers: those of `portal.records.assessments.reading.answers`.
        case: what it is on, as the page of the case has it.
    """
    cited = cited_in(kind=CitationHolder.ASSESSMENT, ids=[assessment.id], case=case)
    by_section = {section: items for (_, section), items in cited.items()}
    screening = assessment.kind == AssessmentKind.SCREENING
    return {
        "cited_in": by_section,
        "parts": parts(tool, answers, screening=screening, also=by_section),
        "contributors": assessments.contributors(assessment_id=assessment.id),
        "changed": changed_since(assessment, tool, answers),
        "change_words": change_words,
        "level_label": level_label,
        "meaning": _meaning(assessment, case),
        "state": AssessmentState(assessment.state).label,
        "rule": tool.rules.get(assessment.suggested_rule),
        "suggested_signs": led_to(tool, assessment.suggested_signs, answers),
    }


def _meaning(assessment: Any, case: Any) -> str:
    """What the level means, as the policy has it: being exploited, or at risk of it."""
    if not assessment.level:
        return ""
    policy = policy_of(assessment.policy_version) or current_policy(case.authority)
    return policy.levels.levels[RiskLevel(assessment.level)].meaning


def changed_since(assessment: Any, tool: Assessment, answers: Mapping[str, Any]) -> Sequence[Change]:
    """What is answered differently than in the assessment before, of what was answered yet."""
    if assessment.previous_id is None:
        return ()
    before = assessments.answers(assessment_id=assessment.previous_id)
    found = changes(tool, _signs(tool, before), _signs(tool, answers))
    writing = assessment.state == AssessmentState.DRAFT
    return [one for one in found if one.after is not None or not writing]


def _signs(tool: Assessment, answers: Mapping[str, Any]) -> dict[str, SignAnswer]:
    codes = set(tool.signs.codes)
    return {item: SignAnswer(one.answer) for item, one in answers.items() if item in codes and one.answer}
