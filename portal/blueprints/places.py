"""Who could watch or act in a place of concern, and what is known of it."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import Facts, permitted, require, require_on
from portal.access.principal import current
from portal.policy import current_policy
from portal.records.concerns.model import Concern
from portal.records.concerns.reading import records as concerns
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.panels import presenter as panel_view
from portal.records.panels.reading import records as panels
from portal.records.places import forms, guardians
from portal.records.places import presenter as place_words
from portal.records.places import reading as places
from portal.records.places.guardians import place_facts
from portal.records.places.model import Guardian
from portal.records.places.policy import Guardianship
from portal.records.places.vocabulary import GuardianState
from portal.records.plans import presenter as action_words
from portal.records.plans import reading as plans
from portal.records.plans.actions import giving_facts
from portal.web.page import render
from portal.web.steps import Link, StepsOn, Words, take

blueprint = Blueprint("places", __name__, url_prefix="/concerns/<reference>")


def place_of(reference: str) -> Concern:
    """The place of an address; what is no place is answered like none."""
    found = concerns.find_concern(reference=reference)
    if found is None or found.kind != ConcernKind.PLACE:
        abort(404)
    return found


def place_to(verb: str, reference: str) -> Concern:
    """The same for whoever may do something there.

    Raises:
        Forbidden: the person only reads it.
    """
    return require_on(verb, place_of(reference), place_facts)


def address(place: Concern, part: str = "") -> str:
    """The page of who watches it."""
    return url_for("places.show", reference=place.reference, _anchor=part or None)


def page_context(place: Concern) -> dict[str, Any]:
    """What every page of a place shows, with the row in the trail that somebody looked."""
    audit.record("place:view", subject_kind="concern", subject_id=place.id)
    facts, open_ = place_facts(current(), place), place.ended_at is None
    return {
        "caption": f"{place.name}, {place.reference}",
        "back": Link(address(place), f"Who watches {place.name}"),
        "place": place,
        "may_name": open_ and permitted(current(), "guardian:write", facts),
        "may_say": open_ and permitted(current(), "place:describe", facts),
        "marking": True,
    }


_on_place = StepsOn[Concern](
    lambda place: {"concern": place}, page=page_context, to=partial(address, part="watching")
)


@blueprint.get("/watching")
@allow("concern:view", shows="list")
def show(reference: str) -> ResponseReturnValue:
    """Who could watch or act there, what is known of the place and what is to be done."""
    place = place_of(reference)
    policy = current_policy(place.authority)
    rows = places.guardians_of(concern_id=place.id)
    steps = places.steps_of(concern_id=place.id) if rows else {}
    given = plans.actions_on(concern_id=place.id)
    may_give = place.ended_at is None and permitted(current(), "action:give", giving_facts(current(), place))
    return render(
        "places/show.html",
        **page_context(place),
        guardians=place_words.guardians(rows, steps, policy),
        facts=places.facts_of(concern_id=place.id),
        kinds=policy.of(Guardianship).facts,
        lines=[action_words.line(one, policy) for one in given],
        may_give=may_give,
        panels=[panel_view.line(one) for one in panels.of(concerns=[place.id])],
        own_agency=current().agency_id,
        wide=True,
    )


@blueprint.route("/known/new", methods=["GET", "POST"])
@allow("place:describe", shows="list")
def say(reference: str) -> ResponseReturnValue:
    """Say what is known of a place."""
    place, form = place_to("place:describe", reference), forms.FactForm()
    form.offer_kinds(current_policy(place.authority))
    return _on_place.take(
        place,
        form,
        partial(
            guardians.say_of_place,
            kind=form.said("kind"),
            text=form.said("text"),
            holder=form.said("holder"),
            number=form.said("number"),
            until_on=form.until_on.data,
            once=form.nonce,
        ),
        Words(heading="Say what is known of the place"),
        to=address(place, "known"),
    )


@blueprint.route("/known/<uuid:fact_id>/end", methods=["GET", "POST"])
@allow("place:take_back", shows="list")
def take_back(reference: str, fact_id: UUID) -> ResponseReturnValue:
    """Say that what one's agency said is no longer right."""
    place, form = place_of(reference), forms.TakeBackForm()
    fact = places.find_fact(concern_id=place.id, fact_id=fact_id) or abort(404)
    require(current(), "place:take_back", Facts(own_agency=fact.agency_id == current().agency_id))
    return _on_place.take(
        place,
        form,
        partial(guardians.take_back, fact=fact, reason=form.said("words")),
        Words(heading="This is no longer right", above="places/_fact.html"),
        done="Saved. What was said stays to be read",
        to=address(place, "known"),
        fact=fact,
    )


