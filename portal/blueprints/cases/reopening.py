"""Reopening a case that ended."""

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint
from portal.blueprints.cases.looking import around, facts, look, record_of
from portal.pathway.states import OPEN_CASE_STATES
from portal.records.assessments.lifecycle import lead_facts
from portal.records.closing.effects import former_teams, reopen_case
from portal.records.closing.forms import ReopenForm
from portal.web.fields import Choice
from portal.web.steps import take


@blueprint.route("/<reference>/reopen", methods=["GET", "POST"])
@allow("case:reopen", shows="case")
def reopen(reference: str) -> ResponseReturnValue:
    """Reopen a case: what is new, and which teams it needs again."""
    record = record_of(reference)
    require(current(), "case:reopen", lead_facts(current(), record))
    case = look(reference)
    may_bring = permitted(current(), "involvement:add", facts(record))
    teams = {str(team.id): (team, reads) for team, reads in former_teams(record)} if may_bring else {}
    still_reading = [one for one, (_, reads) in teams.items() if reads]
    form = ReopenForm(data={"version": str(record.version), "teams": still_reading})
    form.offer("teams", [Choice(one, team.name) for one, (team, _) in teams.items()])
    return take(
        form,
        lambda: reopen_case(
            actor=current(),
            case=record,
            reason=form.said("reason"),
            version=form.seen_version,
            teams=[teams[one][0] for one in form.teams.data or ()],
        ),
        template="cases/reopen.html",
        page=lambda: around(case) | {"is_open": record.state in OPEN_CASE_STATES},
        to=url_for("cases.show", reference=record.reference),
        done="The case is open again. It has to be assessed",
        teams=teams,
    )
