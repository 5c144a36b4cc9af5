"""Naming somebody who could watch or act in a place, and saying what they answered."""

from uuid import UUID

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.places.blueprint import blueprint
from portal.blueprints.places.looking import address, around, place_to
from portal.policy import current_policy
from portal.records.concerns.model import Concern
from portal.records.places import guardians
from portal.records.places import reading as places
from portal.records.places.forms import AnswerForm, EndGuardianForm, GuardianForm, NameForm
from portal.records.places.model import Guardian
from portal.records.places.vocabulary import GuardianState
from portal.web.steps import Words, take


@blueprint.route("/watching/new", methods=["GET", "POST"])
@allow("guardian:write", shows="list")
def name(reference: str) -> ResponseReturnValue:
    """Name somebody who could watch or act there."""
    place, form = place_to("guardian:write", reference), NameForm()
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
        page=lambda: around(place),
        to=address(place, "watching"),
        done="Saved",
    )


@blueprint.route("/watching/<uuid:guardian_id>/answer", methods=["GET", "POST"])
@allow("guardian:write", shows="list")
def answer(reference: str, guardian_id: UUID) -> ResponseReturnValue:
    """Say that they were asked, agreed or said no."""
    place, guardian = _found(reference, guardian_id)
    form = AnswerForm(data={"version": str(guardian.version)})
    return take(
        form,
        lambda: guardians.answer_for_guardian(
            actor=current(),
            concern=place,
            guardian=guardian,
            state=GuardianState(form.said("state")),
            on=form.on.data,
            words=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(heading=f"What did {guardian.name} say?", button="Save"),
        page=lambda: around(place),
        to=address(place, "watching"),
        done="Saved",
    )


@blueprint.route("/watching/<uuid:guardian_id>/change", methods=["GET", "POST"])
@allow("guardian:write", shows="list")
def change(reference: str, guardian_id: UUID) -> ResponseReturnValue:
    """Put right who they are or how they are reached."""
    place, guardian = _found(reference, guardian_id)
    values = {field: getattr(guardian, field) for field in ("name", "role", "can", "contact")}
    form = GuardianForm(data=values | {"version": str(guardian.version)})
    form.offer_roles(current_policy(place.authority))
    return take(
        form,
        lambda: guardians.change_guardian(
            actor=current(),
            concern=place,
            guardian=guardian,
            name=form.said("name"),
            role=form.said("role"),
            can=form.said("can"),
            contact=form.said("contact"),
            version=form.seen_version,
        ),
        says=Words(heading=f"Put right: {guardian.name}", button="Save"),
        page=lambda: around(place),
        to=address(place, "watching"),
        done="Saved",
    )


@blueprint.route("/watching/<uuid:guardian_id>/end", methods=["GET", "POST"])
@allow("guardian:write", shows="list")
def end(reference: str, guardian_id: UUID) -> ResponseReturnValue:
    """Say that they watch no longer."""
    place, guardian = _found(reference, guardian_id)
    form = EndGuardianForm(data={"version": str(guardian.version)})
    return take(
        form,
        lambda: guardians.end_guardian(
            actor=current(),
            concern=place,
            guardian=guardian,
            words=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(heading=f"{guardian.name} watches no longer", button="Save"),
        page=lambda: around(place),
        to=address(place, "watching"),
        done="Saved",
    )


def _found(reference: str, guardian_id: UUID) -> tuple[Concern, Guardian]:
    place = place_to("guardian:write", reference)
    return place, places.find_guardian(concern_id=place.id, guardian_id=guardian_id) or abort(404)
