"""The first colour of an information form, by policy, with the reasons for it.

The colour says how soon the hub looks. It is not a score and not a decision: a coordinator changes it with
a reason. The rules are policy ``triage``.
"""

from dataclasses import dataclass

from portal.policy import Condition, Triage
from portal.vocabulary import TriageColour, Urgency


@dataclass(frozen=True, kw_only=True)
class TriageAnswers:
    """What the rules look at: codes as on the form, and ages in years, known or approximate."""

    urgency: Urgency = Urgency.NOT_KNOWN
    kinds: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    contexts: frozenset[str] = frozenset()
    contact: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    ages: frozenset[int] = frozenset()


@dataclass(frozen=True)
class FirstColour:
    """A colour, the codes of the rules that gave it and, as people read them, the reasons."""

    colour: TriageColour
    rules: tuple[str, ...]
    reasons: tuple[str, ...]


def first_colour(triage: Triage, answers: TriageAnswers) -> FirstColour:
    """The strongest colour among the rules that apply, with every rule that gave that colour."""
    applying = [rule for rule in triage.rules.offered if _applies(rule.when, answers)]
    if not applying:
        return FirstColour(triage.otherwise, (), (triage.otherwise_reason,))
    strongest = min((rule.colour for rule in applying), key=lambda colour: colour.rank)
    giving = [rule for rule in applying if rule.colour is strongest]
    return FirstColour(strongest, tuple(rule.code for rule in giving), tuple(rule.label for rule in giving))


def _applies(when: Condition, answers: TriageAnswers) -> bool:
    if when.urgency and answers.urgency not in when.urgency:
        return False
    if when.under_age is not None and not any(age < when.under_age for age in answers.ages):
        return False
    return all(
        not wanted or given.intersection(wanted)
        for wanted, given in (
            (when.kinds, answers.kinds),
            (when.types, answers.types),
            (when.contexts, answers.contexts),
            (when.contact, answers.contact),
            (when.flags, answers.flags),
        )
    )
