"""The list of cases: filtered, sorted, as a view of one's own, and as a file."""

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint
from portal.messages import news
from portal.queries.listing import Found
from portal.records.cases import lists, presenter
from portal.records.cases.lists import CASES, NOT_ASSESSED, LookOut
from portal.records.cases.reading import lists as readers
from portal.records.cases.reading.lists import Reader, ReaderKind
from portal.vocabulary import ROLES_THAT_SEE_CASES, RiskLevel
from portal.web.listing import ListRoute, ListView
from portal.web.page import announce

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
    reader, offered, closed = _reader()

    def says(found: Found) -> dict[str, Any]:
        rows, all_of_them = found.page.rows, found.asked.is_plain and not found.page.next
        notices = readers.list_notices(reader=reader) if all_of_them and not closed else ()
        announce(f"{len(rows)} cases shown")
        return {
            "rows": [row[: lists.SHOWN] for row in rows],
            "notices": notices,
            "news": news.on_cases(person=current(), case_ids=[row.case_id for row in rows]),
        }

    return _view(reader, closed=closed).page(
        "cases/index.html",
        says,
        open_filters=("level", "look"),
        many_news=news.MANY,
        closed=closed,
        names_agency=reader.kind is ReaderKind.HUB,
        ways=_ways(offered, reader, closed=closed),
        by_reference=not current().has(*ROLES_THAT_SEE_CASES),
        marking=True,
        wide=True,
        **presenter.case_table(),
    )


@blueprint.get("/list.csv")
@allow("case:list", shows="list", releases="export")
def download() -> ResponseReturnValue:
    """All that fits the filters, in the order of the page, as a file for a spreadsheet."""
    reader, _, closed = _reader()
    return _view(reader, closed=closed).file(CASES.name)


def _reader() -> tuple[Reader, list[Reader], bool]:
    """Through whom the list is read, among whom one may choose, and whether it is of closed cases."""
    offered = readers.readers(current())
    reader = readers.choose_reader(current(), request.args.get("whose"), offered) or abort(404)
    return reader, offered, request.args.get("show") == "closed"


def _view(reader: Reader, *, closed: bool) -> ListView:
    return ListView(
        listing=CASES,
        source=lists.Cases(reader=reader, closed=closed),
        route=ListRoute(
            endpoint="cases.index",
            file="cases.download",
            fixed={"whose": reader.code, **({"show": "closed"} if closed else {})},
            views=() if closed else _VIEWS,
        ),
        looked="case:list",
        noted={"ground": reader.kind.value, "reader": str(reader.id), "closed": closed},
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
