"""Every POST route, raced: new routes are in it as soon as they exist.

Two requests are prepared, then held so that both have read before either writes; `judging.py` says what may
come of it. `python -m tests.races` races every pair of routes on a record; here each has its next by name.
"""

from collections.abc import Iterable

import pytest
from werkzeug.routing import Rule

from tests.races import judging
from tests.races.course import Course, near_neighbours
from tests.races.known import NOT_SENT, REFUSES, WRONG, WRONG_IN_ONE_ORDER

pytestmark = pytest.mark.lock_timeouts  # two may wait for each other, until the server ends it


def test_every_route_is_sent_as_somebody_would(course: Course) -> None:
    """What is refused alone shows nothing when it is raced."""
    faults = {}
    for rule in course.world.posted():
        try:
            answer = course.alone(rule).answers[0]
        except (AssertionError, LookupError) as missing:
            faults[rule.endpoint] = str(missing)
        else:
            if (answer.status >= 400) is not (rule.endpoint in REFUSES):
                faults[rule.endpoint] = f"answered {answer.status}"
    new = {endpoint: said for endpoint, said in faults.items() if endpoint not in NOT_SENT}
    assert not new, f"say in tests/races/scenes how they are sent: {new}"
    assert not NOT_SENT - set(faults), f"take out of known.py: {sorted(NOT_SENT - set(faults))}"


def test_a_button_that_is_pressed_twice_does_once_what_it_does(course: Course) -> None:
    _check(course, (course.twice(rule) for rule in _sent(course)))


def test_of_two_tabs_both_are_done_or_one_is_shown_the_other(course: Course) -> None:
    _check(course, (course.two(rule, rule) for rule in _sent(course)))


def test_neighbours_on_a_record_do_not_undo_each_other(course: Course) -> None:
    _check(course, (course.two(one, other) for one, other in near_neighbours(_sent(course))))


def _sent(course: Course) -> list[Rule]:
    return [rule for rule in course.world.posted() if rule.endpoint not in NOT_SENT | set(REFUSES)]


def _check(course: Course, races: Iterable[str]) -> None:
    """Nothing is wrong but what is known to be; whatever is right by now is known no longer."""
    run = set(races)
    wrong = {name: said for name, said in course.tally.faults.items() if name in run}
    new = {name: said for name, said in wrong.items() if name not in WRONG | WRONG_IN_ONE_ORDER}
    assert not new, f"lost, doubled or broken:\n{judging.report(new)}"
    gone = WRONG & run - set(wrong)
    assert not gone, f"take out of known.py: {sorted(gone)}"
