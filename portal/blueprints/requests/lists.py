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
from portal.queries.listing import Listing
from portal.records.children import presenter as child_page
from portal.records.requests import reading as requests
from portal.records.requests.lists import ANSWERED, ASKED, TO_ANSWER, Due, Stands, find_questions
from portal.records.requests.presenter import states, whom
from portal.web import listing
from portal.web.page import render


@blueprint.route("", methods=["GET", "POST"])
@allow("request:view", shows="list")
def index() -> ResponseReturnValue:
    """What is asked of one's team, what it answered lately, or what one asked."""
    shown = {"answered": ANSWERED, "asked": ASKED}.get(request.args.get("show", ""), TO_ANSWER)
    asked, route = listing.asked(shown), _route(shown)
    if answer := listing.begin_with(route, asked):
        return answer
    found = find_questions(asked, person=current())
    audit.record("request:list", subject_kind="information_request", chosen=asked.query())
    rows = found.page.rows
    return render(
        "requests/index.html",
        rows=rows,
        list=listing.page(found, route),
        open_filters=("when", "stands", "source"),
        ways=[
            {"text": text, "href": _route(one).address(listing.ALL), "current": one is shown}
            for text, one in _WAYS
        ],
        own=shown is not ASKED,
        to_answer=shown is TO_ANSWER,
        states=states(rows),
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
#: Views that everybody has.
_TO_ANSWER: listing.Views = (
    ("All", {}),
    *((one.label, {"when": [one.value]}) for one in (Due.OVERDUE, Due.WEEK)),
)
_ASKED: listing.Views = (("All", {}), *((one.label, {"stands": [one.value]}) for one in Stands))


def _route(shown: Listing) -> listing.ListRoute:
    if shown is TO_ANSWER:
        return listing.ListRoute(endpoint="requests.index", views=_TO_ANSWER)
    if shown is ASKED:
        return listing.ListRoute(endpoint="requests.index", fixed={"show": "asked"}, views=_ASKED)
    return listing.ListRoute(endpoint="requests.index", fixed={"show": "answered"})


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
