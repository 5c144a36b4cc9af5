"""Claims about who counts as a child: the rules, and that a reason always opens the door."""

from datetime import date

import pytest

from portal.pathway.calendar import age_on
from portal.policy import Policy
from portal.records.children.rules import eligibility
from portal.records.children.vocabulary import EligibilityBasis
from portal.vocabulary import Answer

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.NOT_KNOWN


@pytest.mark.parametrize(
    ("person", "basis", "needs_reason"),
    [
        ((17, NO, NO), EligibilityBasis.UNDER_18, False),
        ((17, YES, YES), EligibilityBasis.UNDER_18, False),
        ((22, YES, NO), EligibilityBasis.SEND, False),
        ((25, YES, UNKNOWN), EligibilityBasis.SEND, False),
        ((26, YES, NO), EligibilityBasis.OTHER, True),
        ((23, NO, YES), EligibilityBasis.CARE_EXPERIENCED, False),
        ((30, YES, YES), EligibilityBasis.CARE_EXPERIENCED, True),
        ((18, UNKNOWN, UNKNOWN), EligibilityBasis.OTHER, True),
        ((30, NO, NO), EligibilityBasis.OTHER, True),
        ((None, UNKNOWN, UNKNOWN), EligibilityBasis.AGE_NOT_KNOWN, False),
    ],
)
def test_the_ground_follows_from_age_and_answers_and_nobody_is_shut_out(
    policy: Policy, person: tuple[int | None, Answer, Answer], basis: EligibilityBasis, needs_reason: bool
) -> None:
    age, send, care = person
    found = eligibility(policy, age=age, send=send, care_experienced=care)
    assert (found.basis, found.needs_reason) == (basis, needs_reason)
    assert found.explanation.endswith(".")
    assert needs_reason == ("write down why" in found.explanation.lower())


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2008, 11, 24), date(2026, 11, 23), 17),
        (date(2008, 11, 24), date(2026, 11, 24), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_age_changes_on_the_birthday(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age
