"""What one is asked and what one asked, and the list for the colleague who looks children up elsewhere."""

from datetime import time, timedelta

from flask import request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.requests import blueprint
from portal.pathway.calendar import at_local, end_of_day
from portal.queries.declared import Listing, When
from portal.records.children import presenter as child_page
from portal.records.requests import reading as requests
from portal.records.requests.lists import ANSWERED, ASKED, TO_ANSWER, Stands, questions
from portal.records.requests.presenter import states, whom
from portal.web.listing import ALL, ListRoute, ListView, views, ways
from portal.web.page import render


@blueprint.route("", methods=["GET", "POST"])
@allow("request:view", shows="list")
def index() -> ResponseReturnValue:
    """What is asked of one's team, what it answered lately, or what one asked."""
    shown = {"answered": ANSWERED, "asked": ASKED}.get(request.args.get("show", ""), TO_ANSWER)
    view = ListView(
        listing=shown,
        source=questions(shown, current()),
        route=_route(shown),
        looked="request:list",
        noted={"subject_kind": "information_request"},
    )
    return view.page(
        "requests/index.html",
        lambda found: {"states": states(found.page.rows)},
        open_filters=("when", "stands", "source"),
        ways=ways(view.route, ((text, _route(one)) for text, one in _WAYS), ALL),
        own=shown is not ASKED,
        to_answer=shown is TO_ANSWER,
        whom=whom,
        words=child_page,
        marking=True,
        wide=True,
    )


_WAYS = (
    ("Asked of you and your team", TO_ANSWER),
    ("Answered lately", ANSWERED),
    ("What you asked", ASKED),
)


def _route(shown: Listing) -> ListRoute:
    if shown is TO_ANSWER:
        return ListRoute(endpoint="requests.index", views=views("All", "when", (When.OVERDUE, When.WEEK)))
    if shown is ASKED:
        return ListRoute(
            endpoint="requests.index", fixed={"show": "asked"}, views=views("All", "stands", Stands)
        )
    return ListRoute(endpoint="requests.index", fixed={"show": "answered"})


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
