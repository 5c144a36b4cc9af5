"""What is due: for me, my team and my meetings; and the sheet for when the portal is down."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import near
from portal.access.principal import current
from portal.blueprints.work.blueprint import blueprint
from portal.policy import current_policy
from portal.queries import about, paging, work
from portal.records.meetings.reading import records as meetings
from portal.web import due_words
from portal.web.page import render

#: Duties on one sheet of paper; one that holds more says so.
ON_A_SHEET = 400


@blueprint.get("")
@allow("work:view", shows="list")
def index() -> ResponseReturnValue:
    """What is due, the longest overdue first, and my meetings."""
    person, now = current(), clock.now()
    lists = work.lists(person)
    wanted = request.args.get("whose", "")
    chosen = next((one for one in lists if one.whose == wanted), lists[0])
    page = work.owed(person=person, whose=chosen.whose, after=paging.row_of(request.args.get("after")))
    invited = meetings.mine(person)
    seen = about.seen(
        [*map(due_words.subject_of, page.rows), *map(due_words.meeting_subject, invited)],
    )
    coming = due_words.meetings(invited, seen, now)
    audit.record("work:view", ground=chosen.whose.value)
    more = url_for("work.index", whose=chosen.whose, after=page.next) if page.next else ""
    return render(
        "work/index.html",
        duties=due_words.duties(page.rows, seen, now),
        waiting=[one for one in coming if one.waits],
        meetings=[one for one in coming if not one.waits],
        lists=lists,
        chosen=chosen,
        next=more,
        first=url_for("work.index", whose=chosen.whose) if request.args.get("after") else "",
        may_print=near(person, "work:print"),
        marking=True,
        wide=True,
    )


@blueprint.get("/sheet")
@allow("work:print", shows="list", releases="print")
def sheet() -> ResponseReturnValue:
    """Open duties and whom to ring, on paper, for when the portal is down."""
    person, now = current(), clock.now()
    rows = work.open_duties(
        person=person, also_overdue_before=now if person.is_coordinator else None, limit=ON_A_SHEET + 1
    )
    seen = about.seen(due_words.subject_of(row) for row in rows)
    duties = due_words.duties(rows[:ON_A_SHEET], seen, now)
    audit.record("work:print", printed=[one.reference for one in duties if one.reference])
    return render(
        "work/sheet.html",
        duties=duties,
        goes_on=len(rows) > ON_A_SHEET,
        contacts=work.duty_contacts(),
        hub=current_policy().hub,
        now=now,
        coordinates=person.is_coordinator,
        marking=True,
        wide=True,
    )
