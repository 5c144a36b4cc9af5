"""Where a person lands after signing in: the workspace of their sector, or the shared home."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow, audience, public
from portal.pages.tour import tour_for
from portal.pages.workspaces import presenter as workspace
from portal.policy import current_policy
from portal.records.people import settings
from portal.vocabulary import ROLES_THAT_SEE_CASES, Sector
from portal.web.guidance import glossary
from portal.web.navigation import navigation, today_of
from portal.web.page import render, see_other

blueprint = Blueprint("home", __name__)


def workspace_of(name: str, sector: Sector) -> Blueprint:
    """The blueprint of the workspace of a sector, with the page where its people’s work starts."""
    made = Blueprint(name, __name__, url_prefix=f"/{name.replace('_', '-')}")
    audience(made, sector)

    @made.get("")
    @allow("workspace:view", shows="list")
    def index() -> ResponseReturnValue:
        """What waits for the sector now."""
        return workspace.show(f"{name}.index")

    return made


@blueprint.route("/tour", methods=["GET", "POST"])
@allow("home:view")
def tour() -> ResponseReturnValue:
    """What is mine and what I must do when; skipped or read to its end, it is offered no more."""
    person = principal.current()
    if request.method == "POST":
        settings.end_tour(actor=person)
        return redirect(url_for(".index"), 303)
    return render("home/tour.html", parts=tour_for(person, current_policy()))


@blueprint.route("/keyboard", methods=["GET", "POST"])
@allow("home:view")
def keyboard() -> ResponseReturnValue:
    """The keys that lead somewhere, and whether single ones do."""
    if request.method == "POST":
        on = request.form.get("single") == "on"
        settings.choose_shortcuts(actor=principal.current(), on=on)
        return see_other(url_for(".keyboard"), done=f"Single keys are {'on' if on else 'off'}")
    return render("home/keyboard.html", on=settings.settings_of(principal.current()).shortcuts)


@blueprint.get("/words")
@public
def words() -> ResponseReturnValue:
    """Rare words and abbreviations, and what they mean."""
    return render("home/words.html", words=glossary())


@blueprint.get("/home")
@allow("home:view", shows="list")
def index() -> ResponseReturnValue:
    """One's own workspace, or, for a role that sees no cases, the pages that it may open."""
    person = principal.current()
    own = today_of(person)
    if own != "home.index":
        return redirect(url_for(own), 303)
    if person.has(*ROLES_THAT_SEE_CASES):
        return workspace.show(own)
    audit.record("home:view")
    places = [place for place in navigation(person) if not place.current]
    return render("home/places.html", person=person, places=places)
