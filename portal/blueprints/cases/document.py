"""The chronology of a case as a file."""

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.blueprints.cases.blueprint import blueprint
from portal.blueprints.cases.looking import around, look
from portal.records.cases.document import chronology
from portal.records.disclosures.presenter import send


@blueprint.get("/<reference>/chronology.pdf")
@allow("case:view", shows="case", releases="export")
def download_chronology(reference: str) -> ResponseReturnValue:
    """The PDF of what this person may read of a case."""
    page = around(look(reference, action="case:download"))
    return send(chronology(case=page["case"], policy=page["policy"], alerts=page["alerts"]))
