"""Inviting people, and the forms that change one."""

from uuid import UUID

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access import principal
from portal.access.guard import allow
from portal.access.permissions import near
from portal.blueprints.admin import blueprint
from portal.blueprints.admin.people import page_with_link, person_or_404, within
from portal.forms.choices import named, offer
from portal.queries import held_work
from portal.records.people import keeping as service
from portal.records.people import roles as role_service
from portal.records.people.forms import (
    LATER,
    AgencyChoiceForm,
    DetailsForm,
    InviteForm,
    RolesForm,
    SwitchOffForm,
    role_choices,
    take_over_choices,
)
from portal.records.people.reading import agencies as agency_queries
from portal.web.page import see_other
from portal.web.steps import Link, Words, take

_ASKED = "Asked for. Another administrator has to confirm it."


@blueprint.route("/people/invite", methods=["GET", "POST"])
@allow("people:manage")
def choose_agency() -> ResponseReturnValue:
    """An administrator says for which agency; a manager has one."""
    if within() is not None:
        return see_other(url_for("admin.invite", agency_code=principal.current().agency_code))
    form = AgencyChoiceForm()
    offer(form.agency, named((line.code, line.name) for line in agency_queries.every_agency() if line.active))
    return take(
        form,
        lambda: form.agency.data,
        says=Words(
            heading="Invite somebody", back=Link(url_for("admin.people"), "People"), button="Continue"
        ),
        to=lambda code: url_for("admin.invite", agency_code=code),
    )


@blueprint.route("/people/invite/<agency_code>", methods=["GET", "POST"])
@allow("people:manage", proved=True)
def invite(agency_code: str) -> ResponseReturnValue:
    """Invite somebody to an agency."""
    agency = agency_queries.agency(agency_code)
    if agency is None or within() not in {None, agency.id}:
        abort(404)
    form = InviteForm()
    _offer_teams(form, agency.id)
    offer(form.roles, role_choices(sector=agency.sector, may_ask_weighty=within() is None))
    return take(
        form,
        lambda: service.invite(actor=principal.current(), agency_id=agency.id, **form.answers()),
        says=Words(
            heading="Invite somebody",
            caption=agency.name,
            back=Link(url_for("admin.people"), "People"),
            lead=[
                "You get a link to send them. It works once: they open it and sign in with their own work"
                " account."
            ],
            button="Make the link",
        ),
        to=page_with_link,
    )


@blueprint.route("/people/<uuid:user_id>/details", methods=["GET", "POST"])
@allow("people:manage", shows="people", proved=True)
def details(user_id: UUID) -> ResponseReturnValue:
    """Change what is kept about a person, and their teams."""
    found = person_or_404(user_id)
    form = DetailsForm(data=found.as_typed())
    _offer_teams(form, found.agency_id)
    held = held_work.counts(person_id=user_id)
    _offer_colleagues(form, user_id)
    return take(
        form,
        lambda: service.change_details(actor=principal.current(), user_id=user_id, **form.answers()),
        template="admin/details.html",
        to=url_for("admin.person", user_id=user_id),
        done="Saved",
        person=found,
        held=held,
    )


@blueprint.route("/people/<uuid:user_id>/roles", methods=["GET", "POST"])
@allow("people:manage", shows="people", proved=True)
def roles(user_id: UUID) -> ResponseReturnValue:
    """Change what a person may do."""
    found = person_or_404(user_id)
    form = RolesForm(data={"roles": list(found.roles)})
    weighty = within() is None
    offer(form.roles, role_choices(sector=found.agency_sector, may_ask_weighty=weighty, held=found.roles))
    return take(
        form,
        lambda: role_service.ask(actor=principal.current(), user_id=user_id, **form.answers()),
        says=Words(
            heading="Change what they may do",
            caption=found.name,
            back=Link(url_for("admin.person", user_id=user_id), found.name),
            lead=[
                "Governance officers and administrators see no cases, so neither goes together with the other"
                " roles."
            ],
            button="Save",
        ),
        to=url_for("admin.person", user_id=user_id),
        done=lambda asked: "Saved" if asked.confirmed_at else _ASKED,
    )


@blueprint.route("/people/<uuid:user_id>/switch-off", methods=["GET", "POST"])
@allow("people:manage", shows="people")
def switch_off(user_id: UUID) -> ResponseReturnValue:
    """End a person's access, with a reason, and hand over what they lead and own."""
    found = person_or_404(user_id)
    if not found.active:
        flash(f"{found.name} is switched off already.")
        return see_other(url_for("admin.person", user_id=user_id))
    form, held = SwitchOffForm(), held_work.counts(person_id=user_id)
    _offer_colleagues(form, user_id)
    return take(
        form,
        lambda: service.switch_off(actor=principal.current(), user_id=user_id, **form.answers()),
        template="admin/switch_off.html",
        to=url_for("admin.person", user_id=user_id),
        done=f"{found.name} can no longer use the portal.",
        person=found,
        held=held,
        later=LATER,
        may_hand_over=near(principal.current(), "work:hand_over"),
    )


def _offer_colleagues(form: DetailsForm | SwitchOffForm, user_id: UUID) -> None:
    """Whoever may hand work over chooses among the person’s colleagues; an administrator, who sees no case,
    can only leave it to their manager.
    """
    person = held_work.find_person(user_id=user_id) if near(principal.current(), "work:hand_over") else None
    able = held_work.colleagues(person=person) if person is not None else []
    offer(form.hand_to, take_over_choices((one.id, one.name) for one in able))


def _offer_teams(form: InviteForm | DetailsForm, agency_id: UUID) -> None:
    teams = agency_queries.teams_of(agency_id, active_only=True)
    offer(form.team_ids, named((team.id, team.name) for team in teams))
