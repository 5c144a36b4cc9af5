"""Finding people, one person's page, the forms that change one, and roles that take a second person."""

from uuid import UUID

from flask import abort, current_app, flash, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow
from portal.access.permissions import near
from portal.blueprints.admin import blueprint
from portal.messages import told
from portal.messages.presenter import joined
from portal.pages.held_work import reading as held_work
from portal.pages.held_work.handing import Handed
from portal.pages.held_work.presenter import given_words, left_words, refused_words
from portal.records.people import forms
from portal.records.people import keeping as service
from portal.records.people import roles as people_roles
from portal.records.people import roles as role_service
from portal.records.people.lists import PEOPLE, Access, rows_of
from portal.records.people.reading import agencies as agency_queries
from portal.records.people.reading import records as people_records
from portal.vocabulary import Role
from portal.web.choices import choices, offer
from portal.web.listing import ALL, ListRoute, ListView, views
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, take

LONGEST_SEARCH = 100


def within() -> UUID | None:
    """The agency to which the person who asks is limited; None for an administrator."""
    person = principal.current()
    return None if person.has(Role.ADMINISTRATOR) else person.agency_id


def person_or_404(user_id: UUID) -> people_records.Person:
    """A person whose access the person who asks looks after, and a row that they were looked at."""
    found = people_records.person(user_id, within=within()) or abort(404)
    audit.record("people:view", subject_kind="person", subject_id=user_id)
    return found


_ROUTE = ListRoute(endpoint="admin.people", views=views("All", "access", Access))


@blueprint.route("/people", methods=["GET", "POST"])
@allow("people:manage", shows="people")
def people() -> ResponseReturnValue:
    """The people of an agency; for an administrator of every agency."""
    invited = ("access", Access.INVITED.value)
    view = ListView(listing=PEOPLE, source=rows_of(within=within()), route=_ROUTE, looked="people:list")
    return view.page(
        "admin/people.html",
        lambda found: {
            "rows": [people_records.PersonLine(*row[:_SHOWN]) for row in found.page.rows],
            "waiting": found.counts.answers.get(invited, 0) if found.counts else 0,
        },
        open_filters=("access", "role"),
        everywhere=within() is None,
        wide=True,
    )


#: Columns of a row, without those that it was sorted by.
_SHOWN = len(people_records.PersonLine._fields)


@blueprint.post("/people/find")
@allow("people:manage", shows="people")
def find_people() -> ResponseReturnValue:
    """People by name. A POST, so that no name stands in an address."""
    text = request.form.get("name", "").strip()[:LONGEST_SEARCH]
    if not text:
        return see_other(_ROUTE.address(ALL))
    found = people_records.find(within=within(), text=text)
    audit.record("people:list", searched=True, found=len(found))
    return render(
        "admin/people_found.html",
        rows=found,
        text=text,
        more=len(found) == people_records.MOST,
        wide=True,
    )


@blueprint.get("/people/<uuid:user_id>")
@allow("people:manage", shows="people")
def person(user_id: UUID) -> ResponseReturnValue:
    """What is kept about a person's access, and a link that was just made for them."""
    return render(
        "admin/person.html",
        person=person_or_404(user_id),
        sessions=people_records.of(user_id),
        link=_take_link(user_id),
        own=user_id == principal.current().user_id,
        held=held_work.counts(person_id=user_id),
        may_hand_over=near(principal.current(), "work:hand_over"),
    )


@blueprint.post("/people/<uuid:user_id>/invite-again")
@allow("people:manage", proved=True)
def invite_again(user_id: UUID) -> ResponseReturnValue:
    """A fresh link in place of the earlier ones."""
    return see_other(page_with_link(service.invite_again(actor=principal.current(), user_id=user_id)))


@blueprint.post("/people/<uuid:user_id>/switch-on")
@allow("people:manage", proved=True)
def switch_on(user_id: UUID) -> ResponseReturnValue:
    """Let somebody in again."""
    service.switch_on(actor=principal.current(), user_id=user_id)
    return see_other(
        url_for("admin.person", user_id=user_id),
        done="Switched on. Coordinator, governance and administrator have to be asked for again.",
    )


@blueprint.post("/people/<uuid:user_id>/end-sessions")
@allow("people:manage")
def end_sessions(user_id: UUID) -> ResponseReturnValue:
    """Sign a person out everywhere."""
    service.end_sessions(actor=principal.current(), user_id=user_id)
    return see_other(url_for("admin.person", user_id=user_id), done="Signed out everywhere")


@blueprint.post("/people/<uuid:user_id>/release")
@allow("people:manage", proved=True)
def release(user_id: UUID) -> ResponseReturnValue:
    """Forget where a person signs in, so that they can be invited again."""
    service.release(actor=principal.current(), user_id=user_id)
    return see_other(
        url_for("admin.person", user_id=user_id), done="Released. Make a new link to let the person in again."
    )


def page_with_link(invited: service.Invited) -> str:
    """The page that shows a link once, to whoever made it; the database keeps its hash, and for a form that
    is sent twice what only that form opens (`portal.web.idempotency`).
    """
    session["invitation"] = {"person": str(invited.user_id), "token": invited.token}
    return url_for("admin.person", user_id=invited.user_id)


