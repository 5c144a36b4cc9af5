"""Finding people, and one person's page."""

from uuid import UUID

from flask import abort, current_app, flash, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow
from portal.access.permissions import near
from portal.blueprints.admin import blueprint
from portal.queries import held_work
from portal.records.people import keeping as service
from portal.records.people.reading import agencies as agency_queries
from portal.records.people.reading import records as people_records
from portal.vocabulary import Role
from portal.web.page import render, see_other

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


@blueprint.get("/people")
@allow("people:manage", shows="people")
def people() -> ResponseReturnValue:
    """The people of an agency; for an administrator of every agency."""
    return _list("", request.args.get("agency", ""))


@blueprint.post("/people")
@allow("people:manage", shows="people")
def find_people() -> ResponseReturnValue:
    """People by name. A POST, so that no name stands in an address."""
    return _list(request.form.get("name", "").strip()[:LONGEST_SEARCH], request.form.get("agency", ""))


def _list(text: str, agency_code: str) -> ResponseReturnValue:
    chosen = agency_queries.agency(agency_code) if agency_code else None
    found = people_records.find(within=within(), text=text, agency_id=chosen.id if chosen else None)
    audit.record("people:list", searched=bool(text), agency=chosen.code if chosen else None, found=len(found))
    return render(
        "admin/people.html",
        people=found,
        text=text,
        agency=agency_code,
        agencies=agency_queries.every_agency() if within() is None else [],
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
    flash("Switched on. Coordinator, governance and administrator have to be asked for again.")
    return see_other(url_for("admin.person", user_id=user_id))


@blueprint.post("/people/<uuid:user_id>/end-sessions")
@allow("people:manage")
def end_sessions(user_id: UUID) -> ResponseReturnValue:
    """Sign a person out everywhere."""
    service.end_sessions(actor=principal.current(), user_id=user_id)
    flash("Signed out everywhere")
    return see_other(url_for("admin.person", user_id=user_id))


@blueprint.post("/people/<uuid:user_id>/release")
@allow("people:manage", proved=True)
def release(user_id: UUID) -> ResponseReturnValue:
    """Forget where a person signs in, so that they can be invited again."""
    service.release(actor=principal.current(), user_id=user_id)
    flash("Released. Make a new link to let the person in again.")
    return see_other(url_for("admin.person", user_id=user_id))


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
