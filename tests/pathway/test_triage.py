"""Claims about the first colour of a form."""

import pytest

from portal.policy import Policy
from portal.records.referrals.rules import TriageAnswers, first_colour
from portal.vocabulary import TriageColour, Urgency

LATER = Urgency.LATER
NOTHING: frozenset[str] = frozenset()


def answers(
    *,
    urgency: Urgency = LATER,
    types: str = "",
    flags: str = "",
    contexts: str = "",
    contact: str = "",
    age: int = 15,
) -> TriageAnswers:
    return TriageAnswers(
        urgency=urgency,
        kinds=frozenset({"child"}),
        types=frozenset(types.split()),
        flags=frozenset(flags.split()),
        contexts=frozenset(contexts.split()),
        contact=frozenset(contact.split()),
        ages=frozenset({age}),
    )


@pytest.mark.parametrize(
    ("given", "colour", "rules"),
    [
        (answers(urgency=Urgency.IMMEDIATE), TriageColour.RED, {"danger_now"}),
        (answers(flags="missing_now weapon"), TriageColour.RED, {"missing_now", "hurt_or_weapon"}),
        (answers(types="cse", age=12), TriageColour.RED, {"young_child_sexual"}),
        (answers(types="cse", age=13), TriageColour.GREEN, set()),
        (answers(types="forced_marriage", flags="travel"), TriageColour.RED, {"taken_away"}),
        (answers(types="forced_marriage"), TriageColour.AMBER, {"family_harm"}),
        (answers(types="cce", flags="travel"), TriageColour.GREEN, set()),
        (
            answers(types="cce", contact="both", contexts="group"),
            TriageColour.AMBER,
            {"organised", "in_person"},
        ),
        (answers(urgency=Urgency.NOT_KNOWN), TriageColour.AMBER, {"urgency_not_known"}),
        (answers(flags="money"), TriageColour.GREEN, set()),
    ],
)
def test_the_strongest_rule_gives_the_colour_and_every_rule_that_gave_it_is_a_reason(
    policy: Policy, given: TriageAnswers, colour: TriageColour, rules: set[str]
) -> None:
    first = first_colour(policy.triage, given)
    assert first.colour is colour
    assert set(first.rules) == rules
    assert first.reasons


def test_a_form_without_a_child_has_a_colour_too(policy: Policy) -> None:
    first = first_colour(policy.triage, TriageAnswers(urgency=LATER, kinds=frozenset({"place"})))
    assert first.colour is TriageColour.GREEN
    assert first.reasons == (policy.triage.otherwise_reason,)


def test_the_youngest_child_counts(policy: Policy) -> None:
    given = TriageAnswers(urgency=LATER, ages=frozenset({16, 9}))
    assert first_colour(policy.triage, given).rules == ("under_13",)