def _take_link(user_id: UUID) -> str | None:
    made = session.pop("invitation", None)
    if not made or made["person"] != str(user_id):
        return None
    return f"{current_app.config['PORTAL_ADDRESS']}{url_for('auth.invitation', token=made['token'])}"


_ASKED = "Asked for. Another administrator has to confirm it."


@blueprint.route("/people/invite", methods=["GET", "POST"])
@allow("people:manage")
def choose_agency() -> ResponseReturnValue:
    """An administrator says for which agency; a manager has one."""
    if within() is not None:
        return see_other(url_for("admin.invite", agency_code=principal.current().agency_code))
    form = forms.AgencyChoiceForm()
    offer(
        form.agency, choices((line.code, line.name) for line in agency_queries.every_agency() if line.active)
    )
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
    form = forms.InviteForm()
    _offer_teams(form, agency.id)
    offer(form.roles, forms.role_choices(sector=agency.sector, may_ask_weighty=within() is None))
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
    form = forms.DetailsForm(data=found.as_typed())
    _offer_teams(form, found.agency_id)
    held = held_work.counts(person_id=user_id)
    _offer_colleagues(form, user_id)
    return take(
        form,
        lambda: service.change_details(actor=principal.current(), user_id=user_id, **form.answers()),
        template="admin/details.html",
        to=url_for("admin.person", user_id=user_id),
        done=lambda handed: _done("Saved.", handed),
        person=found,
        held=held,
    )


@blueprint.route("/people/<uuid:user_id>/roles", methods=["GET", "POST"])
@allow("people:manage", shows="people", proved=True)
def roles(user_id: UUID) -> ResponseReturnValue:
    """Change what a person may do."""
    found = person_or_404(user_id)
    form = forms.RolesForm(data={"roles": list(found.roles)})
    weighty = within() is None
    offer(
        form.roles, forms.role_choices(sector=found.agency_sector, may_ask_weighty=weighty, held=found.roles)
    )
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
        return see_other(
            url_for("admin.person", user_id=user_id), done=f"{found.name} is switched off already."
        )
    form, held = forms.SwitchOffForm(), held_work.counts(person_id=user_id)
    _offer_colleagues(form, user_id)
    return take(
        form,
        lambda: service.switch_off(actor=principal.current(), user_id=user_id, **form.answers()),
        template="admin/switch_off.html",
        to=url_for("admin.person", user_id=user_id),
        done=lambda handed: _switched_off(found, handed),
        person=found,
        held=held,
        later=forms.LATER,
        may_hand_over=near(principal.current(), "work:hand_over"),
    )


def _switched_off(person: people_records.Person, handed: Handed | None) -> str:
    left = left_words(held_work.counts(person_id=person.id))
    return _done(f"{person.name} can no longer use the portal.", handed, left)


def _done(what: str, handed: Handed | None, left: str = "") -> str:
    """What was done and handed over; in smaller print below it, before who was told, what was not."""
    if small := " ".join(filter(None, (refused_words(handed), left))):
        flash(small, told.CATEGORY)
    return " ".join(filter(None, (what, given_words(handed))))


def _offer_colleagues(form: forms.DetailsForm | forms.SwitchOffForm, user_id: UUID) -> None:
    """Whoever may hand work over chooses among the person’s colleagues; an administrator, who sees no case,
    can only leave it to their manager.
    """
    person = held_work.find_person(user_id=user_id) if near(principal.current(), "work:hand_over") else None
    able = held_work.colleagues(person=person) if person is not None else []
    offer(form.hand_to, forms.take_over_choices((one.id, one.name) for one in able))


def _offer_teams(form: forms.InviteForm | forms.DetailsForm, agency_id: UUID) -> None:
    teams = agency_queries.teams_of(agency_id, active_only=True)
    offer(form.team_ids, choices((team.id, team.name) for team in teams))


@blueprint.get("/role-changes")
@allow("roles:confirm", shows="people")
def role_changes() -> ResponseReturnValue:
    """What waits for a second administrator."""
    waiting = people_records.waiting()
    audit.record("roles:list", found=len(waiting))
    return render(
        "admin/role_changes.html",
        waiting=waiting,
        charge={
            one.id: joined(role_service.charge_of(one.user_id).names)
            for one in waiting
            if role_service.ends_charge(one.after)
        },
        me=principal.current().user_id,
        labels=people_records.labels,
    )


@blueprint.post("/role-changes/<uuid:change_id>/confirm")
@allow("roles:confirm", proved=True)
def confirm_role_change(change_id: UUID) -> ResponseReturnValue:
    """Let a change take effect."""
    ended = people_roles.confirm(actor=principal.current(), change_id=change_id)
    name = f". Name somebody else as {joined(ended.names)}: there is nobody now" if ended.names else ""
    return see_other(url_for("admin.role_changes"), done=f"You confirmed the change of roles{name}")


@blueprint.post("/role-changes/<uuid:change_id>/refuse")
@allow("roles:confirm")
def refuse_role_change(change_id: UUID) -> ResponseReturnValue:
    """Turn a change down, or take back one's own."""
    actor = principal.current()
    own = people_roles.refuse(actor=actor, change_id=change_id).asked_by == actor.user_id
    done = "You took your request back" if own else "The change of roles was turned down"
    return see_other(url_for("admin.role_changes"), done=done)
