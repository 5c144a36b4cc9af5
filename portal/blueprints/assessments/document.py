"""A finalised assessment as a file."""

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.blueprints.assessments.blueprint import blueprint
from portal.blueprints.assessments.looking import find
from portal.records.assessments.document import assessment
from portal.records.disclosures.presenter import send


@blueprint.get("/assessments/<reference>/pdf")
@allow("assessment:view", shows="case", releases="export")
def download(reference: str) -> ResponseReturnValue:
    """The PDF of an assessment that is finalised; one that is still written has none."""
    found = find(reference)
    if found.assessment.finalised_at is None:
        abort(404)
    page = found.page(action="assessment:download")
    made = assessment(
        found=found.assessment,
        tool=found.tool,
        case=page["case"],
        policy=page["policy"],
        alerts=page["alerts"],
        people=page["people"],
    )
    return send(made)
