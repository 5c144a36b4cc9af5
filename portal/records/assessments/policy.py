"""The shape of ``assessment.toml``: what an assessment asks, what answers suggest, what must agree."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from portal.policy.reader import Catalogue, PolicyError
from portal.policy.sections import Section
from portal.policy.validators import Positive, Sourced, Term, exists
from portal.records.assessments.vocabulary import SignAnswer, SignKind
from portal.vocabulary import RiskLevel

if TYPE_CHECKING:
    from portal.policy.book import Policy


@dataclass(frozen=True, kw_only=True)
class Question(Term):
    """Something to be told in words. Where ``obtained`` it may also be said why there is no answer."""

    section: str
    obtained: bool = False
    required: bool = False
    screening: bool = False


@dataclass(frozen=True, kw_only=True)
class Sign(Term):
    """Something that is there or not. Only signs of one kind are ever looked at together, but by a rule."""

    section: str
    kind: SignKind
    weighty: bool = False
    screening: bool = False


@dataclass(frozen=True, kw_only=True)
class SuggestionRule(Sourced, Term):
    """When a level is suggested: enough signs of some kinds with some answers, for a child of an age."""

    level: RiskLevel
    kinds: tuple[SignKind, ...]
    answers: tuple[SignAnswer, ...]
    at_least: Positive
    weighty_only: bool = False
    under_age: Positive | None = None


@dataclass(frozen=True, kw_only=True)
class Assessment(Sourced):
    """``assessment.toml``"""

    triggers: Catalogue[Term]
    sections: Catalogue[Term]
    questions: Catalogue[Question]
    contexts: Catalogue[Term]
    signs: Catalogue[Sign]
    rules: Catalogue[SuggestionRule]

    def questions_of(self, section: str, *, screening: bool) -> tuple[Question, ...]:
        """The questions of a section, on the long or the short form."""
        return tuple(
            one
            for one in self.questions.offered
            if one.section == section and (one.screening or not screening)
        )

    def signs_of(self, section: str, *, screening: bool) -> tuple[Sign, ...]:
        """The signs of a section, on the long or the short form."""
        return tuple(
            one for one in self.signs.offered if one.section == section and (one.screening or not screening)
        )

    def sections_of(self, *, screening: bool) -> tuple[Term, ...]:
        """The sections in which the long or the short form asks anything."""
        return tuple(
            one
            for one in self.sections.offered
            if self.questions_of(one.code, screening=screening)
            or self.signs_of(one.code, screening=screening)
        )


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


SECTIONS = (Section(file="assessment", shape=Assessment, check=check_assessment),)
