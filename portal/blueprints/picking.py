"""Those who fit what somebody types into a picker: asked for by a script, into the form that is open."""

from collections.abc import Sequence

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.audit import record_search
from portal.access.guard import allow
from portal.pages import picking
from portal.records.people.presenter import people_who_fit
from portal.web.choices import FEWEST, Find, Fit, are_references, wrong_of
from portal.web.htmx import is_fragment
from portal.web.idempotency import later
from portal.web.page import see_other

blueprint = Blueprint("picking", __name__, url_prefix="/pick")

_LONGEST = 100  # characters that somebody looks for, and of the name of a field


@blueprint.post("/people")
@later
@allow("work:view", background=True)
def people() -> ResponseReturnValue:
    """People who work here."""
    return _fitting(people_who_fit, "people")


@blueprint.post("/children")
@later
@allow("child:search", shows="list", searches=True, background=True)
def children() -> ResponseReturnValue:
    """Children whom the person may see."""
    return _fitting(picking.children, "children")


@blueprint.post("/cases")
@later
@allow("child:search", shows="list", searches=True, background=True)
def cases() -> ResponseReturnValue:
    """Open cases, by the names of their children."""
    return _fitting(picking.cases, "cases")


@blueprint.post("/subjects")
@later
@allow("child:search", shows="list", searches=True, background=True)
def subjects() -> ResponseReturnValue:
    """Children, by their open case where they have one, and places, people and things of concern."""
    return _fitting(picking.subjects, "subjects")


@blueprint.post("/forms")
@later
@allow("referral:triage", shows="list", searches=True, background=True)
def forms() -> ResponseReturnValue:
    """Forms that the hub received, by the children who are known on them."""
    return _fitting(picking.forms, "forms")


def _fitting(find: Find, of: str) -> ResponseReturnValue:
    if not is_fragment():
        return see_other(url_for("search.index"))
    name = request.form.get("field", "")[:_LONGEST]
    typed = request.form.get(name, "").strip()[:_LONGEST]
    fits: Sequence[Fit] = ()
    if len(typed) >= FEWEST:
        fits = find(typed)
    elif of != "people":
        record_search(typed, ground="not searched")
    return make_response(
        render_template(
            "fields/picked.html",
            id=request.form.get("id", "")[:_LONGEST],
            name=name,
            fits=fits,
            chosen="",
            nothing=request.form.get("nothing", "")[:_LONGEST] or "None of these",
            typed="" if of != "people" and are_references(typed) else typed,
            wrong=wrong_of(of, typed),
        )
    )
