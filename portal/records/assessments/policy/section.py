"""The shape of ``assessment.toml``: what a risk assessment asks, and what its answers suggest."""

from dataclasses import dataclass

from portal.policy.reader import Catalogue
from portal.policy.terms import Term
from portal.records.assessments.vocabulary import SignAnswer, SignKind
from portal.vocabulary import RiskLevel


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
class SuggestionRule(Term):
    """When a level is suggested: enough signs of some kinds with some answers, for a child of an age."""

    level: RiskLevel
    kinds: tuple[SignKind, ...]
    answers: tuple[SignAnswer, ...]
    at_least: int
    weighty_only: bool = False
    under_age: int | None = None
    source: str
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """``assessment.toml``"""

    source: str
    confirmed: bool
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
