"""What one is asked and what one asked, and the list for the colleague who looks children up elsewhere."""

from datetime import time, timedelta

from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.requests import blueprint
from portal.pathway.calendar import at_local, end_of_day
from portal.records.children import presenter as child_page
from portal.records.requests import reading as requests
from portal.records.requests.presenter import states, whom
from portal.web.page import render


@blueprint.get("")
@allow("request:view", shows="list")
def index() -> ResponseReturnValue:
    """What is asked of one's team, what it answered lately, and what one asked."""
    person = current()
    audit.record("request:list", subject_kind="information_request")
    waiting = requests.open_to(person=person)
    answered = requests.answered_by_team(person=person)
    asked = requests.asked_by(person=person)
    return render(
        "requests/index.html",
        waiting=waiting,
        answered=answered,
        asked=asked,
        states=states([*waiting, *answered, *asked]),
        whom=whom,
        words=child_page,
        now=clock.now(),
        marking=True,
        wide=True,
    )


@blueprint.get("/week")
@allow("request:view", shows="list", releases="print")
def week() -> ResponseReturnValue:
    """The children that one is asked about this week, to look them up in another system."""
    person, today = current(), clock.today()
    monday = today - timedelta(days=today.weekday())
    sunday = monday + timedelta(days=6)
    begins = at_local(monday, time())
    rows = requests.this_week(person=person, begins=begins, ends=end_of_day(sunday))
    audit.record("request:print", subject_kind="information_request", children=len(rows))
    for row in rows:
        audit.record(
            "request:print",
            subject_kind="information_request",
            subject_id=row.id,
            of_case=row,
            ground="asked",
        )
    return render(
        "requests/week.html",
        rows=rows,
        monday=monday,
        sunday=sunday,
        words=child_page,
        now=clock.now(),
        marking=True,
        wide=True,
    )
