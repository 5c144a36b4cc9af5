"""Every POST route, raced: new routes are in it as soon as they exist."""

from tests.races.course import Course
from tests.races.known import NOT_SENT

#: Routes that refuse whatever can be sent here, and why.
REFUSES = {"auth.back_channel": "only a provider can sign what it takes: tests/sign_in sends that"}


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
