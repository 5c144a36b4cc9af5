"""Where a person lands after signing in: the workspace of their sector, or the shared home."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow, audience
from portal.pages.workspaces import presenter as workspace
from portal.vocabulary import ROLES_THAT_SEE_CASES, Sector
from portal.web.navigation import navigation, today_of
from portal.web.page import render

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
