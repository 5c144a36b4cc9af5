"""Who leads a case."""

from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint
from portal.blueprints.cases.involved import people_of
from portal.blueprints.cases.looking import around, facts, look, record_of
from portal.records.cases.case_lead import change_lead
from portal.records.cases.forms.opening import LeadForm
from portal.records.cases.reading import records as case_records
from portal.records.entries.reading import case_page
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


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
    problem = None
    if form.validate_on_submit():
        found = case_records.find_team(team_id=chosen.team_id) or abort(404)
        try:
            with attempt():
                change_lead(
                    actor=current(),
                    case=record,
                    team=found[0],
                    professional=case_records.find_person(user_id=UUID(form.professional.data)) or abort(404),
                    reason=form.said("reason"),
                    version=form.seen_version,
                )
        except DomainError as refused:
            problem = refused
            form.version.data = str(record.version)
        else:
            flash("The lead has changed")
            return see_other(url_for("cases.show", reference=record.reference))
    return render("cases/lead.html", **around(case), form=form, chosen=chosen, problem=problem)
