"""Claims about what an assessment suggests: never a score, always the signs that led to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.policy import Policy, load
from portal.records.assessments.policy import Assessment
from portal.records.assessments.rules import changes, lowers, suggest
from portal.records.assessments.vocabulary import SignAnswer, SignKind
from portal.vocabulary import RiskLevel
from tests.policy.editing import SHIPPED

TOOL = load(SHIPPED).of(Assessment)
CURRENT, RECENT, PAST = SignAnswer.CURRENT, SignAnswer.RECENT, SignAnswer.PAST
NONE_THERE = dict.fromkeys(TOOL.signs.codes, SignAnswer.NO)
ANSWERS = st.dictionaries(st.sampled_from(TOOL.signs.codes), st.sampled_from(SignAnswer))


@pytest.fixture
def tool(policy: Policy) -> Assessment:
    return policy.of(Assessment)


@pytest.mark.parametrize(
    ("answers", "age", "level", "because"),
    [
        ({}, 15, None, ()),
        (NONE_THERE, 15, RiskLevel.NONE, ()),
        ({"made_to_carry": CURRENT}, 15, RiskLevel.HIGH, ("made_to_carry",)),
        ({"made_to_carry": RECENT}, 15, RiskLevel.LOW, ("made_to_carry",)),
        ({"debt": CURRENT, "several_phones": CURRENT}, 15, RiskLevel.MEDIUM, ("several_phones", "debt")),
        ({"debt": CURRENT, "several_phones": RECENT}, 15, RiskLevel.LOW, ("several_phones", "debt")),
        ({"debt": CURRENT, "late_returns": CURRENT}, 15, RiskLevel.LOW, ("late_returns", "debt")),
        ({"debt": CURRENT}, 12, RiskLevel.MEDIUM, ("debt",)),
        ({"debt": CURRENT}, 13, RiskLevel.LOW, ("debt",)),
        ({"debt": CURRENT}, None, RiskLevel.MEDIUM, ("debt",)),
        ({"late_returns": CURRENT}, 12, RiskLevel.LOW, ("late_returns",)),
        ({"poverty": PAST}, 12, RiskLevel.LOW, ("poverty",)),
        (NONE_THERE | {"made_to_carry": SignAnswer.NOT_KNOWN}, 12, RiskLevel.NONE, ()),
        ({"made_to_carry": SignAnswer.NOT_KNOWN, "debt": SignAnswer.NO}, 12, None, ()),
    ],
)
def test_a_level_is_suggested_with_exactly_the_signs_that_led_to_it(
    tool: Assessment,
    answers: dict[str, SignAnswer],
    age: int | None,
    level: RiskLevel | None,
    because: tuple[str, ...],
) -> None:
    found = suggest(tool, answers, age)
    assert found.level is level
    assert tuple(sign.code for sign in found.signs) == because
    assert (found.rule is None) == (level in {RiskLevel.NONE, None})
    highest = min(one.level.rank for one in tool.rules.offered)
    looked_at = all(one.code in answers for one in tool.signs.offered)
    assert bool(found.unanswered) == (not looked_at and (level is None or highest < level.rank))


def test_nothing_is_suggested_where_one_sign_is_not_answered_and_its_section_is_named(
    tool: Assessment,
) -> None:
    without = {code: answer for code, answer in NONE_THERE.items() if code != "several_phones"}
    found = suggest(tool, without, 15)
    assert (found.level, [one.code for one in found.unanswered]) == (None, ["online"])
    assert [one.code for one in suggest(tool, {}, 15).unanswered] == [
        one.code for one in tool.sections.offered if tool.signs_of(one.code, screening=False)
    ]


def test_of_a_level_below_the_highest_the_blank_sections_are_named_that_could_suggest_a_higher_one(
    tool: Assessment,
) -> None:
    low = suggest(tool, {"poverty": PAST}, 15)
    assert (low.level, bool(low.unanswered)) == (RiskLevel.LOW, True)
    high = suggest(tool, {"made_to_carry": CURRENT}, 15)
    assert (high.level, high.unanswered) == (RiskLevel.HIGH, ())
    answered = suggest(tool, NONE_THERE | {"poverty": PAST}, 15)
    assert (answered.level, answered.unanswered) == (RiskLevel.LOW, ())


@given(answers=ANSWERS, age=st.none() | st.integers(0, 25))
def test_circumstances_alone_never_suggest_more_than_low(
    answers: dict[str, SignAnswer], age: int | None
) -> None:
    only = {
        code: answer for code, answer in answers.items() if TOOL.signs[code].kind is SignKind.VULNERABILITY
    }
    assert suggest(TOOL, only, age).level in {RiskLevel.LOW, RiskLevel.NONE, None}


@given(answers=ANSWERS, code=st.sampled_from(TOOL.signs.codes), age=st.none() | st.integers(0, 25))
def test_one_more_sign_never_suggests_less(
    answers: dict[str, SignAnswer], code: str, age: int | None
) -> None:
    without = {other: answer for other, answer in answers.items() if other != code}
    more = suggest(TOOL, without | {code: CURRENT}, age)
    before = suggest(TOOL, without, age)
    assert more.level is not None
    assert before.level is None or more.level.rank <= before.level.rank


@given(answers=ANSWERS, age=st.none() | st.integers(0, 25))
def test_a_suggestion_names_only_signs_that_are_there(
    answers: dict[str, SignAnswer], age: int | None
) -> None:
    assert all(answers[sign.code].is_there for sign in suggest(TOOL, answers, age).signs)


def test_only_a_fall_from_an_earlier_level_lowers() -> None:
    assert lowers(RiskLevel.HIGH, RiskLevel.MEDIUM)
    assert lowers(RiskLevel.LOW, RiskLevel.NONE)
    assert not lowers(RiskLevel.LOW, RiskLevel.LOW)
    assert not lowers(RiskLevel.LOW, RiskLevel.HIGH)
    assert not lowers(None, RiskLevel.NONE)


def test_what_changed_since_the_last_one_is_listed_in_the_order_of_the_form(tool: Assessment) -> None:
    before = {"poverty": CURRENT, "debt": CURRENT, "images": CURRENT}
    after = {"debt": PAST, "poverty": CURRENT, "late_returns": CURRENT}
    found = [(change.sign.code, change.before, change.after) for change in changes(tool, before, after)]
    assert found == [("late_returns", None, CURRENT), ("images", CURRENT, None), ("debt", CURRENT, PAST)]
