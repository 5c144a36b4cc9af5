"""The workspace of the police: cases, what they were told, what is asked and due."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.access.guard import allow, audience
from portal.vocabulary import Sector
from portal.web import workspace

blueprint = Blueprint("police", __name__, url_prefix="/police")
audience(blueprint, Sector.POLICE)


@blueprint.get("")
@allow("workspace:view", shows="list")
def index() -> ResponseReturnValue:
    """What waits for the police now."""
    return workspace.show("police.index")
