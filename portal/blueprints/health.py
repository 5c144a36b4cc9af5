"""The workspace of health services: cases, what they were told, what is asked and due."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.access.guard import allow, audience
from portal.vocabulary import Sector
from portal.web import workspace

blueprint = Blueprint("health", __name__, url_prefix="/health")
audience(blueprint, Sector.HEALTH)


@blueprint.get("")
@allow("workspace:view", shows="list")
def index() -> ResponseReturnValue:
    """What waits for health services now."""
    return workspace.show("health.index")
