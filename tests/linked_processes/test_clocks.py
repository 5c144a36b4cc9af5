"""The clocks of linked processes: working days over bank holidays, hours over clock changes."""

from datetime import UTC, date, timedelta

import pytest

from portal.deadlines.rules import due
from portal.pathway.calendar import end_of_day
from portal.policy import Policy, load
from portal.records.linked_processes.policy import START, LinkedProcesses
from portal.records.linked_processes.rules import initiating
from tests.linked_processes.conftest import london
from tests.policy.editing import SHIPPED


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(SHIPPED, on=date(2026, 11, 24))


@pytest.mark.parametrize(
    ("kind", "began", "step", "day"),
    [
        # over Christmas: 25 and 28 December (Boxing Day is a Saturday) and 1 January do not count
        ("section_47", "2026-12-14T10:00", "complete", "2027-01-07"),
        ("initial_conference", "2026-12-14T23:50", "held", "2027-01-07"),
        ("core_group", "2026-12-18T09:00", "meet", "2027-01-06"),
        # over Easter, the Friday and the Monday
        ("core_group", "2027-03-22T09:00", "meet", "2027-04-07"),
        # whatever the hour, the day of the start is day 0
        ("nrm", "2026-11-06T00:01", "reasonable_grounds", "2026-11-13"),
        ("nrm", "2026-11-06T23:59", "reasonable_grounds", "2026-11-13"),
        # found out on the Friday before a bank holiday: the Tuesday
        ("fgm_report", "2027-04-30T16:00", "report", "2027-05-04"),
        ("fgm_report", "2027-05-01T02:00", "report", "2027-05-04"),
        # months end with the last day of a shorter one
        ("child_protection", "2026-11-30T15:00", "review", "2027-02-28"),
    ],
)
def test_a_first_step_is_due_by_the_days_of_the_policy(
    policy: Policy, kind: str, began: str, step: str, day: str
) -> None:
    rule = policy.of(LinkedProcesses).processes[kind]
    (found,) = [one for one in rule.followers(START) if one.code == step]
    assert due(found.within, london(began)) == end_of_day(london(day).date())


@pytest.mark.parametrize("asked", ["2026-10-24T20:00", "2027-03-27T20:00", "2026-12-24T20:00"])
def test_a_strategy_discussion_is_due_after_24_hours_by_the_clock_whatever_the_night(
    policy: Policy, asked: str
) -> None:
    (step,) = policy.of(LinkedProcesses).processes["strategy_discussion"].steps
    assert due(step.within, london(asked)) - london(asked).astimezone(UTC) == timedelta(hours=24)


def test_what_comes_back_comes_back_in_the_time_of_the_policy(policy: Policy) -> None:
    kinds = policy.of(LinkedProcesses).processes
    (review,) = kinds["child_protection"].steps
    assert [str(figure and figure.value) for figure in map(review.within_after, range(3))] == ["3", "6", "6"]
    (group,) = kinds["core_group"].steps
    again = group.within_after(1)
    assert again is not None
    assert due(again, london("2026-12-01T10:00")) == end_of_day(london("2027-01-12").date())
    (enquiry,) = kinds["section_47"].steps
    assert enquiry.within_after(1) is None


def test_every_clock_says_where_it_comes_from_and_none_is_confirmed_yet(policy: Policy) -> None:
    for kind in policy.of(LinkedProcesses).processes:
        for step in kind.steps:
            for figure in (step.within, *step.again):
                assert figure.source, kind.code
                assert not figure.confirmed, kind.code


@pytest.mark.parametrize(
    ("held", "began", "counted"),
    [
        ([], "2026-11-02T10:00", "2026-11-02T10:00"),
        (["2026-11-01T10:00", "2026-11-05T10:00"], "2026-11-02T10:00", "2026-11-01T10:00"),
        (["2026-10-01T10:00", "2026-11-02T10:00"], "2026-11-02T10:00", "2026-11-02T10:00"),
        (["2026-11-05T10:00", "2026-11-04T10:00"], "2026-11-02T10:00", "2026-11-04T10:00"),
    ],
)
def test_a_conference_is_counted_from_the_discussion_at_which_the_enquiry_began(
    held: list[str], began: str, counted: str
) -> None:
    assert initiating([london(one) for one in held], london(began)) == london(counted)
