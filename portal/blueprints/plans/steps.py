"""An action that cannot go on, the second person who confirms that it is done, and what came of it."""

from collections.abc import Callable

from flask import Response, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.plans.blueprint import blueprint
from portal.blueprints.plans.looking import find, page_of
from portal.policy import current_policy
from portal.records.plans.action_steps import action_facts, block, confirm, give_effect
from portal.records.plans.forms import BlockForm, ConfirmForm, EffectForm, StepForm
from portal.records.plans.model import Action
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/actions/<reference>/blocked", methods=["GET", "POST"])
@allow("action:work", shows="child")
def blocked(reference: str) -> ResponseReturnValue:
    """Say that it cannot go on, and why."""
    record, form = find(reference), BlockForm()
    require(current(), "action:work", action_facts(current(), record))
    return take(
        record,
        form,
        "It is blocked",
        "Say that it is blocked",
        lambda: block(actor=current(), action=record, why=form.said("words"), version=form.seen_version),
    )


@blueprint.route("/actions/<reference>/confirm", methods=["GET", "POST"])
@allow("action:confirm", shows="child")
def confirm_done(reference: str) -> ResponseReturnValue:
    """Confirm, as the second person, that it is done."""
    record, form = find(reference), ConfirmForm()
    require(current(), "action:confirm", action_facts(current(), record))
    form.offer_effects(current_policy())
    return take(
        record,
        form,
        "Confirm that it is done",
        "Confirm",
        lambda: confirm(
            actor=current(),
            action=record,
            effect=form.said("effect") or None,
            words=form.said("words"),
            version=form.seen_version,
        ),
    )


@blueprint.route("/actions/<reference>/effect", methods=["GET", "POST"])
@allow("action:effect", shows="child")
def effect(reference: str) -> ResponseReturnValue:
    """Say what came of it."""
    record, form = find(reference), EffectForm()
    require(current(), "action:effect", action_facts(current(), record))
    form.offer_effects(current_policy())
    return take(
        record,
        form,
        "Say what came of it",
        "Save",
        lambda: give_effect(
            actor=current(),
            action=record,
            effect=form.said("effect"),
            words=form.said("words"),
            version=form.seen_version,
        ),
    )


def take(record: Action, form: StepForm, title: str, button: str, act: Callable[[], None]) -> Response:
    """The page of one step on an action, and taking it."""
    problem = None
    if not form.is_submitted():
        form.version.data = str(record.version)
    if form.validate_on_submit():
        try:
            with attempt():
                act()
        except DomainError as refused:
            problem = refused
        else:
            flash("Saved")
            return see_other(url_for("plans.action", reference=record.reference))
    return render(
        "plans/step.html", **page_of(record), form=form, problem=problem, title=title, button=button
    )
