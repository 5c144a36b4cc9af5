"""Agencies and teams, and where their people sign in."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import abort, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import principal
from portal.access.guard import allow
from portal.blueprints.admin import blueprint
from portal.policy import current_policy
from portal.records.people import agencies as service
from portal.records.people import forms
from portal.records.people import sign_in as people_providers
from portal.records.people.lists import AGENCIES, TEAMS, OfAgency, OfTeam, every_agency, every_team
from portal.records.people.reading import agencies as queries
from portal.vocabulary import Desk, Sector
from portal.web.choices import choices, offer
from portal.web.listing import ALL, ListRoute, ListView, views, ways
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, take


@blueprint.route("/agencies", methods=["GET", "POST"])
@allow("agency:manage")
def agencies() -> ResponseReturnValue:
    """Every agency, with who would not be told, or every team of them."""
    teams = request.args.get("show") == "teams"
    view = ListView(
        listing=TEAMS if teams else AGENCIES,
        source=every_team() if teams else every_agency(),
        route=_TEAMS if teams else _AGENCIES,
        looked="team:list" if teams else "agency:list",
    )
    return view.page(
        "admin/agencies.html",
        lambda _found: {"gaps": () if teams else service.gaps(current_policy())},
        open_filters=("look", "sector", "desk"),
        teams=teams,
        ways=ways(view.route, _WAYS, ALL),
        sectors={one.value: one.label for one in Sector},
        desk_labels=_desk_labels,
        wide=True,
    )


_AGENCIES = ListRoute(endpoint="admin.agencies", views=views("All", "look", (OfAgency.NO_TEAM, OfAgency.OFF)))
_TEAMS = ListRoute(
    endpoint="admin.agencies",
    fixed={"show": "teams"},
    views=views("All", "look", (OfTeam.NO_MANAGER, OfTeam.NIGHT)),
)
_WAYS = (("Agencies", _AGENCIES), ("Teams", _TEAMS))


def _desk_labels(held: Sequence[str]) -> str:
    return ", ".join(Desk(one).label for one in held if one in set(Desk))


@blueprint.route("/agencies/add", methods=["GET", "POST"])
@allow("agency:manage")
def add_agency() -> ResponseReturnValue:
    """Let an agency join."""
    form = forms.NewAgencyForm()
    _offer_areas(form)
    return take(
        form,
        lambda: service.add(actor=principal.current(), **form.answers()),
        says=Words(heading="Add an agency", back=Link(url_for("admin.agencies"), "Agencies")),
        to=lambda added: url_for("admin.agency", code=added.code),
    )


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
        desk_labels=_desk_labels,
    )


@blueprint.route("/agencies/<code>/change", methods=["GET", "POST"])
@allow("agency:manage")
def change_agency(code: str) -> ResponseReturnValue:
    """Change what is kept about an agency."""
    found = queries.agency(code) or abort(404)
    form = forms.AgencyChangeForm(obj=found)
    _offer_areas(form)
    offer(form.lead_id, choices(queries.people_of(found.id)))
    return _save(found, form, partial(service.change, agency_id=found.id), Words(heading="Change the agency"))


@blueprint.route("/agencies/<code>/sign-in", methods=["GET", "POST"])
@allow("provider:manage", proved=True)
def agency_providers(code: str) -> ResponseReturnValue:
    """Say where an agency's people sign in."""
    found = queries.details(code) or abort(404)
    chosen = [str(one.id) for one in found.providers]
    form = forms.AgencyProvidersForm(data={"provider_ids": chosen, "version": str(found.version)})
    offer(form.provider_ids, choices((one.id, one.label) for one in queries.every_provider()))
    says = Words(
        heading="Where its people sign in",
        lead=["Whoever runs a provider decides who its people are. Choose only what the agency itself uses."],
    )
    return _save(found, form, partial(service.set_providers, agency_id=found.id), says)


@blueprint.route("/agencies/<code>/switch-off", methods=["GET", "POST"])
@allow("agency:manage")
def switch_agency_off(code: str) -> ResponseReturnValue:
    """End the access of everybody in an agency, with a reason."""
    found = queries.agency(code) or abort(404)
    form = forms.ReasonForm()
    return take(
        form,
        lambda: service.switch_off(actor=principal.current(), agency_id=found.id, **form.answers()),
        template="admin/switch_agency_off.html",
        to=url_for("admin.agency", code=code),
        done=f"Nobody of {found.name} can use the portal now.",
        agency=found,
    )


@blueprint.post("/agencies/<code>/switch-on")
@allow("agency:manage")
def switch_agency_on(code: str) -> ResponseReturnValue:
    """Let an agency's people sign in again."""
    found = queries.agency(code) or abort(404)
    service.switch_on(actor=principal.current(), agency_id=found.id)
    return see_other(url_for("admin.agency", code=code), done="Its people can sign in again.")


@blueprint.route("/agencies/<code>/teams/add", methods=["GET", "POST"])
@allow("agency:manage")
def add_team(code: str) -> ResponseReturnValue:
    """Add a team to an agency."""
    found = queries.agency(code) or abort(404)
    form = forms.TeamForm()
    _offer_for_team(form, found)
    return _save(found, form, partial(service.add_team, agency_id=found.id), Words(heading="Add a team"))


