"""The list of what is of concern, the page of one, its history, and its network."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal import clock, registry
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted
from portal.access.principal import current
from portal.blueprints.concerns.blueprint import blueprint, find_concern, page_context, record_viewing
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.queries.paging import Page, RowCursor
from portal.records.concerns.presenter import words as concern_words
from portal.records.concerns.presenter.network import kind_label, view
from portal.records.concerns.presenter.words import table
from portal.records.concerns.reading import alike as concern_alike
from portal.records.concerns.reading import records as concerns
from portal.records.concerns.reading.network import CHILD, around
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.plans import presenter as action_words
from portal.records.plans.actions import giving_facts
from portal.web.page import page_links, render, see_other


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
    record_viewing(concern, children=[row.child_id for row in rows if row.child_id])
    return render(
        "concerns/show.html",
        **base,
        details=details,
        facts=concern_words.facts(concern, details, policy),
        links=standing,
        taken_back=taken_back,
        notes=concern_words.notes(concerns.notes_of(concern_id=concern.id)),
        releases=concern_words.releases(details.releases),
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


_ALL = "all"
_LONGEST = 200  # characters that somebody looks for


@blueprint.get("")
@allow("concern:view", shows="list")
def index() -> ResponseReturnValue:
    """A page of fifty, the last recorded first."""
    policy = current_policy()
    chosen = _chosen()
    page = concerns.list_concerns(**_filter(chosen), after=RowCursor.read(request.args.get("after")))
    audit.record("concern:list", shown=len(page.rows), chosen=_said(chosen))
    return render(
        "concerns/index.html",
        **table(page.rows, policy),
        chosen=chosen,
        kinds=[("", "Everything"), *((one.value, one.label) for one in ConcernKind)],
        districts=[("", "Every district"), *policy.areas.districts.choices()],
        ways=_ways(chosen),
        **page_links(page, "concerns.index", **_said(chosen)),
        marking=True,
        wide=True,
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


def _chosen() -> dict[str, str]:
    """What an address asks for; what makes no sense is left out."""
    policy = current_policy()
    kind, district, show = (request.args.get(name, "") for name in ("kind", "district", "show"))
    return {
        "kind": kind if kind in set(ConcernKind) else "",
        "district": district if district in policy.areas.districts else "",
        "show": show if show in {"ours", "ended"} else _ALL,
    }


def _filter(chosen: dict[str, str]) -> dict[str, Any]:
    return {
        "kinds": [chosen["kind"]] if chosen["kind"] else [],
        "districts": [chosen["district"]] if chosen["district"] else [],
        "owned_by": current().agency_id if chosen["show"] == "ours" else None,
        "ended": chosen["show"] == "ended",
    }


def _said(chosen: dict[str, str]) -> dict[str, Any]:
    """A choice for an address: nothing that holds anyway."""
    return {name: value for name, value in chosen.items() if value and value != _ALL}


def _ways(chosen: dict[str, str]) -> list[dict[str, Any]]:
    labels = ((_ALL, "All that you see"), ("ours", "Owned by your agency"), ("ended", "No longer of concern"))
    return [
        {
            "text": text,
            "href": url_for("concerns.index", **_said({**chosen, "show": code})),
            "current": chosen["show"] == code,
        }
        for code, text in labels
    ]


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
    shown = view(found, base["policy"], clock.today())
    return render("concerns/network.html", **base, found=shown, label=kind_label, wide=True)
