"""The directory: whom to ask in a district. All who sign in read it; each agency keeps its own contacts."""

from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Facts, permitted, require
from portal.access.principal import current
from portal.changes.errors import Conflict, DomainError
from portal.policy import current_policy
from portal.records.places import directory
from portal.records.places import presenter as place_words
from portal.records.places import reading as places
from portal.records.places.forms import ContactForm
from portal.records.places.model import DirectoryEntry
from portal.records.places.policy import DirectoryRules
from portal.web.due_presenter import figure_words
from portal.web.idempotency import attempt
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, take

blueprint = Blueprint("directory", __name__, url_prefix="/directory")


@blueprint.get("")
@allow("directory:view")
def index() -> ResponseReturnValue:
    """The contacts of every district, or of one."""
    policy, person = current_policy(), current()
    chosen = [code for code in request.args.getlist("district") if code in policy.areas.districts]
    rows = places.contacts(districts=chosen)
    return render(
        "directory/index.html",
        groups=place_words.by_district(rows, policy, districts=chosen),
        districts=policy.areas.districts.offered,
        chosen=chosen[0] if chosen else "",
        own_agency=person.agency_id,
        agency=person.agency_name,
        may_keep=_may_keep(),
        check_after=figure_words(policy.of(DirectoryRules).check_after),
        wide=True,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@allow("directory:keep")
def new() -> ResponseReturnValue:
    """Add a contact of one's own agency."""
    form = _form()
    return take(
        form,
        lambda: directory.add_contact(actor=current(), said=form.contact, once=form.nonce),
        says=Words(
            heading="Add a contact",
            back=Link(url_for("directory.index"), "Directory"),
            lead=["Everybody who signs in reads it. Do not write a private number."],
            button="Add the contact",
        ),
        to=url_for("directory.index"),
        done="Added to the directory",
    )


@blueprint.route("/<uuid:entry_id>", methods=["GET", "POST"])
@allow("directory:keep")
def change(entry_id: UUID) -> ResponseReturnValue:
    """Put a contact right, and see what it said before."""
    entry = _own(entry_id)
    form = _form(asdict(directory.contact_of(entry)) | {"version": str(entry.version)})
    return take(
        form,
        lambda: directory.change_contact(
            actor=current(), entry=entry, said=form.contact, version=form.seen_version
        ),
        template="directory/change.html",
        page=lambda: {"changes": place_words.changes(places.changes_of(entry_id=entry_id), current_policy())},
        to=url_for("directory.index"),
        done="Saved, and checked today",
        entry=entry,
    )


@blueprint.post("/<uuid:entry_id>/check")
@allow("directory:keep")
def check(entry_id: UUID) -> ResponseReturnValue:
    """Say that a contact is still right."""
    return _take(entry_id, directory.check_contact, "Checked today")


@blueprint.post("/<uuid:entry_id>/end")
@allow("directory:keep")
def end(entry_id: UUID) -> ResponseReturnValue:
    """Take a contact out of the directory."""
    return _take(entry_id, directory.end_contact, "Taken out of the directory")


def _take(entry_id: UUID, act: Any, done: str) -> Response:
    entry, form = _own(entry_id), ContactForm()
    try:
        with attempt():
            act(actor=current(), entry=entry, version=form.seen_version)
    except Conflict as both:  # the page of a conflict shows what it says now, and sends the same again
        raise both.reworded(partial(place_words.contact_in_words, policy=current_policy())) from both
    except DomainError as problem:
        flash(problem.message, "problem")
    else:
        flash(done)
    return see_other(url_for("directory.index"))


def _own(entry_id: UUID) -> DirectoryEntry:
    entry = places.find_entry(entry_id=entry_id) or abort(404)
    require(current(), "directory:keep", directory.directory_facts(current(), entry))
    return entry


def _form(values: dict[str, Any] | None = None) -> ContactForm:
    form = ContactForm(data=values or {})
    districts = places.districts_of(agency_id=current().agency_id)
    form.offer_places(current_policy(), current().sector, districts)
    return form


def _may_keep() -> bool:
    has_roles = bool(current_policy().of(DirectoryRules).roles_of(current().sector))
    return has_roles and permitted(current(), "directory:keep", Facts(own_agency=True))