@blueprint.route("/agencies/<code>/teams/<uuid:team_id>", methods=["GET", "POST"])
@allow("agency:manage")
def change_team(code: str, team_id: UUID) -> ResponseReturnValue:
    """Change a team."""
    found, team = queries.agency(code) or abort(404), queries.team(team_id) or abort(404)
    if team.agency_id != found.id:
        abort(404)
    form = forms.TeamChangeForm(obj=team)
    _offer_for_team(form, found)
    return _save(found, form, partial(service.change_team, team_id=team_id), Words(heading="Change the team"))


def _offer_for_team(form: forms.TeamForm, agency: Any) -> None:
    offer(form.manager_id, choices(queries.people_of(agency.id)))
    offered = service.DESKS_OF.get(Sector(agency.sector), ())
    if offered:
        offer(form.desks, choices((desk.value, desk.label) for desk in offered))
    else:
        del form.desks


def _save(agency: Any, form: forms.ServiceForm, act: Callable[..., Any], says: Words) -> ResponseReturnValue:
    """Take a step on an agency with what the form says, which leads back to its page."""
    return take(
        form,
        lambda: act(actor=principal.current(), **form.answers()),
        says=says,
        page=lambda: _page(agency),
        to=url_for("admin.agency", code=agency.code),
        done="Saved",
    )


def _page(agency: Any) -> dict[str, Any]:
    return {
        "caption": agency.name,
        "back": Link(url_for("admin.agency", code=agency.code), agency.name),
    }


def _offer_areas(form: forms.NewAgencyForm | forms.AgencyChangeForm) -> None:
    areas = current_policy().areas
    offer(form.authority, choices(areas.authorities.choices()))
    offer(form.districts, choices(areas.districts.choices()))


@blueprint.get("/providers")
@allow("provider:manage")
def providers() -> ResponseReturnValue:
    """Every identity provider."""
    return render("admin/providers.html", providers=queries.every_provider(), wide=True)


@blueprint.route("/providers/add", methods=["GET", "POST"])
@allow("provider:manage", proved=True)
def add_provider() -> ResponseReturnValue:
    """Add a provider, for another administrator to switch on."""
    form = forms.NewProviderForm()
    allow_http = current_app.config["ALLOW_HTTP_PROVIDERS"]
    return take(
        form,
        lambda: people_providers.add(actor=principal.current(), allow_http=allow_http, **form.answers()),
        says=Words(
            heading="Add a provider",
            back=Link(url_for("admin.providers"), "Sign-in"),
            lead=["Nobody can sign in with it before another administrator has switched it on."],
        ),
        to=lambda added: url_for("admin.provider", code=added.code),
    )


@blueprint.get("/providers/<code>")
@allow("provider:manage")
def provider(code: str) -> ResponseReturnValue:
    """One provider, who uses it, and what it has to be told."""
    found = queries.provider(code) or abort(404)
    here = current_app.config["PORTAL_ADDRESS"]
    return render(
        "admin/provider.html",
        provider=found,
        agencies=queries.agencies_of(found.id),
        secret_is_set=found.secret_name in current_app.config["OIDC_SECRETS"],
        may_switch_on=found.added_by != principal.current().user_id,
        return_address=here + url_for("auth.come_back", provider_code=code),
        signed_out_address=here + url_for("auth.signed_out"),
        back_channel_address=here + url_for("auth.back_channel", provider_code=code),
    )


@blueprint.route("/providers/<code>/change", methods=["GET", "POST"])
@allow("provider:manage", proved=True)
def change_provider(code: str) -> ResponseReturnValue:
    """Change a provider's name and the strength that it has to prove."""
    found = queries.provider(code) or abort(404)
    form = forms.ProviderChangeForm(data=found.as_typed())
    return take(
        form,
        lambda: people_providers.change(actor=principal.current(), provider_id=found.id, **form.answers()),
        says=Words(
            heading="Change the provider",
            caption=found.name,
            back=Link(url_for("admin.provider", code=code), found.name),
        ),
        to=url_for("admin.provider", code=code),
        done="Saved",
    )


@blueprint.post("/providers/<code>/switch-on")
@allow("provider:manage", proved=True)
def switch_provider_on(code: str) -> ResponseReturnValue:
    """Let people sign in with a provider that somebody else added."""
    found = queries.provider(code) or abort(404)
    people_providers.switch_on(actor=principal.current(), provider_id=found.id)
    return _saved(code, "People can sign in with it now.")


@blueprint.post("/providers/<code>/switch-off")
@allow("provider:manage", proved=True)
def switch_provider_off(code: str) -> ResponseReturnValue:
    """Stop sign-in with a provider, and end what was opened with it."""
    found = queries.provider(code) or abort(404)
    people_providers.switch_off(actor=principal.current(), provider_id=found.id)
    return _saved(code, "Nobody can sign in with it now, and whoever had was signed out.")


def _saved(code: str, words: str) -> ResponseReturnValue:
    return see_other(url_for("admin.provider", code=code), done=words)
