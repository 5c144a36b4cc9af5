"""Naming somebody who could watch or act in a place, and saying what they answered."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.places.blueprint import blueprint
from portal.blueprints.places.looking import around, place_of
from portal.policy import current_policy
from portal.records.concerns.model import Concern
from portal.records.places import guardians
from portal.records.places.forms.keeping import AnswerForm, EndGuardianForm, GuardianForm, NameForm
from portal.records.places.guardians import place_facts
from portal.records.places.model.guardianship import Guardian
from portal.records.places.reading import guardianship
from portal.records.places.vocabulary import GuardianState
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/watching/new", methods=["GET", "POST"])
@allow("guardian:write", shows="list")
def name(reference: str) -> ResponseReturnValue:
    """Name somebody who could watch or act there."""
    place = _place(reference)
    form = NameForm()
    form.offer_roles(current_policy(place.authority))
    if not form.is_submitted():
        form.start()
    return _take(
        place,
        form,
        "Name somebody who could watch or act",
        "Name them",
        lambda: guardians.name_guardian(
            actor=current(),
            concern=place,
            **_said(form),
            state=GuardianState(form.said("state")),
            on=form.on.data,
            once=form.nonce,
        ),
    )


@blueprint.route("/watching/<uuid:guardian_id>/answer", methods=["GET", "POST"])
@allow("guardian:write", shows="list")
def answer(reference: str, guardian_id: UUID) -> ResponseReturnValue:
    """Say that they were asked, agreed or said no."""
    place, guardian = _found(reference, guardian_id)
    form = AnswerForm(data={"version": str(guardian.version)})
    return _take(
        place,
        form,
        f"What did {guardian.name} say?",
        "Save",
        lambda: guardians.answer_for_guardian(
            actor=current(),
            concern=place,
            guardian=guardian,
            state=GuardianState(form.said("state")),
            on=form.on.data,
            words=form.said("words"),
            version=form.seen_version,
        ),
    )


@blueprint.route("/watching/<uuid:guardian_id>/change", methods=["GET", "POST"])
@allow("guardian:write", shows="list")
def change(reference: str, guardian_id: UUID) -> ResponseReturnValue:
    """Put right who they are or how they are reached."""
    place, guardian = _found(reference, guardian_id)
    values = {field: getattr(guardian, field) for field in ("name", "role", "can", "contact")}
    form = GuardianForm(data=values | {"version": str(guardian.version)})
    form.offer_roles(current_policy(place.authority))
    return _take(
        place,
        form,
        f"Put right: {guardian.name}",
        "Save",
        lambda: guardians.change_guardian(
            actor=current(), concern=place, guardian=guardian, **_said(form), version=form.seen_version
        ),
    )


@blueprint.route("/watching/<uuid:guardian_id>/end", methods=["GET", "POST"])
@allow("guardian:write", shows="list")
def end(reference: str, guardian_id: UUID) -> ResponseReturnValue:
    """Say that they watch no longer."""
    place, guardian = _found(reference, guardian_id)
    form = EndGuardianForm(data={"version": str(guardian.version)})
    return _take(
        place,
        form,
        f"{guardian.name} watches no longer",
        "Save",
        lambda: guardians.end_guardian(
            actor=current(),
            concern=place,
            guardian=guardian,
            words=form.said("words"),
            version=form.seen_version,
        ),
    )


def _place(reference: str) -> Concern:
    place = place_of(reference)
    require(current(), "guardian:write", place_facts(current(), place))
    return place


def _found(reference: str, guardian_id: UUID) -> tuple[Concern, Guardian]:
    place = _place(reference)
    return place, guardianship.find_guardian(concern_id=place.id, guardian_id=guardian_id) or abort(404)


def _said(form: GuardianForm) -> dict[str, Any]:
    return {field: form.said(field) for field in ("name", "role", "can", "contact")}


def _take(place: Concern, form: Any, title: str, button: str, act: Callable[[], Any]) -> Response:
    """The page of one step on a guardian, and taking it."""
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                act()
        except DomainError as refused:
            problem = refused
        else:
            flash("Saved")
            return see_other(url_for("places.show", reference=place.reference, _anchor="watching"))
    return render("places/form.html", **around(place), form=form, problem=problem, title=title, button=button)
