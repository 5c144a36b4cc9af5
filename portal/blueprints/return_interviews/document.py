"""A completed return interview as a file."""

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.blueprints.return_interviews.blueprint import blueprint
from portal.blueprints.return_interviews.looking import find
from portal.records.disclosures.presenter import send
from portal.records.return_interviews.document import return_interview


@blueprint.get("/return-interviews/<reference>/pdf")
@allow("interview:view", shows="child", releases="export")
def download(reference: str) -> ResponseReturnValue:
    """The PDF of an interview that is completed; a draft has none."""
    found = find(reference)
    if found.interview.completed_at is None:
        abort(404)
    page = found.page(action="interview:download")
    return send(
        return_interview(
            found=found.row,
            rules=found.rules,
            warnings=page["alert_strip"],
            case_ids=[one.id for one in page["cases"]],
        )
    )
