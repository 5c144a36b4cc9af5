"""Saying what is known of a place: its licence, its landlord, its premises."""

from uuid import UUID

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Facts, require
from portal.access.principal import current
from portal.blueprints.places.blueprint import blueprint
from portal.blueprints.places.looking import around, place_of
from portal.policy import current_policy
from portal.records.places import place_facts
from portal.records.places.forms.keeping import FactForm, TakeBackForm
from portal.records.places.guardians import place_facts as facts_of_person
from portal.records.places.reading import guardianship
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/known/new", methods=["GET", "POST"])
@allow("place:describe", shows="list")
def say(reference: str) -> ResponseReturnValue:
    """Say what is known of a place."""
    place = place_of(reference)
    require(current(), "place:describe", facts_of_person(current(), place))
    form, problem = FactForm(), None
    form.offer_kinds(current_policy(place.authority))
    if not form.is_submitted():
        form.start()
    if form.validate_on_submit():
        try:
            with attempt():
                place_facts.say_of_place(
                    actor=current(),
                    concern=place,
                    kind=form.said("kind"),
                    text=form.said("text"),
                    holder=form.said("holder"),
                    number=form.said("number"),
                    until_on=form.until_on.data,
                    once=form.nonce,
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("Saved")
            return see_other(url_for("places.show", reference=place.reference, _anchor="known"))
    title = "Say what is known of the place"
    return render("places/form.html", **around(place), form=form, problem=problem, title=title, button="Save")


@blueprint.route("/known/<uuid:fact_id>/end", methods=["GET", "POST"])
@allow("place:take_back", shows="list")
def take_back(reference: str, fact_id: UUID) -> ResponseReturnValue:
    """Say that what one's agency said is no longer right."""
    place = place_of(reference)
    fact = guardianship.find_fact(concern_id=place.id, fact_id=fact_id) or abort(404)
    require(current(), "place:take_back", Facts(own_agency=fact.agency_id == current().agency_id))
    form, problem = TakeBackForm(), None
    if form.validate_on_submit():
        try:
            with attempt():
                place_facts.take_back(actor=current(), concern=place, fact=fact, reason=form.said("words"))
        except DomainError as refused:
            problem = refused
        else:
            flash("Saved. What was said stays to be read")
            return see_other(url_for("places.show", reference=place.reference, _anchor="known"))
    return render(
        "places/form.html",
        **around(place),
        form=form,
        problem=problem,
        fact=fact,
        title="This is no longer right",
        button="Save",
    )
