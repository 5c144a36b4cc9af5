"""What the answers of a risk assessment suggest, and what changed since an earlier one.

A suggestion is never a score: it names the rule of the policy and exactly the signs that led to it.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from portal.policy.validators import Term
from portal.records.assessments.policy import Assessment, Question, Sign, SuggestionRule
from portal.records.assessments.vocabulary import SignAnswer, SignKind
from portal.vocabulary import RiskLevel


@dataclass(frozen=True)
class Given:
    """One answer. `words` are evidence, the answer itself, or with `not_obtained` why there is none."""

    answer: str | None = None
    words: str = ""
    source: str = ""
    not_obtained: bool = False


NOTHING = Given()


@dataclass(frozen=True)
class Suggestion:
    """A level, the rule that suggests it, and the signs that made it apply. Without a rule: none found, or no
    level where sections that could show a sign are `unanswered`. With one: those that could suggest more.
    """

    level: RiskLevel | None
    rule: SuggestionRule | None = None
    signs: tuple[Sign, ...] = ()
    unanswered: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Change:
    """A sign that was answered differently before; None where it was not asked or not answered."""

    sign: Sign
    before: SignAnswer | None
    after: SignAnswer | None


def suggest(assessment: Assessment, answers: Mapping[str, SignAnswer], age: int | None) -> Suggestion:
    """The level that answers suggest: that of the first rule of the policy that applies. That no sign was
    found is suggested only where every sign was answered: nothing follows from what nobody has looked at.

    :param answers: by the code of the sign.
    :param age: of the child in whole years. A child of unknown age counts as young: the more careful reading.
    """
    for rule in assessment.rules.offered:
        if rule.under_age is not None and age is not None and age >= rule.under_age:
            continue
        met = tuple(
            sign
            for sign in assessment.signs
            if sign.kind in rule.kinds
            and (sign.weighty or not rule.weighty_only)
            and answers.get(sign.code) in rule.answers
        )
        if len(met) >= rule.at_least:
            return Suggestion(rule.level, rule, met, unanswered(assessment, answers, above=rule.level))
    if blank := unanswered(assessment, answers):
        return Suggestion(None, unanswered=blank)
    return Suggestion(RiskLevel.NONE)


def unanswered(
    assessment: Assessment, answers: Container[str], *, above: RiskLevel | None = None
) -> tuple[Term, ...]:
    """The sections with a sign that a rule of suggestion looks at and nobody has answered.

    :param answers: by the code of the sign.
    :param above: only rules that suggest a higher level than this one.
    """
    counted = {
        kind
        for rule in assessment.rules.offered
        if above is None or rule.level.rank < above.rank
        for kind in rule.kinds
    }
    blank = {
        sign.section for sign in assessment.signs.offered if sign.kind in counted and sign.code not in answers
    }
    return tuple(section for section in assessment.sections.offered if section.code in blank)


def lacks_words(one: Question | Sign, given: Given) -> bool:
    """Whether an assessment cannot end because words are missing: to a question that is required, and of a
    sign of harm that was there within three months, of which somebody has to say what was seen.
    """
    asked = (
        given.answer == SignAnswer.CURRENT and one.kind is SignKind.HARM
        if isinstance(one, Sign)
        else one.required
    )
    return asked and not given.words.strip()


def lowers(before: RiskLevel | None, after: RiskLevel) -> bool:
    """Whether a level is lower than the one before it, which takes a second person. A first one is not."""
    return before is not None and after.rank > before.rank


def changes(
    assessment: Assessment, before: Mapping[str, SignAnswer], after: Mapping[str, SignAnswer]
) -> tuple[Change, ...]:
    """The signs that are answered differently in a later assessment, in the order of the policy."""
    return tuple(
        Change(sign, before.get(sign.code), after.get(sign.code))
        for sign in assessment.signs
        if before.get(sign.code) != after.get(sign.code)
    )
