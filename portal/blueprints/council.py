"""The workspace of councils: cases, what they were told, what is asked and due."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.access.guard import allow, audience
from portal.vocabulary import Sector
from portal.web import workspace

blueprint = Blueprint("council", __name__, url_prefix="/council")
audience(blueprint, Sector.COUNCIL)


@blueprint.get("")
@allow("workspace:view", shows="list")
def index() -> ResponseReturnValue:
    """What waits for councils now."""
    return workspace.show("council.index")
