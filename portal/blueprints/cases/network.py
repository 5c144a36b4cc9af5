"""The network of a case: what belongs to its child, two steps out, as a table and as a picture."""

from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.blueprints.cases.blueprint import blueprint
from portal.blueprints.cases.looking import around, look
from portal.records.concerns.presenter.network import kind_label, view
from portal.records.concerns.reading.network import CHILD, around_child
from portal.web.page import render


@blueprint.get("/<reference>/network")
@allow("case:view", shows="case")
def network(reference: str) -> ResponseReturnValue:
    """Places, people and things around the child, and what else those are linked to."""
    case = look(reference, action="case:network")
    page = around(case)
    found = around_child(child_id=case.child_id)
    for one in found.nodes.values():
        if one.kind == CHILD and one.distance:  # other children, whom the person sees by this case
            audit.record("case:network", subject_kind="case", subject_id=case.id, child_id=one.id)
    return render(
        "concerns/of_case.html",
        **page,
        found=view(found, page["policy"], clock.today()),
        label=kind_label,
        wide=True,
    )
