"""A hand-over as a file."""

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.blueprints.cases.blueprint import blueprint
from portal.blueprints.cases.looking import around, look, record_of
from portal.records.closing import reading as closings
from portal.records.closing.document import hand_over
from portal.records.closing.vocabulary import HandOverKind
from portal.records.disclosures.presenter import send


@blueprint.get("/<reference>/hand-over/<any(transfer, transition):kind>/pdf")
@allow("handover:view", shows="case", releases="export")
def download_hand_over(reference: str, kind: str) -> ResponseReturnValue:
    """The PDF of the last hand-over that is finalised; one that is still written has none."""
    papers = closings.hand_overs(case=record_of(reference), kind=HandOverKind(kind))
    paper = next((one for one in papers if one.finalised_at), None) or abort(404)
    page = around(look(reference, action="handover:download", kind=kind))
    made = hand_over(paper=paper, case=page["case"], policy=page["policy"], alerts=page["alerts"])
    return send(made)
