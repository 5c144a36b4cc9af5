"""The list of what is of concern, the page of one, its history, and its network."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal import clock, registry
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted
from portal.access.principal import current
from portal.blueprints.concerns import blueprint, find_concern, page_context, record_viewing
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.queries.paging import Page, RowCursor
from portal.records.concerns.lists import CONCERNS, Standing, rows_of
from portal.records.concerns.presenter import words as concern_words
from portal.records.concerns.presenter.network import NetworkAsked, kind_label, view
from portal.records.concerns.presenter.words import table
from portal.records.concerns.reading import alike as concern_alike
from portal.records.concerns.reading import records as concerns
from portal.records.concerns.reading.network import CHILD, around
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.plans import presenter as action_words
from portal.records.plans.actions import giving_facts
from portal.web.listing import ListRoute, ListView, views
from portal.web.page import render, see_other


@blueprint.get("/<reference>")
@allow("concern:view", shows="child")
def show(reference: str) -> ResponseReturnValue:
    """What is recorded, what it belongs to, and what else may be the same."""
    concern, person = find_concern(reference), current()
    base = page_context(concern)
    policy, details = base["policy"], concerns.page_of(concern=concern)
    rows = concerns.links_of(concern_id=concern.id)
    suggestions = concern_alike.of_concern(concern=concern)
    standing, taken_back = concern_words.links(concern, rows, person, policy)
    may_be = concerns.children_who_may_be(concern=concern)
    record_viewing(
        concern, children=[row.child_id for row in rows if row.child_id] + [one.id for one in may_be]
    )
    return render(
        "concerns/show.html",
        **base,
        details=details,
        facts=concern_words.facts(concern, details, policy),
        links=standing,
        taken_back=taken_back,
        notes=concern_words.notes(concerns.notes_of(concern_id=concern.id)),
        releases=concern_words.releases(details.releases),
        may_be=may_be,
        alike=[one for one in suggestions if one.kind == concern.kind],
        beside=[one for one in suggestions if one.kind != concern.kind],
        differences=concern_alike.differences_of(concern_id=concern.id),
        can=concern_words.verbs(concern, person),
        parts=registry.parts_on_concern(concern=concern, person=person, policy=policy),
        doing=action_words.on_concern(details.actions),
        may_give=concern.ended_at is None and permitted(person, "action:give", giving_facts(person, concern)),
        today=clock.today(),
        wide=True,
    )


@blueprint.get("/<reference>/history")
@allow("concern:view", shows="list")
def history(reference: str) -> ResponseReturnValue:
    """What it said before, who changed it and why."""
    concern = find_concern(reference)
    base = page_context(concern)
    record_viewing(concern, "concern:history")
    rows = concerns.changes_of(concern_id=concern.id)
    return render(
        "concerns/history.html",
        **base,
        history=concern_words.history(rows, concern.kind, base["policy"]),
    )


_LONGEST = 200  # characters that somebody looks for


@blueprint.route("", methods=["GET", "POST"])
@allow("concern:view", shows="list")
def index() -> ResponseReturnValue:
    """A page of fifty, the last recorded first, unless somebody asks for another order."""
    return _listed().page(
        "concerns/index.html",
        lambda found: table(found.page.rows, current_policy()),
        open_filters=("kind", "stands"),
        ended=_ended(),
        marking=True,
        wide=True,
    )


@blueprint.get("/list.csv")
@allow("concern:view", shows="list", releases="export")
def download() -> ResponseReturnValue:
    """All that fits the filters, in the order of the page, as a file for a spreadsheet."""
    return _listed().file("places-and-people")


def _ended() -> bool:
    return request.args.get("show") == "ended"


def _listed() -> ListView:
    of_kinds = views("All", "kind", (ConcernKind.PERSON, ConcernKind.PLACE))[1:]
    ended = _ended()
    route = ListRoute(
        endpoint="concerns.index",
        file="concerns.download",
        fixed={"show": "ended"} if ended else {},
        views=() if ended else (*views("All", "stands", Standing), *of_kinds),
    )
    source = rows_of(ended=ended)
    return ListView(
        listing=CONCERNS, source=source, route=route, looked="concern:list", noted={"ended": ended}
    )


@blueprint.post("/find")
@allow("concern:view", shows="list")
def find() -> ResponseReturnValue:
    """By its name, registration, number, account or postcode: typed into the page, never into an address."""
    typed = request.form.get("typed", "").strip()[:_LONGEST]
    reference = read_reference(typed, Prefix.CONCERN)
    known = concerns.find_concern(reference=reference) if reference else None
    if known is not None:
        return see_other(url_for("concerns.show", reference=known.reference))
    page = Page[RowCursor]([], None)
    if typed:
        page = concern_alike.find_concerns(typed=typed, after=RowCursor.read(request.form.get("after")))
    audit.record("concern:find", shown=len(page.rows))
    return render(
        "concerns/found.html", alike=page.rows, more=str(page.next or ""), typed=typed, marking=True
    )


@blueprint.get("/<reference>/network")
@allow("concern:view", shows="child")
def network(reference: str) -> ResponseReturnValue:
    """What belongs together around something of concern."""
    concern = find_concern(reference)
    base = page_context(concern)
    found = around(concern.id)
    record_viewing(
        concern, "concern:network", children=[one.id for one in found.nodes.values() if one.kind == CHILD]
    )
    asked, today = NetworkAsked.of(request.args, base["policy"]), clock.today()
    shown = view(asked.of_network(found, today), base["policy"], today)
    return render("concerns/network.html", **base, asked=asked, found=shown, label=kind_label, wide=True)
