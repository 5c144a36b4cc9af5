"""Every form, sent by somebody who answered nothing: what lacks is said at its box, all at once."""

from werkzeug.routing import Rule

from tests.races.course import Course
from tests.races.known import REFUSES
from tests.races.racing import blank
from tests.races.reading import soup_of
from tests.races.scene import NotSent


def test_a_form_that_is_sent_blank_says_what_lacks_at_its_box(course: Course) -> None:
    """Or does what a form without a question does: it never breaks, and leads to no box that is not there."""
    faults = {rule.endpoint: said for rule in course.world.posted() if (said := _fault(course, rule))}
    assert not faults, "\n".join(f"{endpoint}: {said}" for endpoint, said in sorted(faults.items()))


def _fault(course: Course, rule: Rule) -> str:
    if rule.endpoint in REFUSES:
        return ""
    try:
        _tab, answer = blank(course.world, rule)
    except NotSent:
        return ""  # what a script sends: tests/races/test_races.py sends it
    if answer.status not in {200, 204, 303, 422}:
        return f"answered {answer.status}"
    if answer.status != 422:
        return ""
    page = soup_of(answer.text)
    summary = page.select(".govuk-error-summary li")
    if not summary:
        return "refused, and no summary says why"
    lost = [
        str(link["href"])
        for link in page.select(".govuk-error-summary a[href^='#']")
        if page.find(id=str(link["href"])[1:]) is None
    ]
    return f"leads to boxes that are not there: {lost}" if lost else ""
