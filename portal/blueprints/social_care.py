"""The workspace of children’s social care: cases, what they were told, what is asked and due."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.access.guard import allow, audience
from portal.vocabulary import Sector
from portal.web import workspace

blueprint = Blueprint("social_care", __name__, url_prefix="/social-care")
audience(blueprint, Sector.SOCIAL_CARE)


@blueprint.get("")
@allow("workspace:view", shows="list")
def index() -> ResponseReturnValue:
    """What waits for children’s social care now."""
    return workspace.show("social_care.index")
