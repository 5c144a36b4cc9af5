"""The list of cases: filtered, sorted, as a view of one's own, and as a file."""

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint
from portal.messages import news
from portal.records.cases import lists, presenter
from portal.records.cases.lists import CASES, NOT_ASSESSED, LookOut
from portal.records.cases.reading import lists as readers
from portal.records.cases.reading.lists import Reader, ReaderKind
from portal.records.disclosures.presenter import send_list
from portal.vocabulary import ROLES_THAT_SEE_CASES, RiskLevel
from portal.web import listing
from portal.web.page import announce, render

#: Views that everybody has.
_VIEWS = (
    ("All open", {}),
    ("High", {"level": [RiskLevel.HIGH.value]}),
    *(
        (one.label, {"look": [one.value]})
        for one in (LookOut.MISSING, LookOut.OVERDUE, LookOut.NEWS, LookOut.QUIET, LookOut.TURNS_18)
    ),
    ("Not assessed", {"level": [NOT_ASSESSED]}),
)


@blueprint.route("", methods=["GET", "POST"])
@allow("case:list", shows="list")
def index() -> ResponseReturnValue:
    """A page of fifty: highest level first, then least time left, unless somebody asks for another order."""
    person, asked = current(), listing.asked(CASES)
    reader, offered, closed = _reader()
    route = _route(reader, closed=closed)
    if answer := listing.begin_with(route, asked):
        return answer
    found = lists.find_cases(asked, reader=reader, closed=closed)
    notices = () if found.page.next or closed or not asked.is_plain else readers.list_notices(reader=reader)
    audit.record(
        "case:list",
        ground=reader.kind.value,
        reader=str(reader.id),
        shown=len(found.page.rows),
        closed=closed,
    )
    announce(f"{len(found.page.rows)} cases shown")
    return render(
        "cases/index.html",
        rows=[row[: lists.SHOWN] for row in found.page.rows],
        list=listing.page(found, route),
        open_filters=("level", "look"),
        notices=notices,
        news=news.on_cases(person=person, case_ids=[row.case_id for row in found.page.rows]),
        many_news=news.MANY,
        closed=closed,
        names_agency=reader.kind is ReaderKind.HUB,
        ways=_ways(offered, reader, closed=closed),
        by_reference=not person.has(*ROLES_THAT_SEE_CASES),
        marking=True,
        wide=True,
        **presenter.case_table(),
    )


@blueprint.get("/list.csv")
@allow("case:list", shows="list", releases="export")
def download() -> ResponseReturnValue:
    """All that fits the filters, in the order of the page, as a file for a spreadsheet."""
    asked = listing.asked(CASES)
    reader, _, closed = _reader()
    rows = lists.cases_for_file(asked, reader=reader, closed=closed)
    if rows is None:
        return listing.too_many(_route(reader, closed=closed), asked)
    audit.record("case:list", ground=reader.kind.value, reader=str(reader.id), taken=len(rows), closed=closed)
    return send_list(listing.as_csv(CASES, rows), name=CASES.name, case_ids=[row.case_id for row in rows])


def _reader() -> tuple[Reader, list[Reader], bool]:
    """Through whom the list is read, among whom one may choose, and whether it is of closed cases."""
    offered = readers.readers(current())
    reader = readers.choose_reader(current(), request.args.get("whose"), offered) or abort(404)
    return reader, offered, request.args.get("show") == "closed"


def _route(reader: Reader, *, closed: bool) -> listing.ListRoute:
    return listing.ListRoute(
        endpoint="cases.index",
        file="cases.download",
        fixed={"whose": reader.code, **({"show": "closed"} if closed else {})},
        views=() if closed else _VIEWS,
    )


def _ways(offered: list[Reader], chosen: Reader, *, closed: bool) -> list[dict[str, object]]:
    """The readers as links, and the closed cases of the one that is chosen, for `ui.views`."""
    ways: list[dict[str, object]] = [
        {
            "href": url_for("cases.index", whose=one.code),
            "text": one.name,
            "current": one == chosen and not closed,
        }
        for one in offered
    ]
    address = url_for("cases.index", whose=chosen.code, show="closed")
    return [*ways, {"href": address, "text": "Closed", "current": closed}]
