"""What anybody may read: the front page, guidance, contacts, how the portal treats people and data."""

from flask import Blueprint, Response, abort, jsonify, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from portal.access import principal
from portal.access.guard import allow, public
from portal.messages.reading import database_answers
from portal.policy import current_policy
from portal.policy.guidance import GuidancePage
from portal.records.places import reading as places
from portal.records.places.policy import DirectoryRules
from portal.records.places.presenter import DistrictContacts, by_district
from portal.web.guidance import current_guidance, render_markdown
from portal.web.page import render
from portal.web.watching import vital_signs

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """The front page for a visitor; whoever is signed in goes to their own."""
    if principal.if_known() is not None:
        return redirect(url_for("home.index"), 303)
    return render("public/home.html", types=current_guidance().of_group("types"))


@blueprint.get("/guidance")
@public
def guidance() -> ResponseReturnValue:
    """Every page of guidance, by group."""
    return render("public/guidance.html", groups=current_guidance().groups())


@blueprint.get("/guidance/<slug>")
@public
def guidance_page(slug: str) -> ResponseReturnValue:
    """One page of guidance."""
    page = current_guidance().page(slug) or abort(404)
    return _show(page)


@blueprint.get("/contacts")
@public
def contacts() -> ResponseReturnValue:
    """Whom to ring, for what, and when."""
    return render("public/contacts.html", policy=current_policy(), directory=_directory())


@blueprint.get("/what-we-record")
@public
def privacy() -> ResponseReturnValue:
    """What the portal holds about people, and why."""
    return _show(current_guidance().pages["what-we-record"])


@blueprint.get("/accessibility")
@public
def accessibility() -> ResponseReturnValue:
    """How the portal is made to work for everybody."""
    return _show(current_guidance().pages["accessibility"])


@blueprint.get("/cookies")
@public
def cookies() -> ResponseReturnValue:
    """The cookies that the portal sets."""
    return _show(current_guidance().pages["cookies"])


@blueprint.get("/token")
@public
def token() -> ResponseReturnValue:
    """A fresh form token for a page that is still open, and who is signed in now. No activity."""
    person = principal.optional()
    if person is None:
        return make_response(jsonify(person=None), 401)
    return jsonify(token=generate_csrf(), person=str(person.user_id))


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Whether all is well, for whoever watches the service: database, worker, messages. No data."""
    health = vital_signs()
    return make_response(jsonify(health.signs), 200 if health.well else 503)


@blueprint.get("/healthz/web")
@public
def healthz_web() -> ResponseReturnValue:
    """Whether this process and the database answer, for the load balancer: the worker is not its business."""
    answers = database_answers()
    return make_response(jsonify(database="ok" if answers else "no answer"), 200 if answers else 503)


@blueprint.post("/still-here")
@allow("home:view", background=True)
def stay() -> ResponseReturnValue:
    """Somebody is at work on a page: the session goes on. The guard does it; there is nothing to add."""
    return make_response("", 204)


def _show(page: GuidancePage) -> Response:
    library = current_guidance()
    also = [found for slug in page.see_also if (found := library.page(slug))]
    policy = current_policy() if page.insert else None
    return render(
        "public/guidance_page.html",
        page=page,
        text=render_markdown(page.text),
        also=also,
        contacts_too="contacts" in page.see_also,
        policy=policy,
        unconfirmed=page.insert in {"levels", "meetings", "hub_hours"},
        directory=_directory() if page.insert == "meetings" else None,
    )


def _directory() -> list[DistrictContacts] | None:
    """Whom the guidance names in each district, for whoever is signed in; nothing for a visitor."""
    if principal.if_known() is None:
        return None
    policy = current_policy()
    rows = places.contacts(roles=[one.code for one in policy.of(DirectoryRules).named])
    return by_district(rows, policy, named_only=True)
