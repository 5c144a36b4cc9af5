"""The list of cases, through one reader that the person chooses."""

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint
from portal.records.cases.presenter import case_table
from portal.records.cases.reading.lists import (
    Cursor,
    Reader,
    choose_reader,
    list_cases,
    list_notices,
    readers,
)
from portal.vocabulary import ROLES_THAT_SEE_CASES
from portal.web.page import render


@blueprint.get("")
@allow("case:list", shows="list")
def index() -> ResponseReturnValue:
    """A page of fifty: highest level first, then least time left."""
    person = current()
    offered = readers(person)
    reader = choose_reader(person, request.args.get("whose"), offered) or abort(404)
    closed = request.args.get("show") == "closed"
    after = Cursor.read(request.args.get("after"))
    page = list_cases(reader=reader, after=after, closed=closed)
    notices = () if page.next or closed else list_notices(reader=reader)  # they end the list
    audit.record(
        "case:list", ground=reader.kind.value, reader=str(reader.id), shown=len(page.rows), closed=closed
    )
    return render(
        "cases/index.html",
        rows=page.rows,
        notices=notices,
        closed=closed,
        ways=ways(offered, reader),
        whose=reader.code,
        next=next_page(reader, page.next, closed=closed),
        first=after is None,
        by_reference=not person.has(*ROLES_THAT_SEE_CASES),
        marking=True,
        wide=True,
        **case_table(),
    )


def ways(offered: list[Reader], chosen: Reader) -> list[dict[str, object]]:
    """The readers as links, for `ui.sub_navigation`."""
    return [
        {"href": url_for("cases.index", whose=one.code), "text": one.name, "current": one == chosen}
        for one in offered
    ]


def next_page(reader: Reader, cursor: Cursor | None, *, closed: bool) -> str:
    """The address of the next page, or nothing."""
    if cursor is None:
        return ""
    show = "closed" if closed else None
    return url_for("cases.index", whose=reader.code, show=show, after=str(cursor))
