"""Agencies and teams."""

from uuid import UUID

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access import principal
from portal.access.guard import allow
from portal.blueprints.admin import blueprint
from portal.forms.choices import named, offer
from portal.policy import current_policy
from portal.records.people import agencies as service
from portal.records.people.forms.agencies import (
    AgencyChangeForm,
    AgencyProvidersForm,
    NewAgencyForm,
    TeamChangeForm,
    TeamForm,
)
from portal.records.people.forms.keeping import ReasonForm
from portal.records.people.reading import agencies as queries
from portal.web.page import render, see_other
from portal.web.steps import carry_out


@blueprint.get("/agencies")
@allow("agency:manage")
def agencies() -> ResponseReturnValue:
    """Every agency."""
    return render("admin/agencies.html", agencies=queries.every_agency(), wide=True)


@blueprint.route("/agencies/add", methods=["GET", "POST"])
@allow("agency:manage")
def add_agency() -> ResponseReturnValue:
    """Let an agency join."""
    form = NewAgencyForm()
    _offer_areas(form)
    step = carry_out(form, lambda: service.add(actor=principal.current(), **form.answers()))
    if step.done:
        return see_other(url_for("admin.agency", code=step.result.code))
    return render("admin/agency_form.html", form=form, agency=None, problem=step.problem)


@blueprint.get("/agencies/<code>")
@allow("agency:manage")
def agency(code: str) -> ResponseReturnValue:
    """One agency, its teams and where its people sign in."""
    found = queries.details(code) or abort(404)
    areas = current_policy().areas
    return render(
        "admin/agency.html",
        agency=found,
        authority=areas.authorities.label(found.authority),
        districts=areas.districts.labels(found.districts),
        teams=queries.teams_of(found.id),
    )


@blueprint.route("/agencies/<code>/change", methods=["GET", "POST"])
@allow("agency:manage")
def change_agency(code: str) -> ResponseReturnValue:
    """Change what is kept about an agency."""
    found = queries.agency(code) or abort(404)
    form = AgencyChangeForm(obj=found)
    _offer_areas(form)
    offer(form.lead_id, named(queries.people_of(found.id)))
    step = carry_out(
        form, lambda: service.change(actor=principal.current(), agency_id=found.id, **form.answers())
    )
    if step.done:
        return _saved(code)
    return render("admin/agency_form.html", form=form, agency=found, problem=step.problem)


@blueprint.route("/agencies/<code>/sign-in", methods=["GET", "POST"])
@allow("provider:manage", proved=True)
def agency_providers(code: str) -> ResponseReturnValue:
    """Say where an agency's people sign in."""
    found = queries.details(code) or abort(404)
    chosen = [str(one.id) for one in found.providers]
    form = AgencyProvidersForm(data={"provider_ids": chosen, "version": str(found.version)})
    offer(form.provider_ids, named((one.id, one.label) for one in queries.every_provider()))
    step = carry_out(
        form, lambda: service.set_providers(actor=principal.current(), agency_id=found.id, **form.answers())
    )
    if step.done:
        return _saved(code)
    return render("admin/agency_providers.html", form=form, agency=found, problem=step.problem)


@blueprint.route("/agencies/<code>/switch-off", methods=["GET", "POST"])
@allow("agency:manage")
def switch_agency_off(code: str) -> ResponseReturnValue:
    """End the access of everybody in an agency, with a reason."""
    found = queries.agency(code) or abort(404)
    form = ReasonForm()
    step = carry_out(
        form, lambda: service.switch_off(actor=principal.current(), agency_id=found.id, **form.answers())
    )
    if step.done:
        return _saved(code, f"Nobody of {found.name} can use the portal now.")
    return render("admin/switch_agency_off.html", form=form, agency=found, problem=step.problem)


@blueprint.post("/agencies/<code>/switch-on")
@allow("agency:manage")
def switch_agency_on(code: str) -> ResponseReturnValue:
    """Let an agency's people sign in again."""
    found = queries.agency(code) or abort(404)
    service.switch_on(actor=principal.current(), agency_id=found.id)
    return _saved(code, "Its people can sign in again.")


@blueprint.route("/agencies/<code>/teams/add", methods=["GET", "POST"])
@allow("agency:manage")
def add_team(code: str) -> ResponseReturnValue:
    """Add a team to an agency."""
    found = queries.agency(code) or abort(404)
    form = TeamForm()
    offer(form.manager_id, named(queries.people_of(found.id)))
    step = carry_out(
        form, lambda: service.add_team(actor=principal.current(), agency_id=found.id, **form.answers())
    )
    if step.done:
        return _saved(code)
    return render("admin/team_form.html", form=form, agency=found, team=None, problem=step.problem)


@blueprint.route("/agencies/<code>/teams/<uuid:team_id>", methods=["GET", "POST"])
@allow("agency:manage")
def change_team(code: str, team_id: UUID) -> ResponseReturnValue:
    """Change a team."""
    found, team = queries.agency(code) or abort(404), queries.team(team_id) or abort(404)
    if team.agency_id != found.id:
        abort(404)
    form = TeamChangeForm(obj=team)
    offer(form.manager_id, named(queries.people_of(found.id)))
    step = carry_out(
        form, lambda: service.change_team(actor=principal.current(), team_id=team_id, **form.answers())
    )
    if step.done:
        return _saved(code)
    return render("admin/team_form.html", form=form, agency=found, team=team, problem=step.problem)


def _saved(code: str, words: str = "Saved") -> ResponseReturnValue:
    flash(words)
    return see_other(url_for("admin.agency", code=code))


def _offer_areas(form: NewAgencyForm | AgencyChangeForm) -> None:
    areas = current_policy().areas
    offer(form.authority, named(areas.authorities.choices()))
    offer(form.districts, named(areas.districts.choices()))
