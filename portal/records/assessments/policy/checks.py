"""What ``assessment.toml`` has to agree on within itself."""

from pathlib import Path
from typing import TYPE_CHECKING

from portal.policy.agreeing import exists, positive
from portal.policy.reader import PolicyError
from portal.records.assessments.policy.section import Assessment
from portal.records.assessments.vocabulary import SignKind
from portal.vocabulary import RiskLevel

if TYPE_CHECKING:
    from portal.policy.book import Policy


def check_assessment(policy: "Policy", file: Path) -> None:
    """Every question and sign has a section, no two have one code, and every rule can apply.

    :raises PolicyError: at the first thing that does not fit.
    """
    assessment = policy.of(Assessment)
    _sections(assessment, file)
    _codes(assessment, file)
    _rules(assessment, file)


def _sections(assessment: Assessment, file: Path) -> None:
    for name in ("questions", "signs"):
        for number, one in enumerate(getattr(assessment, name), start=1):
            exists(one.section, assessment.sections, file, f"{name}[{number}].section")
    for number, section in enumerate(assessment.sections.offered, start=1):
        if section not in assessment.sections_of(screening=False):
            raise PolicyError(
                file,
                f"sections[{number}]",
                f"Nothing is asked in “{section.code}”.",
                "Add a question or a sign, or mark it retired = true.",
            )


def _codes(assessment: Assessment, file: Path) -> None:
    """Answers are kept by code, whatever they answer: a question, a sign or a context."""
    seen: dict[str, str] = {}
    for name in ("questions", "signs", "contexts"):
        for number, one in enumerate(getattr(assessment, name), start=1):
            key = f"{name}[{number}]"
            kept = f"context_{one.code}" if name == "contexts" else one.code
            if kept in seen:
                raise PolicyError(
                    file,
                    f"{key}.code",
                    f"“{one.code}” is also {seen[kept]}.",
                    "Give one of them another code.",
                )
            seen[kept] = key


def _rules(assessment: Assessment, file: Path) -> None:
    last = 0
    for number, rule in enumerate(assessment.rules, start=1):
        at = f"rules[{number}]"
        positive(rule.at_least, file, f"{at}.at_least")
        if rule.under_age is not None:
            positive(rule.under_age, file, f"{at}.under_age")
        if not any(answer.is_there for answer in rule.answers) or not rule.kinds:
            raise PolicyError(
                file, at, "The rule can never apply.", "Name at least one kind, and current, recent or past."
            )
        if any(not answer.is_there for answer in rule.answers):
            raise PolicyError(
                file,
                f"{at}.answers",
                "A sign that is not there suggests nothing.",
                "Use current, recent and past only.",
            )
        if rule.level is RiskLevel.NONE:
            raise PolicyError(
                file, f"{at}.level", "“none” is what is left without a rule.", "Remove the rule."
            )
        if rule.level.rank < last:
            raise PolicyError(
                file,
                f"{at}.level",
                "A rule for a lower level comes first.",
                "Put the rules in the order high, medium, low: the first that applies wins.",
            )
        last = rule.level.rank
    if not any(rule.level is RiskLevel.HIGH and SignKind.HARM in rule.kinds for rule in assessment.rules):
        raise PolicyError(
            file,
            "rules",
            "No rule suggests high for evidence of harm.",
            'Add one with level = "high" and kinds = ["harm"]: high means that the child is being exploited.',
        )
