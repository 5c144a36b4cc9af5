"""The network of something of concern: two steps out, as a table and as a picture."""

from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.blueprints.concerns.blueprint import blueprint
from portal.blueprints.concerns.looking import around, find, look
from portal.records.concerns.presenter.network import kind_label, view
from portal.records.concerns.reading.network import CHILD, around_concern
from portal.web.page import render


@blueprint.get("/<reference>/network")
@allow("concern:view", shows="child")
def network(reference: str) -> ResponseReturnValue:
    """What belongs together around something of concern."""
    concern = find(reference)
    base = around(concern)
    found = around_concern(concern_id=concern.id)
    look(concern, "concern:network", children=[one.id for one in found.nodes.values() if one.kind == CHILD])
    shown = view(found, base["policy"], clock.today())
    return render("concerns/network.html", **base, found=shown, label=kind_label, wide=True)