@blueprint.route("/watching/new", methods=["GET", "POST"])
@allow("guardian:write", shows="list")
def name(reference: str) -> ResponseReturnValue:
    """Name somebody who could watch or act there."""
    place, form = place_to("guardian:write", reference), forms.NameForm()
    form.offer_roles(current_policy(place.authority))
    return take(
        form,
        lambda: guardians.name_guardian(
            actor=current(),
            concern=place,
            name=form.said("name"),
            role=form.said("role"),
            can=form.said("can"),
            contact=form.said("contact"),
            state=GuardianState(form.said("state")),
            on=form.on.data,
            once=form.nonce,
        ),
        says=Words(heading="Name somebody who could watch or act", button="Name them"),
        page=lambda: page_context(place),
        to=address(place, "watching"),
        done="Saved",
    )


@blueprint.route("/watching/<uuid:guardian_id>/answer", methods=["GET", "POST"])
@allow("guardian:write", shows="list")
def answer(reference: str, guardian_id: UUID) -> ResponseReturnValue:
    """Say that they were asked, agreed or said no."""
    place, guardian = _found(reference, guardian_id)
    form = forms.AnswerForm.opened(guardian)
    return _on_place.take(
        place,
        form,
        lambda **given: guardians.answer_for_guardian(
            guardian=guardian,
            state=GuardianState(form.said("state")),
            on=form.on.data,
            words=form.said("words"),
            **given,
        ),
        Words(heading=f"What did {guardian.name} say?"),
    )


@blueprint.route("/watching/<uuid:guardian_id>/change", methods=["GET", "POST"])
@allow("guardian:write", shows="list")
def change(reference: str, guardian_id: UUID) -> ResponseReturnValue:
    """Put right who they are or how they are reached."""
    place, guardian = _found(reference, guardian_id)
    values = {field: getattr(guardian, field) for field in ("name", "role", "can", "contact")}
    form = forms.GuardianForm.opened(guardian, **values)
    form.offer_roles(current_policy(place.authority))
    return _on_place.take(
        place,
        form,
        partial(
            guardians.change_guardian,
            guardian=guardian,
            name=form.said("name"),
            role=form.said("role"),
            can=form.said("can"),
            contact=form.said("contact"),
        ),
        Words(heading=f"Put right: {guardian.name}"),
    )


@blueprint.route("/watching/<uuid:guardian_id>/end", methods=["GET", "POST"])
@allow("guardian:write", shows="list")
def end(reference: str, guardian_id: UUID) -> ResponseReturnValue:
    """Say that they watch no longer."""
    place, guardian = _found(reference, guardian_id)
    form = forms.EndGuardianForm.opened(guardian)
    return _on_place.take(
        place,
        form,
        partial(guardians.end_guardian, guardian=guardian, words=form.said("words")),
        Words(heading=f"{guardian.name} watches no longer"),
    )


def _found(reference: str, guardian_id: UUID) -> tuple[Concern, Guardian]:
    place = place_to("guardian:write", reference)
    return place, places.find_guardian(concern_id=place.id, guardian_id=guardian_id) or abort(404)
