"""Saying what is known of a place: its licence, its landlord, its premises."""

from uuid import UUID

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Facts, require
from portal.access.principal import current
from portal.blueprints.places.blueprint import blueprint
from portal.blueprints.places.looking import address, around, place_of, place_to
from portal.policy import current_policy
from portal.records.places import guardians
from portal.records.places import reading as places
from portal.records.places.forms import FactForm, TakeBackForm
from portal.web.steps import Words, take


@blueprint.route("/known/new", methods=["GET", "POST"])
@allow("place:describe", shows="list")
def say(reference: str) -> ResponseReturnValue:
    """Say what is known of a place."""
    place, form = place_to("place:describe", reference), FactForm()
    form.offer_kinds(current_policy(place.authority))
    return take(
        form,
        lambda: guardians.say_of_place(
            actor=current(),
            concern=place,
            kind=form.said("kind"),
            text=form.said("text"),
            holder=form.said("holder"),
            number=form.said("number"),
            until_on=form.until_on.data,
            once=form.nonce,
        ),
        says=Words(heading="Say what is known of the place", button="Save"),
        page=lambda: around(place),
        to=address(place, "known"),
        done="Saved",
    )


@blueprint.route("/known/<uuid:fact_id>/end", methods=["GET", "POST"])
@allow("place:take_back", shows="list")
def take_back(reference: str, fact_id: UUID) -> ResponseReturnValue:
    """Say that what one's agency said is no longer right."""
    place, form = place_of(reference), TakeBackForm()
    fact = places.find_fact(concern_id=place.id, fact_id=fact_id) or abort(404)
    require(current(), "place:take_back", Facts(own_agency=fact.agency_id == current().agency_id))
    return take(
        form,
        lambda: guardians.take_back(actor=current(), concern=place, fact=fact, reason=form.said("words")),
        says=Words(heading="This is no longer right", above="places/_fact.html", button="Save"),
        page=lambda: around(place),
        to=address(place, "known"),
        done="Saved. What was said stays to be read",
        fact=fact,
    )
