"""Who leads a case."""

from typing import Any
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint
from portal.blueprints.cases.involved import people_of
from portal.blueprints.cases.looking import around, facts, look, record_of, step_on
from portal.records.cases.forms import LeadForm
from portal.records.cases.opening import change_lead
from portal.records.cases.reading import records as case_records
from portal.records.entries.reading import case_page
from portal.web.page import render
from portal.web.steps import Link, Words, take


@blueprint.route("/<reference>/lead", methods=["GET", "POST"])
@allow("case:lead", shows="case")
def change_case_lead(reference: str) -> ResponseReturnValue:
    """Choose the team that leads; then who of its agency, and why."""
    record = record_of(reference)
    require(current(), "case:lead", facts(record, own_agency=record.lead_agency_id == current().agency_id))
    case = look(reference)
    teams = {str(row.team_id): row for row in case_page.network(case=case)}
    asked = request.args.get("team")
    if asked is None:
        return render("cases/lead_team.html", **around(case), teams=teams)
    chosen = teams.get(asked) or abort(404)
    form = LeadForm(data={"version": str(record.version), "professional": str(chosen.worker_id or "")})
    form.offer("professional", people_of(chosen.agency_id), prompt=True)
    return take(
        form,
        lambda: change_lead(
            actor=current(),
            case=record,
            team=(case_records.find_team(team_id=chosen.team_id) or abort(404))[0],
            professional=case_records.find_person(user_id=UUID(form.professional.data)) or abort(404),
            reason=form.said("reason"),
            version=form.seen_version,
        ),
        says=Words(
            heading=f"Give the lead to {chosen.agency}",
            title="Change who leads",
            back=Link(url_for("cases.change_case_lead", reference=case.reference), "Choose another team"),
            lead=[_leads_now(case)],
            button="Change the lead",
        ),
        page=lambda: step_on(case),
        to=url_for("cases.show", reference=record.reference),
        done="The lead has changed",
    )


def _leads_now(case: Any) -> str:
    who = ", ".join(filter(None, (case.lead_agency, case.lead_professional)))
    return f"Led now by {who}. What they still have to do on the case goes over to the new lead."
