"""Where a person lands after signing in."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.access.guard import allow

blueprint = Blueprint("home", __name__)


@blueprint.get("/home")
@allow("home:view")
def index() -> ResponseReturnValue:
    """The workspace of the person's sector, or the shared home."""
    return "home"
